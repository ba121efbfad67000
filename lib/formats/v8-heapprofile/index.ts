import { UserError } from '#lib/errors/user-error'
import { StackBuilder } from '#lib/stacks/builder'
import type { StackProfile } from '#lib/stacks/stack-profile'
import { formatCount } from '#lib/units/format'
import { latin1 } from '../bytes/text-lines.ts'
import type { StackFormat } from '../stack-format.ts'
import { type JsonEvent, jsonEvents } from './json-events.ts'

const LABEL = 'V8 sampling heap profile'

/** `.heapprofile`: node --heap-prof, the inspector's HeapProfiler.stopSampling, DevTools' allocation sampling. */
export const v8Heapprofile: StackFormat = {
  id: 'v8-heapprofile',
  label: LABEL,
  readable: 'V8 sampling heap profiles (.heapprofile)',
  recognises: (head) =>
    /^(?:\xef\xbb\xbf)?\s*\{\s*"head"\s*:\s*\{\s*"(?:callFrame|selfSize|id|children)"/.test(latin1(head)),
  parse,
}

/** A node of the file's tree while it is open. Its frame is known only when its `callFrame` has come. */
interface Open {
  /** Depth of the JSON at which its object stands open. */
  readonly depth: number
  readonly parent: number
  node: number
  selfSize: number
}

interface CallFrame {
  functionName: string
  url: string
  lineNumber: number
}

function parse(content: Uint8Array): StackProfile {
  const reading = new HeapProfileReading(content)
  reading.read()
  return reading.profile()
}

class HeapProfileReading {
  private readonly events: ReturnType<typeof jsonEvents>
  private readonly builder = new StackBuilder(['in-use-bytes'])
  private readonly content: Uint8Array
  private readonly open: Open[] = []
  private call: CallFrame | undefined
  private callDepth = 0
  private key = ''
  /** Depth at which "samples" is open; 0 elsewhere. */
  private samplesDepth = 0
  private samples = 0
  /** Of all nodes. With the number of samples it tells how far apart they are, which the file does not say. */
  private bytes = 0
  private nodesSeen = 0
  private lost = 0

  constructor(content: Uint8Array) {
    this.content = content
    this.events = jsonEvents(content)
  }

  read(): void {
    for (let event = this.events.next(); event !== undefined; event = this.events.next()) this.take(event)
    for (const node of this.open) this.finish(node)
    if (this.nodesSeen === 0) throw new UserError('format/empty', { format: LABEL })
  }

  private take(event: JsonEvent): void {
    const depth = this.events.depth()
    if (event.kind === 'key') this.key = event.value
    else if (event.kind === 'open') this.opened(event.value, depth)
    else if (event.kind === 'close') this.closed(depth)
    else this.scalar(event.value)
  }

  private opened(what: 'object' | 'array', depth: number): void {
    const key = this.key
    if (depth === 2 && what === 'array' && key === 'samples') this.samplesDepth = depth
    else if (this.samplesDepth > 0) return
    else if (what === 'object' && key === 'callFrame') {
      this.call = { functionName: '', url: '', lineNumber: -1 }
      this.callDepth = depth
    } else if (what === 'object' && depth > 1 && (key === 'head' || key === 'children')) {
      this.nodesSeen++
      this.open.push({ depth, parent: this.open.at(-1)?.node ?? 0, node: -1, selfSize: 0 })
    }
    // Elements of "children" follow each other without a key of their own.
    if (what === 'object') this.key = ''
  }

  private closed(depth: number): void {
    if (this.samplesDepth > 0) {
      if (depth < this.samplesDepth) this.samplesDepth = 0
      else if (depth === this.samplesDepth) this.samples++
      return
    }
    if (this.call && depth < this.callDepth) {
      this.place(this.call)
      this.call = undefined
    } else {
      const node = this.open.at(-1)
      if (node && depth < node.depth) {
        this.finish(node)
        this.open.pop()
      }
    }
    // The next object may be a brother in the same array.
    this.key = 'children'
  }

  private scalar(value: string | number | boolean | null): void {
    const { key } = this
    if (this.samplesDepth > 0) return
    if (this.call) {
      if (key === 'functionName' && typeof value === 'string') this.call.functionName = value
      else if (key === 'url' && typeof value === 'string') this.call.url = value
      else if (key === 'lineNumber' && typeof value === 'number') this.call.lineNumber = value
    } else {
      const node = this.open.at(-1)
      if (node && key === 'selfSize' && typeof value === 'number') node.selfSize = Math.max(0, value)
    }
  }

  /** The frame of the open node is known: it gets its place in the tree. The file's own root is ours. */
  private place({ functionName, url, lineNumber }: CallFrame): void {
    const node = this.open.at(-1)
    if (!node || node.node >= 0) return
    if (this.open.length === 1 && functionName === '(root)') {
      node.node = 0
      return
    }
    const name = functionName === '' ? '(anonymous)' : functionName
    // V8 counts lines from 0.
    const frame = this.builder.frame({
      object: url === '' ? 'V8' : '',
      name,
      file: url.replace(/^file:\/\//, ''),
      line: lineNumber + 1,
    })
    node.node = this.builder.child(node.parent, frame, 'live')
  }

  private finish(node: Open): void {
    if (node.selfSize === 0) return
    this.bytes += node.selfSize
    if (node.node > 0) this.builder.addSelf(node.node, { 'in-use-bytes': node.selfSize })
    else if (node.node === 0) this.builder.add([], 'live', { 'in-use-bytes': node.selfSize })
    else this.lost++
  }

  profile(): StackProfile {
    const isTruncated = this.events.wasCut()
    return this.builder.profile({
      producer: 'V8',
      blockWord: 'objects',
      sampling: {
        isSampled: true,
        ...(this.samples > 0 && { periodBytes: Math.max(1, Math.round(this.bytes / this.samples)) }),
        words:
          'Sampled: V8 takes one allocation every so many bytes (512 KiB for node --heap-prof, 32 KiB in DevTools) and scales up; objects that were collected since are left out. Small numbers are rough.',
      },
      notes: {
        bytesRead: this.content.length,
        skipped: this.lost,
        truncated: isTruncated,
        facts: [
          ['places', formatCount(this.nodesSeen)],
          ...(this.samples > 0 ? ([['samples', formatCount(this.samples)]] as const) : []),
        ],
        remarks: [
          'V8 counts bytes here, not objects.',
          ...(isTruncated
            ? ['The file stops before its end; what stands behind that place is missing.']
            : []),
        ],
      },
    })
  }
}
