import { closeSync, openSync, readSync } from 'node:fs'
import type { MessagePort } from 'node:worker_threads'
import { type BornObjects, type GenerationTable, generationTable } from '#lib/findings/generations'
import type { GroupTable } from '#lib/findings/group-table'
import { type GroupedColumns, type NumberedGroups, numberedGroups } from '#lib/findings/groups'
import { type IdentifiedObjects, identities } from '#lib/findings/identities'
import type { IdentityTable } from '#lib/findings/identity-table'
import { type RetainedSums, retainedSums, type SumColumns } from '#lib/findings/retained-rows'
import type { HeapScanner } from '#lib/formats/format'
import { HEAP_FORMATS } from '#lib/formats/index'
import type { FileRange } from '#lib/formats/ranges'
import { SlotTable } from '#lib/heap/slots'
import type { HelpTask } from './tasks.ts'

// One file, two threads: the one that has the task asks, the other does what it is asked until the port is closed. They
// speak over a port of their own, so that nothing passes through the event loop of the node, and columns are shared memory.

/** What may be asked, by name: a question and its answer. */
interface Work {
  /** Scan a range of the file. The answer is the scanner's part. */
  range: { question: FileRange & { readonly formatId: string }; answer: unknown }
  /** Group, count and identify objects. Page keys stand for the slot table. */
  objects: {
    question: GroupedColumns &
      BornObjects &
      Omit<IdentifiedObjects, 'slots'> & { readonly pageKeys: Uint32Array }
    answer: {
      readonly numbered: NumberedGroups
      readonly generations: GenerationTable
      readonly identities: IdentityTable
    }
  }
  /** Add up what groups and rows retain. */
  sums: { question: SumColumns & { readonly table: GroupTable }; answer: RetainedSums }
}
type Asked = {
  [Kind in keyof Work]: { readonly kind: Kind; readonly question: Work[Kind]['question'] }
}[keyof Work]
interface Answered {
  readonly answer: unknown
}

/** The thread that helps, for the one that asks. When it fails or ends, answers are undefined: one goes on alone. */
export class SecondThread {
  private readonly port: MessagePort
  /** Those who wait, in the order in which they asked: that of the answers. */
  private readonly waiting: ((answer: unknown) => void)[] = []
  private isGone = false

  constructor(port: MessagePort) {
    this.port = port
    port.on('message', ({ answer }: Answered) => this.waiting.shift()?.(answer))
    port.on('close', () => {
      this.isGone = true
      for (const resolve of this.waiting.splice(0)) resolve(undefined)
    })
  }

  /** Never fails. The answer is undefined when the other thread is gone. */
  ask<Kind extends keyof Work>(
    kind: Kind,
    question: Work[Kind]['question'],
  ): Promise<Work[Kind]['answer'] | undefined> {
    if (this.isGone) return Promise.resolve(undefined)
    this.port.postMessage({ kind, question })
    // reason: the other end answers each kind with its own answer (`answerTo`).
    return new Promise((resolve) => this.waiting.push((answer) => resolve(answer as Work[Kind]['answer'])))
  }
}

/**
 * The other end: does what is asked until the port is closed. Answers whether anything was.
 * @throws what the work throws; the port is closed then
 */
export function helpReading({ path, port }: HelpTask): Promise<{ readonly hasHelped: boolean }> {
  let hasHelped = false
  return new Promise((resolve, reject) => {
    port.on('close', () => resolve({ hasHelped }))
    port.on('message', (asked: Asked) => {
      try {
        port.postMessage({ answer: answerTo(asked, path) } satisfies Answered)
        hasHelped = true
      } catch (error) {
        reject(error)
        port.close()
      }
    })
  })
}

function answerTo(asked: Asked, path: string): Work[keyof Work]['answer'] {
  switch (asked.kind) {
    case 'range':
      return rangePart(path, asked.question)
    case 'objects': {
      const { pageKeys, ...columns } = asked.question
      const slots = SlotTable.of(pageKeys)
      const numbered = numberedGroups(columns)
      return {
        numbered,
        generations: generationTable(columns),
        identities: identities({ ...columns, slots }, numbered.groupOf),
      }
    }
    case 'sums':
      return retainedSums(asked.question, asked.question.table)
  }
}

function rangePart(path: string, { formatId, start, end }: Work['range']['question']): unknown {
  const format = HEAP_FORMATS.find(({ id }) => id === formatId)
  if (!format?.rangeScanner) throw new Error(`${formatId} is not read in ranges`)
  const scanner = format.rangeScanner({ plainBytes: end - start, startsAt: start })
  const file = openSync(path, 'r')
  try {
    scanRange(file, { start, end }, scanner)
    return scanner.part()
  } finally {
    closeSync(file)
  }
}

/** Feeds [start, end) of an open file to a scanner. `onProgress` hears where it is. */
export function scanRange(
  file: number,
  { start, end }: FileRange,
  scanner: HeapScanner,
  onProgress?: (done: number) => void,
): void {
  for (let at = start; at < end; ) {
    const space = scanner.space()
    const count = readSync(file, space, 0, Math.min(space.length, end - at), at)
    if (count === 0) return
    scanner.wrote(count)
    at += count
    onProgress?.(at)
  }
}
