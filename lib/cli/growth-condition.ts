import type { JsonGroup } from './json.ts'

/** What `--fail-on-growth` looks for: every word must match (`class=Session site=app/`). */
export interface GrowthCondition {
  /** As it was given. */
  readonly text: string
  readonly parts: readonly { readonly field: Field; readonly value: string }[]
}
type Field = (typeof FIELDS)[number]
const FIELDS = ['class', 'type', 'site', 'holder'] as const

/** The condition that any growing group meets. */
const ANY = 'any'

/**
 * Reads "class=Session", "site=app/models/ type=STRING" or "any". A value ends at the next ` field=`, so that class names
 * may hold spaces.
 * @returns undefined when it is none: the caller tells the usage.
 */
export function growthCondition(text: string): GrowthCondition | undefined {
  const trimmed = text.trim()
  if (trimmed === ANY) return { text: trimmed, parts: [] }
  const parts: { field: Field; value: string }[] = []
  for (const piece of trimmed.split(/\s+(?=(?:class|type|site|holder)=)/)) {
    const [, name, value] = /^([a-z]+)=(.+)$/s.exec(piece) ?? []
    const field = FIELDS.find((one) => one === name)
    if (field === undefined || value === undefined) return undefined
    parts.push({ field, value })
  }
  return { text: trimmed, parts }
}

/**
 * Groups that grew and match. "Grew" is the comparison's word: growing every time over three captures or more, or a
 * suspect; with two captures, more objects at the end than at the beginning beyond the noise.
 */
export function groupsThatMeet(condition: GrowthCondition, groups: readonly JsonGroup[]): JsonGroup[] {
  return groups.filter((group) => hasGrown(group) && condition.parts.every((part) => matches(group, part)))
}

/** A class and a type match as a whole, a site and a holder by what they contain. */
function matches(group: JsonGroup, { field, value }: GrowthCondition['parts'][number]): boolean {
  switch (field) {
    case 'class':
      return group.className === value
    case 'type':
      return group.type === value
    case 'site':
      return (group.site ?? '').includes(value)
    case 'holder':
      return (group.holder?.path.join(' → ') ?? '').includes(value)
  }
}

/** Fewer more objects than this are noise. */
const NOISE = 5

function hasGrown({ shape, suspect, counts }: JsonGroup): boolean {
  if (suspect || shape === 'growing every time') return true
  return counts.length === 2 && counts[1]! - counts[0]! > Math.max(NOISE, counts[0]! * 0.001)
}
