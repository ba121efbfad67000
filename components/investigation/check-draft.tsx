import {
  type CheckedPart,
  type CheckedRange,
  type CheckKind,
  CheckPredicate,
  type GroupClaim,
  type Side,
} from '#lib/hypotheses/checks'

/** Units of a number of bytes in the form. */
export const AMOUNT_UNITS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const
export type AmountUnit = keyof typeof AMOUNT_UNITS
export const isAmountUnit = (text: string): text is AmountUnit => Object.hasOwn(AMOUNT_UNITS, text)

export type GroupBy = 'class' | 'site' | 'fingerprint'

/** What stands in the form: every field keeps its words while the kind is changed to and fro. */
export interface CheckDraft {
  readonly kind: CheckKind
  readonly part: CheckedPart
  readonly side: Side
  readonly percent: string
  readonly by: GroupBy
  readonly className: string
  /** "lib/audit_trail.rb:14" */
  readonly site: string
  readonly fingerprint: string
  /** What the row of the growth table is called. */
  readonly title: string
  /** '': the newest captures that belong together. */
  readonly process: string
  readonly measure: 'count' | 'bytes'
  readonly claim: GroupClaim['is']
  readonly amount: string
  readonly unit: AmountUnit
  readonly seriesId: string
  readonly counterId: string
  readonly experimentId: string
  readonly condition: 'A' | 'B'
  readonly metric: 'per-iteration' | 'per-hour'
  readonly range: CheckedRange
}

export const EMPTY_DRAFT: CheckDraft = {
  kind: 'place',
  part: 'native',
  side: 'over',
  percent: '70',
  by: 'class',
  className: '',
  site: '',
  fingerprint: '',
  title: '',
  process: '',
  measure: 'count',
  claim: 'grows-every-time',
  amount: '',
  unit: 'MiB',
  seriesId: '',
  counterId: '',
  experimentId: '',
  condition: 'A',
  metric: 'per-iteration',
  range: null,
}

/** A field of the form that a sentence is about. */
export type DraftField = keyof CheckDraft
export type Read =
  | { readonly predicate: CheckPredicate; readonly problems: ReadonlyMap<DraftField, string> }
  | { readonly predicate: null; readonly problems: ReadonlyMap<DraftField, string> }

/** Which field an issue of the schema belongs to. */
const FIELDS: readonly (readonly [path: RegExp, field: DraftField])[] = [
  [/^percent/, 'percent'],
  [/className$/, 'className'],
  [/^group\.(file|line)$/, 'site'],
  [/^group\.(fingerprint|title)$/, 'fingerprint'],
  [/^claim/, 'amount'],
  [/^bytes/, 'amount'],
  [/^seriesId/, 'seriesId'],
  [/^counterId/, 'counterId'],
  [/^experimentId/, 'experimentId'],
  [/^range/, 'range'],
]

/** What the form says as a predicate, or what is wrong with it by field. Pure. */
export function readDraft(draft: CheckDraft): Read {
  const read = CheckPredicate.safeParse(wanted(draft))
  if (read.success) return { predicate: read.data, problems: new Map() }
  const problems = new Map<DraftField, string>()
  for (const { path, message } of read.error.issues) {
    const name = path.map(String).join('.')
    const field = FIELDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'kind'
    if (!problems.has(field)) problems.set(field, message)
  }
  return { predicate: null, problems }
}

function wanted(draft: CheckDraft): unknown {
  const { kind, side, range } = draft
  const bytes = numberOf(draft.amount) * AMOUNT_UNITS[draft.unit]
  switch (kind) {
    case 'place':
      return { kind, part: draft.part, side, percent: numberOf(draft.percent), range }
    case 'group':
      return {
        kind,
        group: groupOf(draft),
        process: draft.process === '' ? null : draft.process,
        measure: draft.measure,
        claim: claimOf(draft, bytes),
      }
    case 'rate':
      return { kind, seriesId: draft.seriesId, side, bytesPerHour: bytes, range }
    case 'per-thousand':
      return { kind, seriesId: draft.seriesId, counterId: draft.counterId, side, bytes, range }
    case 'experiment-rate': {
      const { experimentId, condition, metric } = draft
      return { kind, experimentId, condition, metric, side, bytes }
    }
    case 'experiment-reproduced':
      return { kind, experimentId: draft.experimentId }
    case 'outages':
      return { kind, range }
  }
}

function groupOf({ by, className, site, fingerprint, title }: CheckDraft): unknown {
  if (by === 'class') return { by, className }
  if (by === 'fingerprint') return { by, fingerprint, title }
  const [, file = site, line] = /^(.*?):(\d{1,7})$/.exec(site.trim()) ?? []
  return { by, file: fileTail(file), line: line === undefined ? null : Number(line) }
}

function claimOf({ claim, measure, amount }: CheckDraft, bytes: number): unknown {
  if (claim !== 'over' && claim !== 'under') return { is: claim }
  return { is: claim, amount: measure === 'count' ? numberOf(amount) : bytes }
}

/** "/srv/releases/7/app/lib/audit_trail.rb" → "app/lib/audit_trail.rb": a deploy goes into another folder. */
export const fileTail = (file: string): string =>
  file
    .trim()
    .split('/')
    .filter((part) => part !== '')
    .slice(-3)
    .join('/')

/** "10", "1,5", "10 000" → a number; NaN when it is none, or nothing. */
function numberOf(text: string): number {
  const plain = text.replace(/\s/g, '').replace(',', '.')
  return plain === '' ? Number.NaN : Number(plain)
}

/** A predicate as the form shows it, to change it. */
export function draftOf(predicate: CheckPredicate): CheckDraft {
  const draft = { ...EMPTY_DRAFT, kind: predicate.kind }
  switch (predicate.kind) {
    case 'place':
      return { ...draft, ...predicate, percent: String(predicate.percent) }
    case 'group': {
      const { group, process, measure, claim } = predicate
      const said = 'amount' in claim ? (measure === 'count' ? plain(claim.amount) : sized(claim.amount)) : {}
      return { ...draft, ...named(group), process: process ?? '', measure, claim: claim.is, ...said }
    }
    case 'rate': {
      const { seriesId, side, range } = predicate
      return { ...draft, seriesId, side, range, ...sized(predicate.bytesPerHour) }
    }
    case 'per-thousand': {
      const { seriesId, counterId, side, range } = predicate
      return { ...draft, seriesId, counterId, side, range, ...sized(predicate.bytes) }
    }
    case 'experiment-rate': {
      const { experimentId, condition, metric, side } = predicate
      return { ...draft, experimentId, condition, metric, side, ...sized(predicate.bytes) }
    }
    case 'experiment-reproduced':
      return { ...draft, experimentId: predicate.experimentId }
    case 'outages':
      return { ...draft, range: predicate.range }
  }
}

function named(group: Extract<CheckPredicate, { kind: 'group' }>['group']): Partial<CheckDraft> {
  if (group.by !== 'site') return group
  return { by: 'site', site: group.line === null ? group.file : `${group.file}:${group.line}` }
}

const plain = (amount: number) => ({ amount: String(amount) })

/** In the largest unit in which it needs no more than three digits after the point. */
function sized(bytes: number): { amount: string; unit: AmountUnit } {
  const units: AmountUnit[] = ['GiB', 'MiB', 'KiB']
  for (const unit of units) {
    const amount = bytes / AMOUNT_UNITS[unit]
    if (amount >= 1 && Number.isInteger(amount * 1000)) return { amount: String(amount), unit }
  }
  return { amount: String(bytes), unit: 'B' }
}
