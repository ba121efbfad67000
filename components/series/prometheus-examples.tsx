/** A query to begin with. */
export interface QueryExample {
  readonly name: string
  readonly query: string
  /** What it measures, and what to beware of. */
  readonly about: string
}

export const EXAMPLES: readonly QueryExample[] = [
  {
    name: 'A process',
    query: 'process_resident_memory_bytes{job="shop"}',
    about: 'RSS as the client libraries export it, of each process of a job.',
  },
  {
    name: 'A container',
    query: 'container_memory_working_set_bytes{namespace="shop",container!=""}',
    about:
      'What Kubernetes evicts by. It counts files that were read lately, too, and so rises without any leak: look at container_memory_rss beside it.',
  },
  {
    name: 'A whole machine',
    query: 'node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes',
    about: 'From node_exporter: all that is in use, whoever uses it.',
  },
]

/** A trap that this query may be, in words; undefined when we know of none. */
export function trapIn(query: string): string | undefined {
  if (query.includes('container_memory_working_set_bytes')) {
    return 'The working set counts files that were read lately. If only it rises and container_memory_rss does not, nothing leaks.'
  }
  if (query.includes('container_memory_usage_bytes')) {
    return 'This counts the whole page cache, which fills whatever is free. Take container_memory_rss.'
  }
  if (/process_virtual_memory_bytes|_vsize/.test(query)) {
    return 'Virtual size is address space, most of which is never memory. Take process_resident_memory_bytes.'
  }
  return undefined
}
