import type { HeapSnapshot } from '#lib/heap/snapshot'

/** Ids stand in the address table as eight times themselves (lib/heap/snapshot.ts). */
const STEPS_AN_ID = 8

/**
 * The object at an address ("0x7f3c1a40", the digits alone will do) or with an id ("@12345"); null when there is none. Of
 * two at one address the later one. O(objects): it looks at every one, so that nothing has to be kept for it.
 */
export function findObject(snapshot: HeapSnapshot, key: string): number | null {
  const wanted = snapshot.keyKind === 'id' ? idOf(key) : addressOf(key)
  if (wanted === undefined) return null
  for (let object = snapshot.objects - 1; object >= 0; object--) {
    const slot = snapshot.slot[object]!
    if (slot !== 0xffffffff && snapshot.slots.address(slot) === wanted) return object
  }
  return null
}

function idOf(key: string): number | undefined {
  const digits = /^\s*@?(\d{1,15})\s*$/.exec(key)?.[1]
  return digits === undefined ? undefined : Number(digits) * STEPS_AN_ID
}

/** Objects stand at multiples of 8; an address inside of one is not looked for. */
function addressOf(key: string): number | undefined {
  const digits = /^\s*(?:0x)?([0-9a-f]{1,13})\s*$/i.exec(key)?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 16)
}
