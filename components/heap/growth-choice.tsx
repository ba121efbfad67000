import type { CaptureRow } from '#lib/investigation/rows'
import { formatShare } from '#lib/units/format'
import { isRuby } from './capture-words.tsx'
import { letterOf } from './letters.tsx'

/** A capture with the letter that it has in this room. */
export interface LetteredCapture {
  readonly letter: string
  readonly capture: CaptureRow
}

/** More than these are not chosen by themselves: the columns would not fit. */
const MOST_BY_DEFAULT = 8

/** All captures of the room by letter, in order. */
export const lettered = (captures: readonly CaptureRow[]): LetteredCapture[] =>
  captures.map((capture, at) => ({ letter: letterOf(at), capture }))

/**
 * What is compared: the captures that the address names, in the room's order; without any, the newest two or more that
 * belong together (same format, same process, whole heaps).
 */
export function chosenCaptures(all: readonly LetteredCapture[], asked: string | null): LetteredCapture[] {
  const ready = all.filter(({ capture }) => capture.state === 'ready')
  if (asked !== null) {
    const ids = new Set(asked.split(','))
    return ready.filter(({ capture }) => ids.has(capture.id))
  }
  const whole = ready.filter(({ capture }) => !capture.totals?.partial)
  const alike = (newest: LetteredCapture) => whole.filter(({ capture }) => isAlike(capture, newest.capture))
  // One that stands alone is no comparison: a profile that was attached last must not hide what grew.
  const newest = whole.findLast((one) => alike(one).length > 1) ?? whole.at(-1)
  return newest ? alike(newest).slice(-MOST_BY_DEFAULT) : []
}

const isAlike = (a: CaptureRow, b: CaptureRow): boolean => a.format === b.format && a.process === b.process

/** What to keep in mind about this choice, one sentence each. Facts about the captures; the comparison has its own. */
export function choiceRemarks(chosen: readonly LetteredCapture[]): string[] {
  const remarks: string[] = []
  const untraced = chosen.filter(({ capture }) => isRuby(capture) && capture.totals?.tracedShare === 0)
  const partial = chosen.filter(({ capture }) => capture.totals?.partial)
  const little = chosen.filter(({ capture }) => {
    const share = capture.totals?.tracedShare ?? 0
    return share > 0 && share < 0.2
  })
  const processes = new Set(chosen.map(({ capture }) => capture.process).filter((name) => name !== null))
  if (untraced.length > 0) {
    remarks.push(
      `Allocation tracing was off in ${letters(untraced)}: objects are told apart by class only, and an address that was used again cannot be noticed.`,
    )
  }
  for (const { letter, capture } of little) {
    remarks.push(
      `Only ${formatShare(capture.totals?.tracedShare ?? 0)} of the objects of ${letter} have an allocation site: tracing began late.`,
    )
  }
  if (partial.length > 0) {
    remarks.push(`Not the whole heap is in ${letters(partial)}: counts beside a full dump mislead.`)
  }
  if (processes.size > 1) {
    remarks.push(
      `These captures come from ${processes.size} processes: a difference between two of them is not growth over time.`,
    )
  }
  return remarks
}

/** "A", "A and B", "A, B and C". */
export function letters(captures: readonly LetteredCapture[]): string {
  const names = captures.map(({ letter }) => letter)
  const last = names.pop()
  if (last === undefined) return ''
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`
}
