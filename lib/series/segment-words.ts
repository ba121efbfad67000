import { formatByteChange, formatBytes, formatDuration, formatShare } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import type { Rate, SegmentKind } from './reading.ts'
import { DAY_MS, type Season } from './season.ts'

/** What the words about a stretch are made of. */
export interface Said {
  readonly kind: SegmentKind
  readonly persistence: number
  /** Why it cannot be told. */
  readonly why?: string | undefined
  readonly rate: Rate | null
  readonly spanMs: number
  readonly warmUpMs: number
  readonly jumps: number
  readonly season: Season | null
  /** Milliseconds from the last sample until more can be said; null when that is open. */
  readonly decidableInMs: number | null
}

/** "+878.9 MiB/h (95 %: 871.2 MiB to 886.4 MiB)". */
export function formatRate(rate: Rate): string {
  const say = (value: number) => formatByteChange(bytes(value), Math.abs(value) >= 1024 ** 3 ? 2 : 1)
  return `${say(rate.value)}/h (95 %: ${say(rate.low)} to ${say(rate.high)})`
}

const formatRateShort = (value: number) => `${formatByteChange(bytes(value))}/h`

/** One or two sentences about a stretch. Growth is only ever said to be so "so far". */
export function segmentWords(said: Said): string {
  const { kind, persistence, why, rate } = said
  const span = formatDuration(milliseconds(said.spanMs))
  const after = `${
    said.warmUpMs > 0
      ? ` The first ${formatDuration(milliseconds(said.warmUpMs))} are left out as warm-up.`
      : ''
  }${said.season ? ` A daily cycle of ${formatBytes(bytes(said.season.swing))} is taken out.` : ''}`
  const isShort = said.spanMs < DAY_MS
  switch (kind) {
    case 'growing': {
      const capped = isShort
        ? ' Whether it levels off later, or is part of a daily cycle, cannot be told from so short a time.'
        : ''
      const verb = isShort ? 'Growing so far' : 'Growing steadily so far'
      return `${verb}: ${rate ? formatRate(rate) : ''} through ${span}, without slowing down.${after}${capped}`
    }
    case 'slowing':
      return `Growth slows: the second half rises at ${formatShare(Math.max(0, persistence))} of the first half’s rate. Looks like warm-up, a cache that fills, or fragmentation.${after}`
    case 'stepped':
      return `${said.jumps === 1 ? 'One jump' : `${said.jumps} jumps`}, flat between. Look at what ran at that moment.`
    case 'steady': {
      const visible =
        rate && rate.high > 0 ? ` Growth above ${formatRateShort(rate.high)} would have shown.` : ''
      return `No growth found through ${span}.${visible}${after}`
    }
    case 'cannot-tell': {
      const again =
        said.decidableInMs === null
          ? ''
          : ` If it goes on like this, about ${formatDuration(milliseconds(roughly(said.decidableInMs)))} more will tell.`
      return `Cannot tell yet: ${why ?? 'too little data'}.${again}${after}`
    }
  }
}

/** An estimate is not given to the second: two digits of the larger unit are plenty. */
function roughly(ms: number): number {
  const unit = ms >= 2 * 3600_000 ? 600_000 : ms >= 120_000 ? 60_000 : 1000
  return Math.max(unit, Math.ceil(ms / unit) * unit)
}
