import { BlockList, isIP } from 'node:net'

/**
 * Where this server may connect to on behalf of people: `public` addresses only; `loopback`, this machine too; `private`,
 * its own networks too. Which one holds is the operator's choice (docs/decisions/014).
 */
export type AddressPolicy = 'public' | 'loopback' | 'private'

/** What the environment allows. Unset: this machine as well, as long as only people on this machine can reach us. */
export function policyOf(environment: {
  readonly ALLOW_PRIVATE_SOURCES?: boolean | undefined
  readonly HOST: string
  readonly BASE_URL?: string | undefined
}): AddressPolicy {
  const { ALLOW_PRIVATE_SOURCES: allowed, HOST, BASE_URL } = environment
  if (allowed !== undefined) return allowed ? 'private' : 'public'
  const isOurs = ['127.0.0.1', '::1', 'localhost'].includes(HOST) && BASE_URL === undefined
  return isOurs ? 'loopback' : 'public'
}

type Subnet = readonly [network: string, prefix: number]
const listOf = (v4: readonly Subnet[], v6: readonly Subnet[]): BlockList => {
  const list = new BlockList()
  for (const [network, prefix] of v4) list.addSubnet(network, prefix, 'ipv4')
  for (const [network, prefix] of v6) list.addSubnet(network, prefix, 'ipv6')
  return list
}

/**
 * Never a Prometheus, whatever the operator allows: addresses at which clouds hand out credentials to whoever asks from
 * inside (AWS, Google, Azure; AWS over IPv6; Alibaba; Oracle; Azure's wire server), and the rest of link-local.
 */
const METADATA = listOf(
  [
    ['169.254.0.0', 16],
    ['100.100.100.200', 32],
    ['192.0.0.192', 32],
    ['168.63.129.16', 32],
  ],
  [
    ['fe80::', 10],
    ['fd00:ec2::', 32],
  ],
)
const LOOPBACK = listOf([['127.0.0.0', 8]], [['::1', 128]])
/** RFC 1918, carriers' shared space (RFC 6598), unique local and the older site-local addresses. */
const PRIVATE = listOf(
  [
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['100.64.0.0', 10],
  ],
  [
    ['fc00::', 7],
    ['fec0::', 10],
  ],
)
/** No host is there: "this network", protocol assignments, documentation, benchmarks, multicast, reserved, broadcast, tunnels. */
const NOWHERE = listOf(
  [
    ['0.0.0.0', 8],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ],
  [
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['3fff::', 20],
  ],
)
/** What is global unicast at all (RFC 4291); the rest of IPv6 is none of the above and reserved. */
const GLOBAL = listOf([], [['2000::', 3]])
/** IPv6 addresses that carry an IPv4 one in their last 32 bits, which is where they lead: RFC 4291 and RFC 6052. */
const CARRIES_V4 =
  /^(?:(?:0{0,4}:){2,6}ffff:|64:ff9b::)(?:(\d+\.\d+\.\d+\.\d+)|([\da-f]{1,4}):([\da-f]{1,4}))$/i

/**
 * Why this address must not be connected to, in words that follow "is"; undefined when it may. Anything that is no address
 * is refused.
 */
export function refusedAddress(address: string, policy: AddressPolicy): string | undefined {
  const carried = v4Inside(address)
  if (carried) return refusedAddress(carried, policy)
  const family = isIP(address)
  if (family === 0) return 'no address'
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  if (METADATA.check(address, kind)) return 'a link-local or cloud metadata address'
  if (LOOPBACK.check(address, kind)) return policy === 'public' ? 'this machine itself' : undefined
  if (PRIVATE.check(address, kind)) return policy === 'private' ? undefined : 'a private address'
  if (NOWHERE.check(address, kind)) return 'a reserved address'
  return family === 6 && !GLOBAL.check(address, kind) ? 'a reserved address' : undefined
}

function v4Inside(address: string): string | undefined {
  const found = CARRIES_V4.exec(address)
  if (!found) return undefined
  const [, dotted, high = '', low = ''] = found
  if (dotted) return dotted
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16)
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.')
}
