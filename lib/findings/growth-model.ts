import type { BirthSpread } from './birth-spread.ts'
import type { GroupTable, Site } from './group-table.ts'
import type { GrowthShape } from './growth-shape.ts'
import type { IdentityEvidence } from './identity-evidence.ts'
import type { IdentityTable } from './identity-table.ts'
import type { OwnerTree } from './owner-tree.ts'

// What growth is computed from and what comes out: plain data. docs/spec/heap.md has the rules.

/** What growth needs of one capture. Give captures in the order of time. */
export interface GrowthCapture {
  readonly groups: GroupTable
  /** Absent: objects are not followed, only counted. */
  readonly identities?: IdentityTable | undefined
  /** Absent: nothing is said about who keeps what grew. */
  readonly owners?: OwnerTree | undefined
  /** Requests (or jobs, or iterations) that the process had served when it was taken. */
  readonly requests?: number | undefined
  /** When it was taken; with all times known, growth is told per hour too. */
  readonly takenAtMs?: number | undefined
  /** Which process it is of, as people say it (a name, a pid). Captures with different ones are not followed object by object. */
  readonly process?: string | undefined
  /** Resident memory of the process then, where somebody measured it: what is to be explained. */
  readonly rssBytes?: number | undefined
  /** What sites say; absent: where objects were allocated. */
  readonly siteKind?: 'allocation' | 'definition' | undefined
  /** Bytes between two samples of a sampled profile; absent: everything was recorded. */
  readonly sampledEvery?: number | undefined
}

/** Objects and bytes, per request or per hour. */
export interface Rate {
  readonly objects: number
  readonly bytes: number
}

/** How far a row or a suspect can be trusted, and why. */
export interface Confidence {
  readonly level: 'high' | 'medium' | 'low'
  readonly reason: string
}

/** A step of a path from the root. */
export interface OwnerStep {
  readonly name: string
  /** The reference that leads to it (a property, a variable), where the dump names it. */
  readonly edge: string | undefined
}

/**
 * What keeps growth alive: the deepest path of the owner tree that does not multiply itself while what it dominates
 * does. Arrays have one entry per capture.
 */
export interface Holder {
  /** "module AuditTrail → Array of 10,500". */
  readonly words: string
  /** From the root down, the holder last. */
  readonly path: readonly OwnerStep[]
  /** Objects at this path. */
  readonly counts: readonly number[]
  readonly retainedBytes: readonly number[]
  readonly retainedObjects: readonly number[]
  /** References that the largest of them holds: the length of a collection, nearly. */
  readonly references: readonly number[]
  /** Number of the path in the last capture's owner tree; absent when it has none. */
  readonly ownerPath: number | undefined
  /** Object index of the largest of them in the last capture. */
  readonly example: number | undefined
}

/** A part of a row's growth and who keeps it. */
export interface HeldShare {
  /** Index in `GrowthReport.holders`. */
  readonly holder: number
  /** Part of the row's growth (0…1). */
  readonly share: number
}

/** One group over the captures. */
export interface GrowthRow {
  readonly type: string
  readonly className: string
  /** Absent: not traced. */
  readonly site: Site | undefined
  /** Objects that were not traced are told apart by who keeps them: the owner in words. */
  readonly owner: string | undefined
  /** Per capture; also what the sparkline shows. */
  readonly counts: readonly number[]
  readonly bytes: readonly number[]
  /** Last minus first. */
  readonly countChange: number
  readonly bytesChange: number
  /** What would be freed with all objects of the row, per capture; absent when a capture has no retained sizes. */
  readonly retained: readonly number[] | undefined
  readonly shape: GrowthShape
  /** Why this shape, with the numbers. */
  readonly reason: string
  readonly isSuspect: boolean
  /** Index in `suspects`. */
  readonly suspect: number | undefined
  readonly confidence: Confidence
  /** This group's part of all bytes by which groups grew (0…1; 0 for groups that did not grow). */
  readonly shareOfGrowth: number
  /** Growth from first to last per request served between them; absent when the counts are not known. */
  readonly perRequest: Rate | undefined
  /** The same per hour; absent when the times are not known. */
  readonly perHour: Rate | undefined
  /** Who keeps what grew, the largest share first, at most HOLDERS_PER_ROW. */
  readonly heldBy: readonly HeldShare[]
  /** Further ones that are not listed. */
  readonly moreHolders: number
  /** When the new objects were made; absent when nothing dates them. */
  readonly births: BirthSpread | undefined
  /** What became of the single objects; absent when they cannot be followed. */
  readonly evidence: IdentityEvidence | undefined
  /** By what the ledger knows it again in other captures and rooms. */
  readonly fingerprint: string
}

/** Growth that is worth a person's look: the rows that one holder keeps, as one. */
export interface Suspect {
  readonly title: string
  readonly words: string
  /** Index in `GrowthReport.holders`; absent when nothing single keeps it. */
  readonly holder: number | undefined
  /** Indexes in `rows`, the largest growth first. */
  readonly rows: readonly number[]
  readonly shareOfGrowth: number
  readonly bytesChange: number
  readonly perRequest: Rate | undefined
  readonly perHour: Rate | undefined
  readonly confidence: Confidence
  readonly fingerprint: string
}

/** Something that looks expected to the machine. People decide. */
export interface Proposal {
  readonly fingerprint: string
  readonly title: string
  /** Why, with the numbers. */
  readonly reason: string
  /** Objects per capture up to which it is expected. */
  readonly bound: number | undefined
  /** Index in `rows`. */
  readonly row: number
}

/** What the suspects do not explain. */
export interface Unexplained {
  /** What was to be explained: the process's memory, or, when that is not known, the heap. */
  readonly of: 'rss' | 'heap'
  readonly grownBytes: number
  readonly bytes: number
  /** Of `grownBytes` (0…1). */
  readonly share: number
  readonly words: string
}

/** What grew between captures. */
export interface GrowthReport {
  readonly captures: number
  /** Objects and shallow bytes of the whole heap, per capture. */
  readonly objects: readonly number[]
  readonly bytes: readonly number[]
  /** Bytes by which groups grew from first to last, before the groups that shrank are taken off; without the allocation tracer's own table. */
  readonly grownBytes: number
  /** Suspects first, then by bytes of growth. Groups without any change are left out, and the tail beyond `maxRows`. */
  readonly rows: readonly GrowthRow[]
  /** Groups that changed, including those beyond `maxRows`. */
  readonly changedGroups: number
  readonly unchangedGroups: number
  readonly holders: readonly Holder[]
  /** Strongest first. */
  readonly suspects: readonly Suspect[]
  /** What the suspects explain of `grownBytes` (0…1). */
  readonly explainedShare: number
  readonly unexplained: Unexplained
  /** False: at least one restart lies between, addresses say nothing. */
  readonly isOneProcess: boolean
  readonly proposals: readonly Proposal[]
  /** One paragraph: what was compared and what came out, or what capture would decide. */
  readonly summary: string
  /** What limits this comparison, one sentence each. */
  readonly remarks: readonly string[]
  /** What would tell more next time, one sentence each. */
  readonly advice: readonly string[]
}

/** Holders named per row. */
export const HOLDERS_PER_ROW = 3
