/** One life of a process, as its sender names it ("pid 7"). Times are epoch milliseconds. */
export interface SlotLife {
  readonly key: string
  readonly from: number
  readonly to: number
  /** The sender said that it ended. */
  readonly ended: boolean
}
/** Lives that follow each other, oldest first: one series. */
export type Slot = readonly SlotLife[]

/** What a request holds of one life. */
export interface Sighting {
  readonly key: string
  readonly from: number
  readonly to: number
  readonly ended: boolean
}

/** Older lives of a slot are forgotten: samples that come later than so many restarts are a new process. */
const MOST_LIVES = 50

/**
 * Puts processes that differ in nothing but their pid (or instance id) into slots: one after the other they are lives of one
 * series, side by side they are several series. A new process takes the slot of one that was not seen since, in the
 * order in which they ended; one that comes back while another has its slot goes elsewhere. Late samples find the life that they
 * are of, so a repeated request changes nothing. Pure. O(sightings × slots).
 *
 * @returns the slots afterwards, and the slot of each sighting, in the order of `sightings`
 */
export function placeInSlots(
  before: readonly Slot[],
  sightings: readonly Sighting[],
): { readonly slots: readonly Slot[]; readonly placed: readonly number[] } {
  const slots = before.map((slot) => [...slot])
  const placed: number[] = sightings.map(() => -1)
  // What ended makes room for what came at the same moment.
  const order = [...sightings.keys()].sort(
    (a, b) =>
      sightings[a]!.from - sightings[b]!.from || Number(sightings[b]!.ended) - Number(sightings[a]!.ended),
  )
  for (const index of order) {
    const seen = sightings[index]!
    const known = slotOf(slots, seen)
    if (known >= 0) {
      extend(slots[known]!, seen)
      placed[index] = known
      continue
    }
    // What this request still holds of a life, later in its order, shows that the life goes on.
    const alive = new Set(sightings.filter(({ to }) => to >= seen.from).map(({ key }) => key))
    const free = freeSlot(slots, seen, alive)
    const slot = free >= 0 ? slots[free]! : []
    slot.push({ key: seen.key, from: seen.from, to: seen.to, ended: seen.ended })
    if (slot.length > MOST_LIVES) slot.shift()
    if (free < 0) slots.push(slot)
    placed[index] = free >= 0 ? free : slots.length - 1
  }
  return { slots, placed }
}

/** The slot whose last life it is, or an older life that was not followed by another yet at that time; -1: none. */
function slotOf(slots: readonly (readonly SlotLife[])[], { key, from }: Sighting): number {
  return slots.findIndex((slot) =>
    slot.some((life, i) => life.key === key && (i === slot.length - 1 || from < slot[i + 1]!.from)),
  )
}

function extend(slot: SlotLife[], { key, from, to, ended }: Sighting): void {
  const at = slot.findLastIndex((life) => life.key === key)
  const life = slot[at]!
  const goesOn = to > life.to
  slot[at] = {
    key,
    from: Math.min(life.from, from),
    to: Math.max(life.to, to),
    // After a failed scrape the same process comes back.
    ended: goesOn || (ended && to === life.to) ? ended : life.ended,
  }
}

/** The slot whose life is over: told so, else silent since before; among several the one that was heard last. */
function freeSlot(
  slots: readonly (readonly SlotLife[])[],
  seen: Sighting,
  alive: ReadonlySet<string>,
): number {
  let best = -1
  for (const [i, slot] of slots.entries()) {
    const last = slot[slot.length - 1]
    if (!last || last.key === seen.key) continue
    const isOver = last.ended ? last.to <= seen.from : last.to < seen.from && !alive.has(last.key)
    if (!isOver) continue
    const other = best < 0 ? undefined : slots[best]!.at(-1)
    if (!other || rank(last) > rank(other)) best = i
  }
  return best
}

const rank = ({ ended, to }: SlotLife): number => (ended ? 1e15 : 0) + to
