import type { MetricSamples } from '#lib/formats/series/metrics'
import { firstAtOrAfter, type Samples } from '#lib/series/samples'

type Labels = Readonly<Record<string, string>>

/** When processes were started, in seconds since 1970: what client libraries and cAdvisor export. */
const START_TIMES = new Set(['process_start_time_seconds', 'container_start_time_seconds'])
export const isStartTime = (metric: string): boolean => START_TIMES.has(metric)

/** Labels whose value alone says whose memory it is, in the order in which they are shown. */
const TELLING = [
  ...['process', 'process_name', 'process.executable.name', 'service.name', 'job', 'app', 'service'],
  ...[
    'k8s.pod.name',
    'pod',
    'k8s.container.name',
    'container.name',
    'container',
    'name',
    'instance',
    'host.name',
  ],
]
const PIDS = ['process.pid', 'process_id', 'pid']
const INSTANCE = 'service.instance.id'
/** Attributes of a resource that say how it is made, not which it is. */
const ABOUT =
  /^(telemetry\.|os\.|host\.(arch|id)|process\.(command|runtime|executable|owner|parent)|service\.version|service\.instance\.id)/

/** Whose memory a set of labels is of. */
export interface LiveProcess {
  /** "shop · a:9100 · space=old": all labels that may tell two series apart but those of one life, at most 120 characters. */
  readonly base: string
  /** What names this life of it: its pid, or the id that an instance gives itself. '' when nothing does. */
  readonly key: string
  /** A number for the life: the pid, or one above all pids. 0 when it is not known. */
  readonly id: number
}

/** Every container's first process has this pid: it names nobody. */
const PID_OF_ALL = 1
/** Linux gives no pid above this. */
const LARGEST_PID = 2 ** 22

export function liveProcess(labels: Labels): LiveProcess {
  const told = TELLING.flatMap((name) => labels[name] || [])
  const rest = Object.entries(labels)
    .filter(
      ([name, value]) => value !== '' && !TELLING.includes(name) && !PIDS.includes(name) && !ABOUT.test(name),
    )
    .map(([name, value]) => `${name}=${value}`)
    .sort()
  const whole = [...new Set(told), ...rest].join(' · ')
  const base =
    whole.length <= 120 ? whole : `${whole.slice(0, 110)}…${hashOf(whole).toString(16).padStart(8, '0')}`
  const pid = pidOf(labels)
  if (pid > PID_OF_ALL) return { base, key: `pid ${pid}`, id: pid }
  const instance = labels[INSTANCE]
  if (!instance) return { base, key: '', id: 0 }
  const id = LARGEST_PID + (hashOf(instance) % (2 ** 31 - LARGEST_PID))
  return { base, key: `instance ${instance.slice(0, 100)}`, id }
}

/** "web", "web · 2": one that runs beside another of the same name. */
export const nameOfSlot = (base: string, slot: number): string =>
  slot === 0 ? base : [base, String(slot + 1)].filter((part) => part !== '').join(' · ')

function pidOf(labels: Labels): number {
  const pid = Number(PIDS.map((name) => labels[name]).find((value) => value !== undefined) ?? 0)
  return Number.isInteger(pid) && pid > 0 && pid < 2 ** 31 ? pid : 0
}

/** FNV-1a of 32 bits: keeps two long names apart that begin alike. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/**
 * The start times of the process that these labels are of: all labels of the start time have to agree, and the one that
 * says most counts. Undefined when none does, or when two say as much.
 */
export function startTimesOf(labels: Labels, starts: readonly MetricSamples[]): Samples | undefined {
  const agreeing = starts
    .filter((one) => Object.entries(one.labels).every(([name, value]) => labels[name] === value))
    .sort((a, b) => Object.keys(b.labels).length - Object.keys(a.labels).length)
  const [best, next] = agreeing
  if (!best || (next && Object.keys(next.labels).length === Object.keys(best.labels).length)) return undefined
  return { t: best.t.values(), v: best.v.values() }
}

/** The start time that was known at each moment, whole seconds; 0 before the first. Times are in order. O(n log n). */
export function startsAt({ t, v }: Samples, moments: Float64Array): Float64Array {
  return moments.map((at) => {
    const next = firstAtOrAfter(t, at)
    const known = t[next] === at ? next : next - 1
    return known < 0 ? 0 : Math.max(0, Math.round(v[known]!))
  })
}
