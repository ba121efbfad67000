import { isIPv4, isIPv6 } from 'node:net'

/** What stands for an address that no header names: all such requests share one budget. */
const UNKNOWN = 'unknown'

/**
 * The network that a request came from, as limits count it: an IPv4 address, or the /64 of an IPv6 address (one customer
 * has at least that many). It is the last entry of X-Forwarded-For: the one that our own proxy wrote, whatever the browser
 * sent before it. Without a proxy the node itself writes the header (lib/server/node.ts), so nobody can choose hers.
 */
export function addressOf(headers: Headers): string {
  const last = headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? ''
  return networkOf(withoutPort(last))
}

/** "203.0.113.7:4711" and "[2001:db8::1]:4711" as some proxies write them. */
const withoutPort = (entry: string): string =>
  entry.match(/^(\d+\.\d+\.\d+\.\d+):\d+$/)?.[1] ?? entry.match(/^\[(.*)\](?::\d+)?$/)?.[1] ?? entry

function networkOf(address: string): string {
  // A socket that listens on IPv6 too shows IPv4 peers like this (RFC 4291, 2.5.5.2).
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (isIPv4(plain)) return plain
  if (!isIPv6(plain)) return UNKNOWN
  const [head = '', tail = ''] = plain.toLowerCase().split('::')
  const first = head === '' ? [] : head.split(':')
  const rest = tail === '' ? [] : tail.split(':')
  const zeros = plain.includes('::') ? Math.max(0, 8 - first.length - rest.length) : 0
  const groups = [...first, ...Array<string>(zeros).fill('0'), ...rest]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
