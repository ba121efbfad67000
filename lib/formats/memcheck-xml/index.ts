import { UserError } from '#lib/errors/user-error'
import { StackBuilder } from '#lib/stacks/builder'
import type { StackProfile } from '#lib/stacks/stack-profile'
import { formatCount } from '#lib/units/format'
import { latin1 } from '../bytes/text-lines.ts'
import type { StackFormat } from '../stack-format.ts'
import {
  type ErrorRecord,
  emptyFrame,
  emptyRecord,
  type Leak,
  leakOf,
  sourceOf,
  wholeNumber,
  type XmlFrame,
} from './leak-record.ts'
import { xmlReader } from './xml-reader.ts'

const LABEL = 'Valgrind memcheck report'

/** `valgrind --leak-check=full --xml=yes --xml-file=FILE`, protocols 4 to 6. */
export const memcheckXml: StackFormat = {
  id: 'memcheck-xml',
  label: LABEL,
  readable: 'Valgrind memcheck XML (--xml=yes)',
  recognises: (head) => /<valgrindoutput[\s>]/.test(latin1(head)),
  parse: (content) => new MemcheckReading(content).profile(),
}

/** Leak records of one leak check: numbers, and frames by their number in the builder, for a report may have many. */
interface Check {
  records: { readonly stack: readonly number[]; readonly leak: Leak }[]
  lastLoss: number
}

/** Elements nest a handful deep; what is deeper is damage, and only counted. */
const MAX_DEPTH = 64
/** More records than that no run writes (Valgrind stops at 10,000,000 errors, 1,000 different ones). */
const MAX_RECORDS = 1_000_000

class MemcheckReading {
  private readonly content: Uint8Array
  private readonly builder = new StackBuilder(['in-use-bytes', 'in-use-blocks'])
  private readonly path: string[] = []
  private depthBeyond = 0
  private check: Check = { records: [], lastLoss: 0 }
  private checks = 0
  private runs = 0
  private isClosed = false
  private record: ErrorRecord | undefined
  private frame: XmlFrame | undefined
  private skipped = 0
  private readonly otherErrors = new Map<string, number>()
  private readonly kindOfUnique = new Map<string, string>()
  private pair = { count: '', unique: '' }
  private readonly facts = new Map<string, string>()
  private readonly args: string[] = []
  private readonly valgrindArgs: string[] = []
  private isFinished = false

  constructor(content: Uint8Array) {
    this.content = content
  }

  profile(): StackProfile {
    const reader = xmlReader(this.content, new Set(['usercomment']))
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      if (event.kind === 'open') this.open(event.value)
      else if (event.kind === 'close') this.close(event.value)
      else this.text(event.value)
    }
    const tool = this.facts.get('tool')
    if (tool !== undefined && tool !== 'memcheck')
      throw new UserError('format/unknown', {
        looksLike: `This is output of Valgrind's tool ${tool.slice(0, 40)}.`,
        readable: 'Valgrind memcheck XML and massif output',
      })
    if (this.runs === 0 || (this.facts.size === 0 && this.check.records.length === 0))
      throw new UserError('format/empty', { format: LABEL })
    return this.build(reader.wasCut() || !this.isClosed, reader.declaresEntities())
  }

  private open(name: string): void {
    if (name === 'valgrindoutput') this.beginRun()
    if (this.path.length >= MAX_DEPTH) {
      this.depthBeyond++
      return
    }
    this.path.push(name)
    if (name === 'error') {
      // A record without an end: the process was killed while writing it, and somebody went on.
      if (this.record) this.skipped++
      this.record = emptyRecord()
    } else if (this.record && name === 'stack') this.record.stacks++
    else if (this.record && name === 'frame' && this.record.stacks === 1) this.frame = emptyFrame()
    else if (name === 'pair') this.pair = { count: '', unique: '' }
  }

  /** One file may hold several runs, of processes that shared it: the last one is read. */
  private beginRun(): void {
    this.runs++
    this.path.length = 0
    this.depthBeyond = 0
    this.check = { records: [], lastLoss: 0 }
    this.checks = 0
    this.record = undefined
    this.isClosed = false
    this.isFinished = false
    this.facts.clear()
    this.otherErrors.clear()
    this.kindOfUnique.clear()
    this.args.length = 0
    this.valgrindArgs.length = 0
  }

  private close(name: string): void {
    if (this.depthBeyond > 0) {
      this.depthBeyond--
      return
    }
    // Damaged files miss end tags: close up to the one that is meant, if it is open at all.
    const at = this.path.lastIndexOf(name)
    if (at < 0) return
    this.path.length = at
    if (name === 'frame' && this.frame) {
      this.record?.frames.push(this.frame)
      this.frame = undefined
    } else if (name === 'error' && this.record) this.finishRecord(this.record)
    else if (name === 'pair' && this.path.at(-1) === 'errorcounts') this.countErrors()
    else if (name === 'valgrindoutput') this.isClosed = true
  }

  private finishRecord(record: ErrorRecord): void {
    this.record = undefined
    this.frame = undefined
    const leak = leakOf(record)
    if (leak === 'other') {
      if (record.kind === '') this.skipped++
      else this.otherErrors.set(record.kind, (this.otherErrors.get(record.kind) ?? 0) + 1)
      this.kindOfUnique.set(record.unique, record.kind)
      return
    }
    if (leak === undefined || this.check.records.length >= MAX_RECORDS) {
      this.skipped++
      return
    }
    const loss = leak.lossRecord ?? this.check.lastLoss + 1
    if (loss <= this.check.lastLoss || this.checks === 0) {
      this.checks++
      this.check = { records: [], lastLoss: 0 }
    }
    this.check.lastLoss = loss
    const stack = record.frames.map((frame) => this.builder.frame(frameFacts(frame)))
    this.check.records.push({ stack, leak })
  }

  /** `<errorcounts>` tells how often an error came, by the number of its record. */
  private countErrors(): void {
    const kind = this.kindOfUnique.get(this.pair.unique)
    const count = wholeNumber(this.pair.count)
    if (kind !== undefined && count !== undefined && count > 1)
      this.otherErrors.set(kind, (this.otherErrors.get(kind) ?? 0) + count - 1)
  }

  private text(value: string): void {
    const name = this.path.at(-1) ?? ''
    const parent = this.path.at(-2) ?? ''
    if (this.record) this.recordText(this.record, name, parent, value)
    else if (parent === 'pair') {
      if (name === 'count') this.pair.count = value.trim()
      if (name === 'unique') this.pair.unique = value.trim()
    } else if (parent === 'argv' && this.args.length < 200) this.args.push(value)
    else if (parent === 'vargv' && this.valgrindArgs.length < 200) this.valgrindArgs.push(value)
    else if (name === 'line' && parent === 'preamble') {
      const version = /\bUsing (Valgrind-\S+)/.exec(value)?.[1]
      if (version !== undefined) this.facts.set('version', version)
    } else if (name === 'state') this.isFinished ||= value.trim() === 'FINISHED'
    else if (parent === 'valgrindoutput' && TOP_FACTS.has(name)) this.facts.set(name, value.trim())
    else if (this.facts.size < 60 && this.path.some((part) => part.endsWith('_summary')))
      this.facts.set(this.path.slice(1).join(' ').replaceAll('_', ' '), value.trim())
  }

  private recordText(record: ErrorRecord, name: string, parent: string, value: string): void {
    if (this.frame && parent === 'frame') {
      if (
        name === 'ip' ||
        name === 'obj' ||
        name === 'fn' ||
        name === 'dir' ||
        name === 'file' ||
        name === 'line'
      )
        this.frame[name] += value
    } else if (parent === 'error') {
      if (name === 'unique') record.unique = value.trim()
      else if (name === 'kind') record.kind = value.trim()
      else if (name === 'what') record.text += value
    } else if (parent === 'xwhat') {
      if (name === 'text') record.text += value
      else if (name === 'leakedbytes') record.leakedBytes += value
      else if (name === 'leakedblocks') record.leakedBlocks += value
    }
  }

  private build(isTruncated: boolean, declaresEntities: boolean): StackProfile {
    const { builder } = this
    let direct = 0
    let indirect = 0
    for (const { stack, leak } of this.check.records) {
      builder.add(stack, leak.kind, { 'in-use-bytes': leak.bytes, 'in-use-blocks': leak.blocks })
      if (leak.kind === 'definitely-lost') {
        direct += leak.direct ?? leak.bytes
        indirect += leak.indirect ?? 0
      }
    }
    return builder.profile({
      producer: this.facts.get('version') ?? 'Valgrind',
      sampling: { isSampled: false, words: 'Exact: Valgrind sees every allocation and free of the program.' },
      notes: {
        bytesRead: this.content.length,
        skipped: this.skipped,
        truncated: isTruncated,
        facts: this.factList(direct, indirect),
        remarks: this.remarks(isTruncated, declaresEntities),
      },
    })
  }

  private factList(direct: number, indirect: number): [string, string][] {
    const list: [string, string][] = []
    if (this.args.length > 0) list.push(['command', this.args.join(' ')])
    for (const [name, value] of this.facts) list.push([name, value])
    if (this.valgrindArgs.length > 1) list.push(['options', this.valgrindArgs.slice(1).join(' ')])
    if (indirect > 0) {
      list.push(['definitely lost, directly', `${formatCount(direct)} bytes`])
      list.push(['definitely lost, behind them', `${formatCount(indirect)} bytes`])
    }
    for (const [kind, count] of this.otherErrors) list.push([`errors: ${kind}`, formatCount(count)])
    return list
  }

  private remarks(isTruncated: boolean, declaresEntities: boolean): string[] {
    const remarks: string[] = []
    const { records } = this.check
    const has = (kind: string) => records.some(({ leak }) => leak.kind === kind)
    if (isTruncated)
      remarks.push(
        'The report stops before its end: the process or Valgrind was killed. Leak records may be missing.',
      )
    else if (!this.isFinished)
      remarks.push('The program had not ended when this was written: what is still in use may yet be freed.')
    if (records.length === 0)
      remarks.push(
        'There is no leak record in this report. Was Valgrind run with --leak-check=full? This does not say that nothing was lost.',
      )
    else if (
      !has('still-reachable') &&
      !this.valgrindArgs.some((arg) =>
        /^--(?:show-leak-kinds=.*(?:all|reachable)|show-reachable=yes)/.test(arg),
      )
    )
      remarks.push(
        'Blocks that are still reachable are not in this report: run Valgrind with --show-leak-kinds=all to see them.',
      )
    if (has('indirectly-lost'))
      remarks.push(
        'Indirectly lost bytes are part of the definitely lost ones and are shown apart, never added.',
      )
    if (this.checks > 1)
      remarks.push(
        `The report holds ${formatCount(this.checks)} leak checks of the same run; the last one is shown.`,
      )
    if (this.runs > 1)
      remarks.push(
        `The file holds ${formatCount(this.runs)} runs; the last one is shown. Give each process its own file with %p in --xml-file.`,
      )
    const errors = [...this.otherErrors.values()].reduce((sum, count) => sum + count, 0)
    if (errors > 0)
      remarks.push(
        `Valgrind also reports ${formatCount(errors)} memory errors that are no leaks (${[
          ...this.otherErrors.keys(),
        ]
          .slice(0, 8)
          .map((kind) => kind.slice(0, 60))
          .join(', ')}).`,
      )
    if (declaresEntities) remarks.push('The file declares entities of its own; they are not expanded.')
    return remarks
  }
}

const TOP_FACTS = new Set(['protocolversion', 'tool', 'pid'])

function frameFacts(frame: XmlFrame) {
  const object = frame.obj.trim()
  const fn = frame.fn.trim()
  const base = object.slice(object.lastIndexOf('/') + 1)
  // Without a symbol the address is all there is; it is of one run only, so the object's name stands for it.
  const name = fn !== '' ? fn : base !== '' ? `${base} (no symbol)` : frame.ip.trim()
  return { name, file: sourceOf(frame), line: wholeNumber(frame.line) ?? 0, object }
}
