const DAY_MS = 86_400_000

/** Clock times of one log as moments: a clock that goes back by more than half a day has passed midnight. */
export class WallClock {
  private day: number
  private before = 0

  /** @param day midnight of the first time's day, epoch milliseconds as if in UTC */
  constructor(day: number) {
    this.day = day
  }

  /** @param ofDay milliseconds since midnight. @returns epoch milliseconds as if in UTC */
  at(ofDay: number): number {
    if (ofDay < this.before - DAY_MS / 2) this.day += DAY_MS
    this.before = ofDay
    return this.day + ofDay
  }
}

/** The day in sysstat's first line, "Linux 6.1 (host) 	2026-11-23 	_x86_64_"; American by locale: 11/23/2026 or 11/23/26. */
export function dayOf(line: string): number | undefined {
  const iso = /(\d{4})-(\d{2})-(\d{2})/.exec(line)
  if (iso) return Date.UTC(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]))
  const american = /(\d{2})\/(\d{2})\/(\d{2,4})/.exec(line)
  if (!american) return undefined
  const year = Number(american[3])
  return Date.UTC(year < 100 ? 2000 + year : year, Number(american[1]) - 1, Number(american[2]))
}

/** Midnight of the day of a moment, as if in UTC. */
export const midnightOf = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS
