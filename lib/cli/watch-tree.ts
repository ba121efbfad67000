import { readdirSync, readFileSync } from 'node:fs'

/** Memory of a process and everything that it started, at one moment. Sizes in bytes. */
export interface TreeSample {
  readonly rss: number
  /** Private memory; null where the kernel does not tell (before 4.5). */
  readonly anon: number | null
  readonly swap: number
  /** Shared pages divided among those who share them; null when it was not asked for or may not be read. */
  readonly pss: number | null
  readonly processes: number
}

interface Stat {
  readonly parent: number
  /** In ticks since the machine started: with the pid it names a process for good. */
  readonly startedAt: number
}

/**
 * A process and its descendants, read from /proc. Who was seen below it once stays in the tree while it lives, also when its
 * parent dies (a server that puts itself into the background). One look costs about 20 µs per process of the machine.
 */
export class ProcessTree {
  readonly root: number
  readonly #proc: string
  readonly #members = new Map<number, number>()

  /** `proc` is /proc, but for tests. */
  constructor(root: number, proc = '/proc') {
    this.root = root
    this.#proc = proc
    const stat = this.#stat(root)
    if (stat) this.#members.set(root, stat.startedAt)
  }

  /** Is this system one with /proc? */
  static isPossible(proc = '/proc'): boolean {
    return text(`${proc}/self/stat`) !== null || text(`${proc}/uptime`) !== null
  }

  /** Memory now; null when none of the tree lives. `withPss` walks page tables: expensive, not every second. */
  sample(withPss: boolean): TreeSample | null {
    const pids = this.#living()
    if (pids.length === 0) return null
    let rss = 0
    let anon: number | null = 0
    let swap = 0
    let pss: number | null = withPss ? 0 : null
    for (const pid of pids) {
      const status = text(`${this.#proc}/${pid}/status`)
      // Ended just now, or a zombie: it has no memory.
      const resident = status === null ? null : kibibytes(status, 'VmRSS')
      if (status === null || resident === null) continue
      rss += resident
      const own = kibibytes(status, 'RssAnon')
      anon = anon === null || own === null ? null : anon + own
      swap += kibibytes(status, 'VmSwap') ?? 0
      if (pss !== null) {
        const rollup = text(`${this.#proc}/${pid}/smaps_rollup`)
        const share = rollup === null ? null : kibibytes(rollup, 'Pss')
        pss = share === null ? null : pss + share
      }
    }
    return { rss, anon, swap, pss, processes: pids.length }
  }

  #living(): number[] {
    const stats = new Map<number, Stat>()
    for (const name of readdirSync(this.#proc)) {
      const pid = Number(name)
      const stat = Number.isInteger(pid) && pid > 0 ? this.#stat(pid) : null
      if (stat) stats.set(pid, stat)
    }
    // A pid that somebody else has got meanwhile is not ours.
    for (const [pid, startedAt] of this.#members)
      if (stats.get(pid)?.startedAt !== startedAt) this.#members.delete(pid)
    for (let grew = true; grew; ) {
      grew = false
      for (const [pid, { parent, startedAt }] of stats) {
        if (this.#members.has(pid) || !this.#members.has(parent)) continue
        this.#members.set(pid, startedAt)
        grew = true
      }
    }
    return [...this.#members.keys()]
  }

  #stat(pid: number): Stat | null {
    const line = text(`${this.#proc}/${pid}/stat`)
    if (line === null) return null
    // The name in parentheses may hold anything, also parentheses and spaces.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    // An ended child that nobody has asked about is no living process.
    if (fields[0] === 'Z' || fields[0] === 'X') return null
    return { parent: Number(fields[1]), startedAt: Number(fields[19]) }
  }
}

function text(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null
  }
}

/** "VmRSS:	   46776 kB" → bytes. What /proc calls kB is 1,024 bytes. */
function kibibytes(status: string, name: string): number | null {
  const [, number] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? []
  return number === undefined ? null : Number(number) * 1024
}
