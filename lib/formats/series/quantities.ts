import { median } from '#lib/series/statistics'
import type { ImportContext, SeriesQuestion, SeriesUnitName } from './format.ts'

/** What a column's name says: our word for the quantity, its label, its unit where the name is sure of it. */
export interface Meaning {
  readonly name: string
  readonly label: string
  readonly unit: SeriesUnitName
  /** Is it one of the quantities that we know? */
  readonly known: boolean
}

/** Units that a column may be in, and how much of ours one is. "kB" and "MB" of Linux tools are KiB and MiB. */
export const UNIT_CHOICES = {
  bytes: { unit: 'bytes', factor: 1, label: 'bytes' },
  kib: { unit: 'bytes', factor: 1024, label: 'KiB' },
  mib: { unit: 'bytes', factor: 1024 ** 2, label: 'MiB' },
  gib: { unit: 'bytes', factor: 1024 ** 3, label: 'GiB' },
  pages: { unit: 'bytes', factor: 4096, label: 'pages of 4 KiB' },
  count: { unit: 'count', factor: 1, label: 'a plain count' },
  ratio: { unit: 'ratio', factor: 1, label: 'a ratio' },
} as const satisfies Record<string, { unit: SeriesUnitName; factor: number; label: string }>
export type UnitChoice = keyof typeof UNIT_CHOICES

const isChoice = (text: string | undefined): text is UnitChoice =>
  text !== undefined && Object.hasOwn(UNIT_CHOICES, text)

/** Column names without their unit, as they are met, and what they mean. First match wins. */
const KNOWN: readonly (readonly [RegExp, string, string, SeriesUnitName])[] = [
  [
    /^(process_resident_memory|process_memory_usage|rss|vmrss|res|resident|container_memory_rss|memory_rss|ruby_rss)$/,
    'rss',
    'RSS',
    'bytes',
  ],
  [
    /^(process_virtual_memory|process_memory_virtual|vsz|vsize|vmsize|virt|virtual|memory_vms)$/,
    'vsz',
    'Virtual size',
    'bytes',
  ],
  [/^(pss|proportional|memory_pss)$/, 'pss', 'PSS', 'bytes'],
  [/^(uss|private|memory_uss)$/, 'uss', 'USS', 'bytes'],
  [/^(rss_?anon|anonymous|anon)$/, 'rss-anon', 'RSS, anonymous', 'bytes'],
  [/^(rss_?file)$/, 'rss-file', 'RSS, files', 'bytes'],
  [/^(rss_?shmem)$/, 'rss-shmem', 'RSS, shared', 'bytes'],
  [/^(swap|vmswap|swap_used|memory_swap|swappss)$/, 'swap', 'Swap', 'bytes'],
  [/^(container_memory_working_set|working_set)$/, 'working-set', 'Working set', 'bytes'],
  [/^(memory_current|container_memory_usage|memory_usage|mem_usage)$/, 'memory', 'Memory', 'bytes'],
  [/^(memory|mem|used|mem_used|memory_used|usage)$/, 'memory', 'Memory', 'bytes'],
  [/^(ruby_)?heap_live_slots$/, 'heap-live-slots', 'Live slots', 'count'],
  [/^heap_allocated_pages$/, 'heap-committed', 'Heap, committed', 'bytes'],
  [
    /^(memsize_of_all|heap_live|heapused|heap_used|nodejs_heap_size_used|go_memstats_heap_alloc)$/,
    'heap-live',
    'Heap, live',
    'bytes',
  ],
  [
    /^(heap_committed|heaptotal|heap_total|nodejs_heap_size_total)$/,
    'heap-committed',
    'Heap, committed',
    'bytes',
  ],
  // Of the allocator: what it holds of freed memory, or two figures whose difference that is.
  [
    /^(allocator_held|malloc_free|((malloc|glibc)_)?(mallinfo2?_)?fordblks|tcmalloc_pageheap_free)$/,
    'allocator-held',
    'Allocator, held',
    'bytes',
  ],
  [/^jemalloc_(stats_)?resident$/, 'jemalloc-resident', 'jemalloc, resident', 'bytes'],
  [/^jemalloc_(stats_)?allocated$/, 'jemalloc-allocated', 'jemalloc, allocated', 'bytes'],
  [/^(malloc|glibc|((malloc|glibc)_)?mallinfo2?)_arena$/, 'malloc-arena', 'malloc, arenas', 'bytes'],
  [/^(malloc_used|((malloc|glibc)_)?(mallinfo2?_)?uordblks)$/, 'malloc-used', 'malloc, in use', 'bytes'],
  // Of a whole machine (sar).
  [/^kbmemused$/, 'host-used', 'Host memory, used', 'bytes'],
  [/^kbavail$/, 'host-available', 'Host memory, available', 'bytes'],
  [/^kbcommit$/, 'host-committed', 'Host memory, committed', 'bytes'],
  [/^kbswpused$/, 'host-swap', 'Host swap, used', 'bytes'],
  [/^malloc_increase$/, 'malloc-increase', 'Malloc since GC', 'bytes'],
  [/^(requests|requests_total|http_requests|http_requests_total|hits)$/, 'requests', 'Requests', 'count'],
  [/^(failures|failures_total|errors|errors_total|failed)$/, 'failures', 'Failures', 'count'],
  [/^(gc_count|gc_runs|gc_runs_total)$/, 'gc-count', 'GC runs', 'count'],
]

/** Every quantity that we know, once: what people choose from when they say what a series is. */
export const MEANINGS: readonly Omit<Meaning, 'known'>[] = [
  ...new Map(KNOWN.map(([, name, label, unit]) => [name, { name, label, unit }])).values(),
]
const LABELS: ReadonlyMap<string, string> = new Map(MEANINGS.map(({ name, label }) => [name, label]))
/** How a quantity that we know is called: rss → "RSS". */
export const meaningLabel = (name: string): string | undefined => LABELS.get(name)

const SUFFIX_UNITS: readonly (readonly [RegExp, UnitChoice])[] = [
  [/[_\s.(-]+(in_)?bytes\)?$/, 'bytes'],
  [/[_\s.-]*\((b|bytes)\)$/, 'bytes'],
  [/[_\s.(-]+(kb|kib|kbytes|kilobytes)\)?$/, 'kib'],
  [/[_\s.(-]+(mb|mib|mbytes|megabytes)\)?$/, 'mib'],
  [/[_\s.(-]+(gb|gib|gigabytes)\)?$/, 'gib'],
  [/[_\s.(-]+pages\)?$/, 'pages'],
]

/** The name without a unit at its end, and the unit if it has one: "rss_kb" → rss, kib. */
export function splitUnit(column: string): { bare: string; choice: UnitChoice | undefined } {
  const name = column.trim().toLowerCase()
  for (const [suffix, choice] of SUFFIX_UNITS) {
    const bare = name.replace(suffix, '')
    if (bare !== name && bare !== '') return { bare, choice }
  }
  return { bare: name, choice: undefined }
}

/** What a column or metric of this name measures. An unknown one keeps its name and is a count. */
export function meaningOf(column: string): Meaning {
  const { bare, choice } = splitUnit(column)
  const plain = bare.replace(/[\s.-]+/g, '_')
  for (const [pattern, name, label, unit] of KNOWN) {
    if (pattern.test(plain)) return { name, label, unit, known: true }
  }
  const unit = choice === undefined ? (/(ratio|percent|%)/.test(plain) ? 'ratio' : 'count') : 'bytes'
  return {
    name: plain.replaceAll('_', '-').slice(0, 60) || 'value',
    label: column.trim(),
    unit,
    known: false,
  }
}

/** Names of runtimes' own calls, which have never had another unit. */
const ALWAYS_BYTES = /^(memsize_of_all|malloc_increase|heapused|heaptotal|memory_current)$/i

/** Process memory is rarely outside of this: 1 MB to 4 TB. */
const PLAUSIBLE = { least: 1e6, most: 4e12 }

/**
 * The unit of a memory column: answered, then by its name, then by what its tool always writes, then by its size.
 * Asks when more than one size is plausible.
 */
export function unitOf(
  column: string,
  values: Float64Array,
  context: ImportContext,
  toolUnit?: UnitChoice,
): { choice: UnitChoice; question?: SeriesQuestion } {
  const id = `unit:${column}`
  const answer = context.answers[id]
  if (isChoice(answer)) return { choice: answer }
  const named =
    splitUnit(column).choice ?? toolUnit ?? (ALWAYS_BYTES.test(column.trim()) ? 'bytes' : undefined)
  const meaning = meaningOf(column)
  if (named) return { choice: named }
  if (meaning.unit !== 'bytes') return { choice: meaning.unit }

  const some = values.filter((value) => value > 0)
  if (some.length > 0 && some.every((value) => value % 4096 === 0)) return { choice: 'bytes' }
  const typical = median(some)
  const plausible = (['bytes', 'kib', 'mib', 'gib'] as const).filter((choice) => {
    const size = typical * UNIT_CHOICES[choice].factor
    return size >= PLAUSIBLE.least && size <= PLAUSIBLE.most
  })
  const suggested = plausible.find((choice) => choice === bySize(typical, some)) ?? plausible[0] ?? 'bytes'
  if (plausible.length < 2) return { choice: suggested }
  return {
    choice: suggested,
    question: {
      id,
      ask: `In what unit is “${column}”?`,
      options: plausible.map((value) => ({ value, label: UNIT_CHOICES[value].label })),
      suggested,
    },
  }
}

/** The likeliest unit of a process's memory written as a number of this size. */
function bySize(typical: number, values: Float64Array): UnitChoice {
  if (typical > 1e8) return 'bytes'
  if (typical >= 1e5) return 'kib'
  return values.every((value) => value % 4 === 0) && typical > 1e4 ? 'kib' : 'mib'
}
