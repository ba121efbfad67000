import { formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import type { CheckedGroup, CheckedPart, CheckedRange, CheckPredicate, PredicateOf, Side } from './checks.ts'

/** What a predicate names by id only. Gone ones are undefined. */
export interface CheckNames {
  /** "RSS shop" */
  series(id: string): string | undefined
  experiment(
    id: string,
  ): { readonly number: number; readonly labelA: string; readonly labelB: string } | undefined
}

/** Parts of memory in the middle of a sentence. */
export const PART_WORDS: Record<CheckedPart, string> = {
  native: 'native',
  managed: 'managed',
  fragmentation: 'fragmentation',
  'file-backed': 'file-backed',
}

/** A predicate as people read it, without a full stop: "Native share of the growth over 70 %". */
export function checkSentence(predicate: CheckPredicate, names: CheckNames): string {
  switch (predicate.kind) {
    case 'place': {
      const { part, side, percent, range } = predicate
      const whose = part === 'fragmentation' ? 'Fragmentation’s' : capital(PART_WORDS[part])
      return `${whose} share of the growth ${side} ${formatShare(percent / 100)}${rangeWords(range)}`
    }
    case 'group':
      return groupSentence(predicate)
    case 'rate': {
      const name = seriesName(names.series(predicate.seriesId))
      return `${name} grows by ${moreThan(predicate.side)} ${amount(predicate.bytesPerHour)}/h${rangeWords(predicate.range)}`
    }
    case 'per-thousand': {
      const { seriesId, counterId, side, range } = predicate
      const counter = seriesName(names.series(counterId))
      return `${seriesName(names.series(seriesId))} grows by ${moreThan(side)} ${amount(predicate.bytes)} per 1,000 of ${counter}${rangeWords(range)}`
    }
    case 'experiment-rate': {
      const { condition, metric, side } = predicate
      const experiment = names.experiment(predicate.experimentId)
      const label = condition === 'A' ? experiment?.labelA : experiment?.labelB
      const per = metric === 'per-iteration' ? ' per iteration' : '/h'
      return `${experimentName(experiment)}: ${moreThan(side)} ${amount(predicate.bytes)}${per} with “${label ?? condition}”`
    }
    case 'experiment-reproduced': {
      const experiment = names.experiment(predicate.experimentId)
      return `${experimentName(experiment)}: it grows with “${experiment?.labelA ?? 'A'}” and not with “${experiment?.labelB ?? 'B'}”`
    }
    case 'outages':
      return `It grows faster inside of the marked outages than outside${rangeWords(predicate.range)}`
  }
}

function groupSentence({ group, process, measure, claim }: PredicateOf<'group'>): string {
  const what = `${measure === 'count' ? 'Count' : 'Bytes'} of ${groupName(group)}`
  const whose = process === null || process === '' ? '' : ` in ${process}`
  const isOne = measure === 'count'
  switch (claim.is) {
    case 'grows-every-time':
      return `${what} ${isOne ? 'grows' : 'grow'} every time${whose}`
    case 'does-not-grow':
      return `${what} ${isOne ? 'does' : 'do'} not grow${whose}`
    default: {
      const bound = measure === 'count' ? formatCount(claim.amount) : amount(claim.amount)
      return `${what} ${claim.is} ${bound} in the last capture${whose}`
    }
  }
}

/** "AuditTrail::Entry", "objects from app/lib/audit_trail.rb:14". Hostile text: show it isolated. */
export function groupName(group: CheckedGroup): string {
  switch (group.by) {
    case 'class':
      return group.className
    case 'site':
      return `objects from ${group.file}${group.line === null ? '' : `:${group.line}`}`
    case 'fingerprint':
      return group.title
  }
}

/** "1,064 B", "1.5 MiB": small sizes keep their last byte, they are compared with what code asks for. */
export const amount = (size: number): string =>
  Math.abs(size) < 10_000 ? `${formatCount(size).replace('-', '−')} B` : formatBytes(bytes(size))

const moreThan = (side: Side): string => (side === 'over' ? 'more than' : 'less than')
const seriesName = (name: string | undefined): string => name ?? 'A memory graph that is gone'
const experimentName = (experiment: { readonly number: number } | undefined): string =>
  experiment ? `Experiment ${experiment.number}` : 'An experiment that is gone'
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The same for every reader, wherever she sits. */
function rangeWords(range: CheckedRange): string {
  if (range === null) return ''
  const [from, to] = [time(range.from), time(range.to)]
  const isOneDay = from.slice(0, 10) === to.slice(0, 10)
  return `, ${from} to ${isOneDay ? to.slice(11) : to} UTC`
}
const time = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')
