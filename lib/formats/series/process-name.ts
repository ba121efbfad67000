/** Labels whose value alone says whose memory it is, in the order in which they are shown. */
const TELLING = [
  ...['process', 'process_name', 'process.executable.name', 'service.name', 'job', 'app', 'service'],
  ...['namespace', 'k8s.pod.name', 'pod', 'k8s.container.name', 'container.name', 'container'],
  ...['name', 'instance', 'host.name'],
]
const PIDS = ['process.pid', 'process_id', 'pid']
const LONGEST = 120

/** The process that labels name by its pid; 0: none. */
export const pidIn = (labels: Readonly<Record<string, string>>): number => {
  const pid = Number(PIDS.map((name) => labels[name]).find((value) => value !== undefined) ?? 0)
  return Number.isInteger(pid) && pid > 0 && pid < 2 ** 31 ? pid : 0
}

/**
 * "shop · a:9100 · pid 7 · space=old": all labels, so that two sets of labels never have the same name. At most 120
 * characters; what is longer ends in a hash of the whole.
 */
export function processName(labels: Readonly<Record<string, string>>): string {
  const told = TELLING.flatMap((name) => labels[name] || [])
  const pid = pidIn(labels)
  const rest = Object.entries(labels)
    .filter(([name, value]) => value !== '' && !TELLING.includes(name) && !(pid > 0 && PIDS.includes(name)))
    .map(([name, value]) => `${name}=${value}`)
    .sort()
  const whole = [...new Set(told), ...(pid > 0 ? [`pid ${pid}`] : []), ...rest].join(' · ')
  return whole.length <= LONGEST ? whole : `${whole.slice(0, LONGEST - 10)}…${hashOf(whole)}`
}

/** FNV-1a of 32 bits, eight hexadecimal digits: keeps two long names apart that begin alike. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
