import { visible } from '#components/heap/raw-text'
import type { FlameAnswer } from '#lib/reports/stack-questions'
import type { StackSummary } from '#lib/reports/stack-report'
import { kindWords, type StackKind } from '#lib/stacks/stack-profile'
import { formatByteChange, formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'

/** "1.5 MiB", or "1,234" where blocks are counted. */
export const amount = (value: number, isBytes: boolean): string =>
  isBytes ? formatBytes(bytes(value)) : formatCount(value)

/** "+1.5 MiB", "−12". */
export function change(value: number, isBytes: boolean): string {
  if (isBytes) return formatByteChange(bytes(value))
  return value > 0 ? `+${formatCount(value)}` : formatCount(value).replace('-', '−')
}

/** "definitely lost"; "everything" for all kinds. */
export const kindName = (kind: StackKind | 'all'): string => (kind === 'all' ? 'everything' : kindWords(kind))

/** Where a frame's code stands: "leakyclient.c:36 · driver.v2". */
export function framePlace({ file, line, library }: FlameAnswer['boxes'][number]['frame']): string {
  const source = file === '' ? '' : line > 0 ? `${file}:${line}` : file
  return [source, library].filter((part) => part !== '').join(' · ')
}

/** One box in a sentence, for its tooltip and for those who hear it. */
export function boxWords(
  box: FlameAnswer['boxes'][number],
  { sum, isBytes, words }: Pick<FlameAnswer, 'sum' | 'isBytes' | 'words'>,
): string {
  const share = sum > 0 ? `, ${formatShare(box.value / sum)}` : ''
  const since =
    box.earlier === null ? '' : `, ${change(box.value - box.earlier, isBytes)} since the earlier capture`
  const place = framePlace(box.frame)
  return `${visible(box.frame.name)}${place === '' ? '' : ` (${visible(place)})`}: ${amount(box.value, isBytes)}${isBytes ? '' : ` ${words}`}${share}${since}`
}

/** "3.0 MiB in 3,001 blocks": what one kind comes to, in the measures that the capture has. */
export function kindAmount({ totals }: StackSummary['kinds'][number], summary: StackSummary): string {
  const parts: string[] = []
  const has = (measure: StackSummary['measures'][number]) => summary.measures.includes(measure)
  if (has('in-use-bytes')) parts.push(formatBytes(bytes(totals['in-use-bytes'])))
  else if (has('allocated-bytes')) parts.push(formatBytes(bytes(totals['allocated-bytes'])))
  if (has('in-use-blocks')) parts.push(`${formatCount(totals['in-use-blocks'])} ${summary.blockWord}`)
  else if (has('allocated-blocks'))
    parts.push(`${formatCount(totals['allocated-blocks'])} ${summary.blockWord}`)
  return parts.join(' in ')
}
