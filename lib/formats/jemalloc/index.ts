import { UserError } from '#lib/errors/user-error'
import { StackBuilder } from '#lib/stacks/builder'
import type { StackMeasure, StackProfile } from '#lib/stacks/stack-profile'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { addressesOf, unsampling } from '../bytes/addresses.ts'
import { memoryMap } from '../bytes/memory-map.ts'
import { latin1, textLines } from '../bytes/text-lines.ts'
import { symbolReader } from '../gperftools/symbols.ts'
import type { StackFormat } from '../stack-format.ts'

const LABEL = 'jemalloc heap profile'
const HEADER = /^heap_v2\/(\d{1,15})\s*$/
/** "  t*: 1109: 1240789 [0: 0]": all threads together. "t0:" and so on repeat it per thread. */
const COUNTS = /^\s*t(\*|\d+):\s*(\d{1,16}):\s*(\d{1,18})\s*\[\s*(\d{1,16}):\s*(\d{1,18})\]\s*$/

/** What jemalloc writes with prof:true (heap_v2), also behind the names that `jeprof --raw` writes. */
export const jemalloc: StackFormat = {
  id: 'jemalloc',
  label: LABEL,
  readable: 'jemalloc heap profiles (heap_v2)',
  recognises: (head) => {
    const text = latin1(head)
    return /^heap_v2\/\d+\s*$/m.test(text) || /^--- symbol\s*$/m.test(text.slice(0, 200))
  },
  parse,
}

interface Record {
  readonly addresses: readonly number[]
  counts: readonly [number, number, number, number] | undefined
  /** Sum of the threads, for dumps whose "t*" line is lost. */
  threads: [number, number, number, number]
}

function parse(content: Uint8Array): StackProfile {
  const symbols = symbolReader()
  const map = memoryMap()
  const records: Record[] = []
  let period: number | undefined
  let totals: RegExpExecArray | undefined
  let isInMap = false
  let skipped = 0
  for (const line of textLines(content)) {
    if (period === undefined) {
      const header = HEADER.exec(line)
      if (header) period = Number(header[1])
      else if (!symbols.add(line) && line.trim() !== '') skipped++
      continue
    }
    if (isInMap) {
      map.add(line)
      continue
    }
    if (/^MAPPED_LIBRARIES:/.test(line)) isInMap = true
    else if (line.startsWith('@'))
      records.push({ addresses: addressesOf(line), counts: undefined, threads: [0, 0, 0, 0] })
    else if (line.trim() !== '') {
      const counts = COUNTS.exec(line)
      const record = records.at(-1)
      if (!counts) skipped++
      else if (record) addCounts(record, counts)
      else if (counts[1] === '*') totals = counts
    }
  }
  if (period === undefined) throw withoutNumbers(symbols.count)
  const complete = records.filter((record) => isComplete(record))
  const hasAllocated = complete.some((record) => countsOf(record)[3] > 0)
  const measures: StackMeasure[] = hasAllocated
    ? ['in-use-bytes', 'in-use-blocks', 'allocated-bytes', 'allocated-blocks']
    : ['in-use-bytes', 'in-use-blocks']
  const builder = new StackBuilder(measures)
  for (const record of complete)
    addRecord(builder, record, period, (addresses) => symbols.frameAt(map, addresses))
  const isMidway = content.at(-1) !== 0x0a || !isInMap || complete.length < records.length
  return builder.profile({
    producer: 'jemalloc',
    sampling: samplingOf(period),
    notes: {
      bytesRead: content.length,
      skipped: skipped + records.length - complete.length,
      truncated: isMidway,
      facts: [
        [
          'sampled in use',
          totals
            ? `${formatCount(Number(totals[2]))} blocks, ${formatBytes(bytes(Number(totals[3])))}`
            : 'not told',
        ],
        ['stacks', formatCount(records.length)],
        ...(symbols.binary === '' ? [] : ([['binary', symbols.binary]] as const)),
      ],
      remarks: remarks(symbols.count > 0, isMidway, hasAllocated, records.length === 0),
    },
  })
}

function addCounts(record: Record, match: RegExpExecArray): void {
  const counts = [Number(match[2]), Number(match[3]), Number(match[4]), Number(match[5])] as const
  if (match[1] === '*') record.counts = counts
  else for (const [at, count] of counts.entries()) record.threads[at] = (record.threads[at] ?? 0) + count
}

const countsOf = (record: Record): readonly [number, number, number, number] =>
  record.counts ?? record.threads
const isComplete = (record: Record): boolean =>
  countsOf(record).some((count) => count > 0) || record.counts !== undefined

function addRecord(
  builder: StackBuilder,
  record: Record,
  period: number,
  frameAt: (addresses: readonly [number, ...number[]]) => Parameters<StackBuilder['frame']>[0],
): void {
  // jemalloc's innermost address is where it stood itself; the others are where calls return to.
  const stack = record.addresses.map((address, depth) =>
    builder.frame(frameAt(depth === 0 ? [address, address - 1] : [address - 1, address])),
  )
  const [count, size, everCount, everSize] = countsOf(record)
  const used = unsampling(count, size, period)
  const ever = unsampling(everCount, everSize, period)
  builder.add(stack, 'live', {
    'in-use-blocks': Math.round(count * used),
    'in-use-bytes': Math.round(size * used),
    'allocated-blocks': Math.round(everCount * ever),
    'allocated-bytes': Math.round(everSize * ever),
  })
}

function samplingOf(period: number): StackProfile['sampling'] {
  if (period <= 1)
    return { isSampled: false, words: 'Exact: every allocation was recorded (lg_prof_sample:0).' }
  return {
    isSampled: true,
    periodBytes: period,
    words: `Sampled: one allocation every ${formatBytes(bytes(period))} on the average. Each stack is scaled by 1/(1−exp(−size/rate)), size being its average block, as jeprof does.`,
  }
}

/** Names without a profile: what `jeprof --raw` leaves of a profile that it cannot embed. */
function withoutNumbers(names: number): UserError {
  if (names === 0) return new UserError('format/empty', { format: LABEL })
  return new UserError('format/unknown', {
    looksLike: `This file has the names of ${formatCount(names)} addresses (jeprof --raw) but no numbers. Put both into one file: cat FILE.raw FILE.heap > both.heap.`,
    readable: 'jemalloc heap profiles with or without such names before them',
  })
}

function remarks(hasNames: boolean, isMidway: boolean, hasAllocated: boolean, isEmpty: boolean): string[] {
  const list: string[] = []
  if (isMidway) list.push('The file stops before its end: the process was killed while writing it.')
  if (isEmpty)
    list.push(
      'The profile has no stacks. Was prof_active on, and is lg_prof_sample small enough for this program?',
    )
  if (!hasNames)
    list.push(
      'The file has addresses but no function names. Stacks are shown as library and offset, which often is enough to blame a library. For names, on the machine of the program: jeprof --raw PROGRAM FILE > FILE.raw, then cat FILE.raw FILE > both.heap.',
    )
  if (!hasAllocated)
    list.push('What was allocated and freed again is not in this file (prof_accum:true adds it).')
  return list
}
