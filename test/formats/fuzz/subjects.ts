import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeForeign } from '#lib/formats/foreign'
import { SNIFF_BYTES } from '#lib/formats/format'
import { HEAP_FORMATS, heapFormatOf } from '#lib/formats/index'
import { importSeries } from '#lib/formats/series-index'
import { readStacks } from '#lib/formats/stack-index'
import { memprofDump } from '#test/build/memprof-dump'
import { rubyFixture } from '#test/build/ruby-dump'
import { SERIES_TEXTS } from '#test/build/series-texts'
import { STACK_FILES, stackFile } from '#test/build/stack-files'
import { v8Fixture } from '#test/build/v8-snapshot'
import { checkedHeap, checkedSeries, checkedStacks } from './checks.ts'
import { smallProfile, smallSnapshot } from './drawn-files.ts'

/** What came of a file. */
export interface Reading {
  /** How much of it there is: objects, bytes of all stacks, points. */
  readonly amount: number
  /** Does the result say that something is missing? */
  readonly isLossSaid: boolean
}

/** A file to damage, and what reads it. */
export interface Subject {
  readonly name: string
  /** Those of one family share a process. */
  readonly family: string
  content(): Uint8Array
  /** @throws UserError when there is nothing to show. Anything else that it throws is a bug. */
  read(content: Uint8Array): Reading
  /** Is what stands before `end` a whole file too, only shorter, so that nobody can tell? */
  isWholeAt(content: Uint8Array, end: number): boolean
  /** How much more than others one round costs. */
  readonly weight: number
}

/** As an upload is read: told by its front, in pieces of odd sizes. The format is fixed, so that its reader is what is tried. */
function readHeap(id: string): Subject['read'] {
  return (content) => {
    const format = HEAP_BY_ID.get(id)
    if (!format) throw new Error(`no format ${id}`)
    heapFormatOf(content.subarray(0, 4096), 'capture')
    const scanner = format.scanner({ plainBytes: content.length })
    for (let at = 0; at < content.length; at += PIECE) scanner.feed(content.subarray(at, at + PIECE))
    return checkedHeap(scanner.finish())
  }
}
const PIECE = 4099
const HEAP_BY_ID = new Map(HEAP_FORMATS.map((format) => [format.id, format]))

/** As an upload is: told by its content alone, whatever that is. */
const readAnything: Subject['read'] = (content) => {
  const head = content.subarray(0, SNIFF_BYTES)
  const heap = heapFormatOf(head, 'upload')
  if (heap) return readHeap(heap.id)(content)
  const sentence = describeForeign(head)
  if (sentence.length === 0 || sentence.length > 300) throw new Error(`no sentence: ${sentence}`)
  return readStackFile(content)
}

/** The fronts of all formats, one after another: swapped and cut, each comes first some time. */
const fronts = (): Uint8Array =>
  Buffer.concat(
    SUBJECTS.filter(({ weight }) => weight < 10).map((subject) =>
      Buffer.from(subject.content().subarray(0, 700)),
    ),
  )

const readStackFile: Subject['read'] = (content) =>
  checkedStacks(readStacks(content, content.subarray(0, 4096), 'capture'))

const readSeries: Subject['read'] = (content) => {
  const context = { nowMs: Date.UTC(2026, 10, 23), zoneMinutes: 0, answers: {} }
  return checkedSeries(importSeries(new TextDecoder().decode(content), 'series', context))
}

/** Lines of a real dump with every type in it, few enough for thousands of rounds. */
function rubySample(): Uint8Array {
  const seen = new Map<string, number>()
  const lines = Buffer.from(rubyFixture('weird'))
    .toString('latin1')
    .split('\n')
    .filter((line) => {
      const kind = /"type":"(\w+)"/.exec(line)?.[1] ?? ''
      seen.set(kind, (seen.get(kind) ?? 0) + 1)
      return line.length < 1500 && (seen.get(kind) ?? 0) <= 4
    })
  return Buffer.from(`${lines.join('\n')}\n`, 'latin1')
}

const seriesFile = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../fixtures/series', name)).subarray(0, 12_000)

/** Lines that stand for themselves. */
const afterLine: Subject['isWholeAt'] = (content, end) =>
  end === 0 || content[end - 1] === 0x0a || content[end] === 0x0a
/** massif's moments. */
const afterMoment: Subject['isWholeAt'] = (content, end) =>
  Buffer.from(content.subarray(end, end + 24))
    .toString('latin1')
    .startsWith('#-----------\nsnapshot=')

const SUBJECTS: readonly Subject[] = [
  {
    name: 'ruby',
    family: 'Ruby',
    content: rubySample,
    read: readHeap('ruby-objspace'),
    isWholeAt: afterLine,
    weight: 2,
  },
  {
    name: 'v8',
    family: 'V8',
    content: smallSnapshot,
    read: readHeap('v8-heapsnapshot'),
    isWholeAt: () => false,
    weight: 2,
  },
  {
    name: 'v8-whole',
    family: 'V8',
    content: v8Fixture,
    read: readHeap('v8-heapsnapshot'),
    isWholeAt: () => false,
    weight: 200,
  },
  {
    name: 'memprof',
    family: 'memprof',
    content: () => memprofDump({ entries: 8, cached: 4, inFlight: 2 }),
    read: readHeap('memprof'),
    isWholeAt: afterLine,
    weight: 2,
  },
  ...STACK_FILES.map((path) => ({
    name: path,
    family: 'stacks',
    content: () => stackFile(path),
    read: readStackFile,
    isWholeAt: path.includes('massif') ? afterMoment : () => false,
    weight: 2,
  })),
  {
    name: 'v8-heapprofile',
    family: 'stacks',
    content: smallProfile,
    read: readStackFile,
    isWholeAt: () => false,
    weight: 1,
  },
  ...Object.entries(SERIES_TEXTS).map(([name, content]) => ({
    name,
    family: 'series',
    content: () => Buffer.from(content),
    read: readSeries,
    isWholeAt: afterLine,
    weight: 2,
  })),
  ...['exposition.prom', 'healthy.csv', 'pidstat-r.txt'].map((file) => ({
    name: file,
    family: 'series',
    content: () => seriesFile(file),
    read: readSeries,
    isWholeAt: afterLine,
    weight: 4,
  })),
]

/** Everything at once. */
const ANYTHING: Subject = {
  name: 'anything',
  family: 'anything',
  content: fronts,
  read: readAnything,
  isWholeAt: () => true,
  weight: 1,
}
export const ALL_SUBJECTS: readonly Subject[] = [...SUBJECTS, ANYTHING]

export function subjectOf(name: string): Subject {
  const subject = ALL_SUBJECTS.find((one) => one.name === name)
  if (!subject) throw new Error(`no subject is called ${name}`)
  return subject
}
