import type { CaptureRow } from '#lib/investigation/rows'
import type { CaptureProgress } from '#lib/realtime/protocol'
import { formatBytes, formatCount, formatDuration, formatShare } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'

const STAGES: Record<CaptureProgress['stage'], string> = {
  uploading: 'uploading',
  hashing: 'checking the file',
  unpacking: 'unpacking',
  reading: 'reading objects',
  linking: 'linking references',
  dominators: 'finding out what keeps what alive',
  grouping: 'grouping by class, site and owner',
  columns: 'storing the object graph',
  storing: 'storing the tables',
}

/** "Jo is uploading · 286.0 of 450.0 MiB · 21.4 MiB/s · 8 s left". Whoever uploads is named; reading is the server's. */
export function progressWords(progress: CaptureProgress): string {
  const { stage, bytesDone, bytesTotal, bytesPerSecond } = progress
  const isUpload = stage === 'uploading'
  const parts = [isUpload && progress.userName ? `${progress.userName} is uploading` : STAGES[stage]]
  if (bytesTotal !== null) parts.push(`${formatBytes(bytes(bytesDone))} of ${formatBytes(bytes(bytesTotal))}`)
  else if (bytesDone > 0) parts.push(formatBytes(bytes(bytesDone)))
  if (bytesPerSecond > 0) {
    parts.push(`${formatBytes(bytes(bytesPerSecond))}/s`)
    const left = bytesTotal === null ? 0 : ((bytesTotal - bytesDone) / bytesPerSecond) * 1000
    if (left >= 1000) parts.push(`${formatDuration(milliseconds(left))} left`)
  }
  return parts.join(' · ')
}

/** What the list says about a capture that nobody reports on at the moment. */
export function stateWords(capture: CaptureRow): string {
  switch (capture.state) {
    case 'uploading':
      return 'No bytes are coming in. If the upload was interrupted, attach the same file again: it goes on where it stopped.'
    case 'queued':
      return 'Waits to be read.'
    case 'reading':
      return 'Is being read.'
    case 'failed':
      return capture.problem ?? 'It could not be read.'
    case 'cancelled':
      return 'Was cancelled.'
    case 'ready':
      return ''
  }
}

/** "2,104,118 objects · 421.3 MiB heap · read in 1.2 s". */
export function totalsWords(capture: CaptureRow): string {
  const { totals } = capture
  if (!totals) return `${formatBytes(bytes(capture.size))} file`
  const isStacks = totals.kind === 'stacks'
  return [
    // Some profiles know bytes only.
    ...(isStacks && totals.objects === 0
      ? []
      : [`${formatCount(totals.objects)} ${isStacks ? 'blocks' : 'objects'}`]),
    `${formatBytes(bytes(totals.shallowBytes))} ${isStacks ? 'allocated' : 'heap'}`,
    `read in ${formatReadTime(totals.readMs)}`,
  ].join(' · ')
}

/** "840 ms", "1.2 s", "2 min 3 s". */
export const formatReadTime = (ms: number): string =>
  ms >= 1000 && ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(milliseconds(ms))

/** Formats are told apart by their label in the room's rows. */
export const isRuby = ({ format }: Pick<CaptureRow, 'format'>): boolean => format?.startsWith('Ruby') ?? false

/** What a person should know about a capture before she trusts it, short enough for a badge. */
export function captureRemarks(
  capture: CaptureRow,
): { readonly words: string; readonly title: string; readonly isWarning: boolean }[] {
  const { totals } = capture
  if (!totals) return []
  const remarks = []
  if (totals.kind === 'stacks') {
    remarks.push({
      words: 'allocation stacks',
      title: 'Who allocated what, by call stack. Compared with other profiles, not with heaps.',
      isWarning: false,
    })
  }
  if (totals.partial) {
    remarks.push({
      words: 'partial',
      title: 'Not the whole heap is in this dump, so counts cannot be compared with a full one.',
      isWarning: true,
    })
  }
  if (totals.skippedLines > 0) {
    const words = `${formatCount(totals.skippedLines)} ${totals.skippedLines === 1 ? 'line' : 'lines'} skipped`
    remarks.push({
      words,
      title: 'These lines could not be read. Its page says where they are.',
      isWarning: true,
    })
  }
  // Only where tracing is a thing of the format, and can be switched on.
  if (totals.kind === 'stacks' || (totals.tracedShare === 0 && !isRuby(capture))) return remarks
  remarks.push(
    totals.tracedShare > 0
      ? {
          words: `${formatShare(totals.tracedShare)} traced`,
          title: 'Share of objects whose allocation site is known.',
          isWarning: false,
        }
      : {
          words: 'not traced',
          title: 'Allocation tracing was off, so there are classes but no allocation sites.',
          isWarning: true,
        },
  )
  return remarks
}
