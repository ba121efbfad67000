import { UserError } from '#lib/errors/user-error'
import { StackBuilder, type StackValues } from '#lib/stacks/builder'
import type { StackMeasure, StackProfile } from '#lib/stacks/stack-profile'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { addressesOf, unsampling } from '../bytes/addresses.ts'
import { memoryMap } from '../bytes/memory-map.ts'
import { latin1, textLines } from '../bytes/text-lines.ts'
import type { StackFormat } from '../stack-format.ts'
import { goFrame } from './go-frame.ts'
import { symbolReader } from './symbols.ts'

const LABEL = 'gperftools heap profile'
/** "heap profile:   5034:  2098168 [  7054:  4183838] @ heapprofile". */
const HEADER = /^heap profile:\s*(\d+):\s*(\d+)\s*\[\s*(\d+):\s*(\d+)\]\s*@\s*([\w]*)(?:\/(\d+))?/m
const RECORD = /^\s*(-?\d{1,16}):\s*(-?\d{1,18})\s*\[\s*(\d{1,16}):\s*(\d{1,18})\]\s*@(.*)$/

/** Text heap profiles of tcmalloc (HEAPPROFILE, pprof/heap), and of Go with debug=1. */
export const gperftools: StackFormat = {
  id: 'gperftools',
  label: LABEL,
  readable: 'gperftools heap profiles (text), also of Go with debug=1',
  recognises: (head) => HEADER.test(latin1(head)),
  parse,
}

interface Record {
  readonly inUse: readonly [count: number, size: number]
  readonly allocated: readonly [count: number, size: number]
  readonly addresses: readonly number[]
  /** Frames that Go writes below the record, innermost first; empty elsewhere. */
  readonly named: ReturnType<typeof goFrame>[]
}

function parse(content: Uint8Array): StackProfile {
  const records: Record[] = []
  const map = memoryMap()
  const symbols = symbolReader()
  let header: RegExpExecArray | null = null
  let isInMap = false
  let skipped = 0
  let lastLine = ''
  for (const line of textLines(content)) {
    lastLine = line
    if (!header) {
      if (!symbols.add(line)) header = HEADER.exec(line)
      continue
    }
    if (isInMap) map.add(line)
    else if (/^\s*MAPPED_LIBRARIES:/.test(line)) isInMap = true
    else if (line.startsWith('#')) {
      const frame = goFrame(line)
      if (frame) records.at(-1)?.named.push(frame)
    } else if (line.trim() !== '') {
      const record = recordOf(line)
      if (record) records.push(record)
      else skipped++
    }
  }
  if (!header) throw new UserError('format/empty', { format: LABEL })
  const sampling = samplingOf(header[5] ?? '', Number(header[6] ?? 0))
  const hasAllocated = records.some(({ allocated, inUse }) => allocated[1] !== 0 && allocated[1] !== inUse[1])
  const builder = new StackBuilder(measures(hasAllocated))
  for (const record of records) {
    const { addresses, named } = record
    const stack =
      named.length > 0
        ? named.map((frame) => builder.frame(frame ?? { name: '(unknown)' }))
        : // Addresses are where a call returns to: the call itself stands before.
          addresses.map((address) => builder.frame(symbols.frameAt(map, [address - 1, address])))
    builder.add(stack, 'live', values(record, sampling.period))
  }
  const isGo = records.some(({ named }) => named.length > 0)
  const isCutInLine = content.at(-1) !== 0x0a && !isInMap && !lastLine.startsWith('#')
  const isMidway = isCutInLine || (skipped === 0 && isLess(records, Number(header[2]), Number(header[4])))
  return builder.profile({
    producer: isGo ? 'Go' : 'gperftools',
    blockWord: isGo ? 'objects' : 'blocks',
    sampling:
      sampling.period > 1
        ? { isSampled: true, periodBytes: sampling.period, words: sampling.words }
        : { isSampled: false, words: sampling.words },
    notes: {
      bytesRead: content.length,
      skipped,
      truncated: isMidway,
      facts: [
        ['kind', header[5] || 'heap'],
        [
          'recorded in use',
          `${formatCount(Number(header[1]))} blocks, ${formatBytes(bytes(Number(header[2])))}`,
        ],
        ['stacks', formatCount(records.length)],
      ],
      remarks: remarks(isGo || symbols.count > 0, hasAllocated, isMidway, records.length === 0),
    },
  })
}

/** The header says how much all records come to. */
const isLess = (records: readonly Record[], inUse: number, allocated: number): boolean =>
  records.reduce((sum, record) => sum + record.inUse[1], 0) < inUse ||
  records.reduce((sum, record) => sum + record.allocated[1], 0) < allocated

const measures = (hasAllocated: boolean): StackMeasure[] =>
  hasAllocated
    ? ['in-use-bytes', 'in-use-blocks', 'allocated-bytes', 'allocated-blocks']
    : ['in-use-bytes', 'in-use-blocks']

function recordOf(line: string): Record | undefined {
  const match = RECORD.exec(line)
  if (!match) return undefined
  return {
    inUse: [Number(match[1]), Number(match[2])],
    allocated: [Number(match[3]), Number(match[4])],
    addresses: addressesOf(match[5] ?? ''),
    named: [],
  }
}

/** legacy_profile.go of pprof: "heap" counts twice its rate; "heapprofile" records every block. */
function samplingOf(kind: string, rate: number): { period: number; words: string } {
  const period = /^heapz?_v2$/.test(kind) ? rate : kind === 'heap' ? Math.floor(rate / 2) : 1
  if (period > 1)
    return {
      period,
      words: `Sampled: one allocation every ${formatBytes(bytes(period))} on the average. Each stack is scaled by 1/(1−exp(−size/rate)), size being its average block.`,
    }
  return { period: 1, words: 'Exact: every allocation was recorded.' }
}

function values({ inUse, allocated }: Record, period: number): StackValues {
  const used = unsampling(inUse[0], inUse[1], period)
  const ever = unsampling(allocated[0], allocated[1], period)
  return {
    'in-use-blocks': Math.round(inUse[0] * used),
    'in-use-bytes': Math.round(inUse[1] * used),
    'allocated-blocks': Math.round(allocated[0] * ever),
    'allocated-bytes': Math.round(allocated[1] * ever),
  }
}

function remarks(hasNames: boolean, hasAllocated: boolean, isMidway: boolean, isEmpty: boolean): string[] {
  const list: string[] = []
  if (isMidway)
    list.push(
      'The file stops before its end: its records are fewer than its first line says. Was the process killed while writing it?',
    )
  if (isEmpty)
    list.push(
      'The profile has no stacks. Was the process started with HEAPPROFILE set, or sampling turned on?',
    )
  if (!hasNames)
    list.push(
      'The file has addresses but no function names. Stacks are shown as library and offset; "pprof -proto PROGRAM FILE" on the machine of the program gives a file with names.',
    )
  if (!hasAllocated) list.push('What was allocated and freed again is not in this file.')
  return list
}
