import { UserError } from '#lib/errors/user-error'
import { StackBuilder, type StackValues } from '#lib/stacks/builder'
import type { StackMeasure, StackProfile } from '#lib/stacks/stack-profile'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import type { StackFormat } from '../stack-format.ts'
import { type PprofLocation, type PprofMessage, readMessage, readSample } from './message.ts'
import { recognisesPprof } from './recognise.ts'

const LABEL = 'pprof profile'

/** Allocation and goroutine profiles in pprof's protobuf: Go, and whatever was converted to it. */
export const pprof: StackFormat = {
  id: 'pprof',
  label: LABEL,
  readable: 'pprof heap profiles (protobuf)',
  recognises: (head) => recognisesPprof(head),
  parse,
}

function parse(content: Uint8Array): StackProfile {
  const message = readMessage(content)
  const columns = measureColumns(message)
  if (columns.length === 0) throw notAllocations(message)
  const builder = new StackBuilder(columns.map(({ measure }) => measure))
  const frames = frameReader(message, builder)
  let skipped = 0
  let hasNegative = false
  // What samples refer to stands behind them in the file: where it is missing, the file stops early.
  let isShort = message.isBroken || lacksStrings(message)
  for (let at = 0; at < message.samples.length; at += 2) {
    const sample = readSample(content, message.samples[at]!, message.samples[at + 1]!)
    if (!sample || sample.values.length < message.sampleTypes.length) {
      skipped++
      continue
    }
    const values: StackValues = {}
    for (const { measure, column } of columns) {
      const value = sample.values[column]!
      if (value < 0) hasNegative = true
      values[measure] = value
    }
    const stack: number[] = []
    for (const id of sample.locations) for (const frame of frames(id)) stack.push(frame)
    isShort ||= sample.locations.some((id) => !message.locations.has(id))
    builder.add(stack, 'live', values)
  }
  if (builder.nodes === 1 && message.isBroken)
    throw new UserError('format/truncated', { format: LABEL, offset: bytes(content.length) })
  return builder.profile({
    producer: isGo(message) ? 'Go' : 'pprof',
    blockWord: blockWord(message),
    sampling: sampling(message),
    notes: {
      bytesRead: content.length,
      skipped,
      truncated: isShort,
      facts: facts(message),
      remarks: remarks(message, columns, hasNegative, isShort),
    },
  })
}

interface MeasureColumn {
  readonly measure: StackMeasure
  readonly column: number
  readonly name: string
}

/** Things that a count profile of Go's runtime counts: they are in use, and have no bytes. */
const COUNTED = new Set(['goroutine', 'goroutines', 'threadcreate'])

/** Which of the file's columns are bytes or blocks, in use or allocated. Columns of time are none of ours. */
function measureColumns({ sampleTypes, strings }: PprofMessage): MeasureColumn[] {
  const found: MeasureColumn[] = []
  for (const [column, { type, unit }] of sampleTypes.entries()) {
    const name = strings.at(type).toLowerCase()
    const measure = measureOf(name, strings.at(unit).toLowerCase())
    if (measure && !found.some((other) => other.measure === measure)) found.push({ measure, column, name })
  }
  return found
}

function measureOf(name: string, unit: string): StackMeasure | undefined {
  const isAllocated = name.includes('alloc')
  if (unit === 'bytes' || unit === 'byte') return isAllocated ? 'allocated-bytes' : 'in-use-bytes'
  if (unit !== 'count' && unit !== 'objects' && unit !== '') return undefined
  if (COUNTED.has(name)) return 'in-use-blocks'
  if (isAllocated) return 'allocated-blocks'
  return /object|inuse|live|space|block/.test(name) ? 'in-use-blocks' : undefined
}

/** A profile of something else, or of nothing. */
function notAllocations(message: PprofMessage): UserError {
  if (message.sampleTypes.length === 0) return new UserError('format/empty', { format: LABEL })
  const names = message.sampleTypes.map(({ type }) => message.strings.at(type)).filter((name) => name !== '')
  const what = names.slice(0, 4).join(', ').slice(0, 100) || 'nothing that is named'
  return new UserError('format/unknown', {
    looksLike: `This is a pprof profile of ${what}, which says nothing of memory.`,
    readable: 'heap, allocs and goroutine profiles of pprof',
  })
}

const NO_FRAMES: readonly number[] = []

/** Frames of a location, innermost first: its inlined functions, or its place in the binary. Kept, for samples repeat them. */
function frameReader(
  message: PprofMessage,
  builder: StackBuilder,
): (locationId: number) => readonly number[] {
  const known = new Map<number, readonly number[]>()
  const { locations, functions, mappings, strings } = message
  const unsymbolised = ({ mappingId, address }: PprofLocation): number => {
    const mapping = mappings.get(mappingId)
    const object = mapping ? strings.at(mapping.file) : ''
    if (!mapping || object === '')
      return builder.frame({ name: address === 0 ? '(unknown)' : `0x${address.toString(16)}` })
    const offset = Math.max(0, address - mapping.start + mapping.offset)
    return builder.frame({
      name: `${object.slice(object.lastIndexOf('/') + 1)}+0x${offset.toString(16)}`,
      object,
    })
  }
  return (locationId) => {
    const found = known.get(locationId)
    if (found) return found
    const location = locations.get(locationId)
    if (!location) return NO_FRAMES
    const mapping = mappings.get(location.mappingId)
    const object = mapping ? strings.at(mapping.file) : ''
    const frames = location.lines.flatMap(({ functionId, line }) => {
      const called = functions.get(functionId)
      if (!called) return []
      return builder.frame({
        name: strings.at(called.name) || '(unknown)',
        file: strings.at(called.file),
        line,
        object,
      })
    })
    const answer = frames.length > 0 ? frames : [unsymbolised(location)]
    known.set(locationId, answer)
    return answer
  }
}

/** Are there functions or types whose names the file does not have? */
function lacksStrings({ functions, locations, sampleTypes, strings }: PprofMessage): boolean {
  for (const { type, unit } of sampleTypes) if (Math.max(type, unit) >= strings.count) return true
  for (const { name, file } of functions.values()) if (Math.max(name, file) >= strings.count) return true
  for (const { lines } of locations.values())
    for (const { functionId } of lines) if (!functions.has(functionId)) return true
  return false
}

const isGo = (message: PprofMessage): boolean => {
  let looked = 0
  for (const { file } of message.functions.values()) {
    if (message.strings.at(file).endsWith('.go')) return true
    if (++looked > 50) break
  }
  return false
}

function blockWord({ sampleTypes, strings }: PprofMessage): string {
  const first = strings.at(sampleTypes[0]?.type ?? 0)
  if (first.startsWith('goroutine')) return 'goroutines'
  return first === 'threadcreate' ? 'threads' : 'objects'
}

function sampling(message: PprofMessage): StackProfile['sampling'] {
  if (isCountOnly(message)) return { isSampled: false, words: 'Exact: every one was counted.' }
  if (message.period <= 1)
    return message.period === 1
      ? { isSampled: false, words: 'Exact: every allocation was recorded (rate 1).' }
      : {
          isSampled: true,
          words: 'The file does not say whether allocations were sampled; its numbers are shown as they are.',
        }
  return {
    isSampled: true,
    periodBytes: message.period,
    words: `Sampled: one allocation every ${formatBytes(bytes(message.period))} on the average; the numbers are scaled up by the program that wrote them.`,
  }
}

const isCountOnly = ({ sampleTypes, strings }: PprofMessage): boolean =>
  sampleTypes.every(({ type }) => COUNTED.has(strings.at(type).toLowerCase()))

function facts(message: PprofMessage): [string, string][] {
  const { strings, sampleTypes } = message
  const list: [string, string][] = [
    ['columns', sampleTypes.map(({ type, unit }) => `${strings.at(type)}/${strings.at(unit)}`).join(', ')],
    ['samples', formatCount(message.samples.length / 2)],
  ]
  const binary = message.mappings.get(1)
  if (binary && binary.file > 0) list.push(['binary', strings.at(binary.file)])
  if (message.defaultSampleType > 0) list.push(['made to be read as', strings.at(message.defaultSampleType)])
  for (const comment of message.comments.slice(0, 5)) list.push(['comment', strings.at(comment)])
  return list
}

function remarks(
  message: PprofMessage,
  columns: readonly MeasureColumn[],
  hasNegative: boolean,
  isShort: boolean,
): string[] {
  const list: string[] = []
  if (isShort)
    list.push('The file stops before its end, or is damaged; what stands behind that place is missing.')
  if (isCountOnly(message))
    list.push(
      'This profile counts goroutines or threads and has no bytes: a goroutine that waits for ever keeps its stack and all that it refers to.',
    )
  if (hasNegative)
    list.push('Some numbers are below zero: this is a difference of two profiles, not what a process held.')
  if (!isCountOnly(message) && columns.every(({ measure }) => measure.startsWith('allocated')))
    list.push(
      'The profile tells what was allocated, not what is still in use: growth of it is no growth of memory.',
    )
  let unnamed = 0
  for (const { lines } of message.locations.values()) if (lines.length === 0) unnamed++
  if (unnamed > 0)
    list.push(
      `${formatCount(unnamed)} of ${formatCount(message.locations.size)} places have no function names; convert the file with "pprof -proto PROGRAM FILE" where the program is.`,
    )
  return list
}
