import type { SlotTable } from '#lib/heap/slots'
import { NO_SLOT } from '#lib/heap/slots'
import type { StringInterner } from '#lib/heap/strings'
import { textHash } from '../ruby-objspace/skip.ts'
import { LineJson, TOKEN } from './line-json.ts'
import { NO_POINTER, pointerSlot } from './pointers.ts'
import type { ReferenceList } from './references.ts'
import { edgeKind } from './types.ts'

/** Keys whose value is a name for people. */
const NAMES = [
  'type',
  'class_name',
  'name',
  'super_name',
  'file',
  'node_type',
  'last_func',
  'orig_func',
] as const
type NameKey = (typeof NAMES)[number]

/** Keys whose values are never references, whatever they look like. */
const SKIPPED = [
  ...['time', 'code', 'node_code', 'flags', 'mode', 'status', 'wait_for', 'mid', 'oid', 'priority', 'path'],
  ...['fd', 'fd_type', 'fd_name', 'fileno', 'fileno2', 'pid', 'negative', 'delay', 'current', 'main'],
]

const INTERNAL = edgeKind('internal')
const ELEMENT = edgeKind('element')
const ENTRY = edgeKind('entry')
const KEY = edgeKind('key')
const VALUE = edgeKind('value')
const IVAR = edgeKind('instance variable')
const CONSTANT = edgeKind('constant')

/**
 * Reads one line of a dump into its fields. Texts are interned, references go straight into the list: whoever calls takes
 * them back when the line is bad. A string that spells a pointer is a reference wherever it stands, as in memprof's own
 * importer, but for what is known to be text.
 */
export class LineReader {
  /** The address, NO_POINTER when the row has none ("globals"). */
  slot = NO_POINTER
  classSlot = NO_SLOT
  superSlot = NO_SLOT
  /** String indexes; 0 where the line has no such name. */
  readonly names = new Map<NameKey, number>()
  line = 0
  length = 0
  isShared = false
  isSingleton = false
  tableEntries = 0
  variables = 0
  /** Elements or entries of the content, as they stand in the line. */
  elements = 0
  valueHash = 0
  /** What `ps` said, in KiB; 0 when the line is no such row. */
  rss = 0
  private dataPointer = NO_POINTER
  private readonly json = new LineJson()
  private view: DataView = new DataView(new ArrayBuffer(0))
  private readonly strings: StringInterner
  private readonly slots: SlotTable
  private readonly references: ReferenceList
  private readonly fields: ReadonlyMap<number, (token: number, key: number) => boolean>
  private readonly decoder = new TextDecoder()

  constructor(strings: StringInterner, slots: SlotTable, references: ReferenceList) {
    this.strings = strings
    this.slots = slots
    this.references = references
    const named = NAMES.map((key) => [key, (token: number) => this.readName(key, token)] as const)
    const skipped = SKIPPED.map((key) => [key, (token: number) => this.skip(token)] as const)
    this.fields = new Map(
      [...named, ...skipped, ...this.otherFields()].map(([key, read]) => [strings.internText(key), read]),
    )
  }

  private otherFields(): [string, (token: number, key: number) => boolean][] {
    return [
      ['_id', (token) => this.readId(token)],
      ['class', (token) => this.readSlot(token, (slot) => (this.classSlot = slot))],
      ['super', (token, key) => this.readSuper(token, key)],
      ['line', (token) => this.readNumber(token, (value) => (this.line = value))],
      ['length', (token) => this.readNumber(token, (value) => (this.length = value))],
      ['singleton', (token) => this.readFlag(token)],
      ['shared', (token, key) => this.readShared(token, key)],
      ['ivars', (token) => this.readTable(token, IVAR)],
      ['methods', (token) => this.readTable(token, edgeKind('method'))],
      ['variables', (token) => this.readVariables(token)],
      ['data', (token, key) => this.readData(token, key)],
      ['rss', (token) => this.readRss(token)],
      ['vsize', (token) => this.skip(token)],
    ]
  }

  /** Reads the line in [start, end) of the buffer. `false`: it makes no sense. */
  read(data: Uint8Array, view: DataView, start: number, end: number): boolean {
    this.reset()
    this.view = view
    const { json } = this
    json.open(data, start, end)
    if (json.next() !== TOKEN.openMap) return false
    for (let isFirst = true; ; isFirst = false) {
      let token = json.next()
      if (token === TOKEN.closeMap) break
      if (!isFirst) {
        if (token !== TOKEN.comma) return false
        token = json.next()
      }
      if (token !== TOKEN.text) return false
      const key = this.strings.intern(data, json.from, json.to)
      if (json.next() !== TOKEN.colon) return false
      const read = this.fields.get(key)
      const value = json.next()
      if (!(read ? read(value, key) : this.readAny(value, key))) return false
    }
    return json.next() === TOKEN.end
  }

  /** What `data` pointed at: another object where the type says so (MATCH), else memory of a C extension. */
  keepDataPointer(): void {
    if (this.dataPointer !== NO_POINTER) this.references.add(this.dataPointer, INTERNAL, this.dataKey)
  }
  private dataKey = 0

  private reset(): void {
    this.slot = NO_POINTER
    this.classSlot = NO_SLOT
    this.superSlot = NO_SLOT
    this.names.clear()
    this.line = 0
    this.length = 0
    this.isShared = false
    this.isSingleton = false
    this.tableEntries = 0
    this.variables = 0
    this.elements = 0
    this.valueHash = 0
    this.rss = 0
    this.dataPointer = NO_POINTER
  }

  private readId(token: number): boolean {
    if (token !== TOKEN.text) return false
    this.slot = this.pointer()
    return true
  }

  private readName(key: NameKey, token: number): boolean {
    if (token !== TOKEN.text) return this.skip(token)
    this.names.set(key, this.textId())
    return true
  }

  private readSlot(token: number, keep: (slot: number) => void): boolean {
    if (token === TOKEN.text) {
      const slot = this.pointer()
      if (slot !== NO_POINTER) keep(slot)
      return true
    }
    return this.skip(token)
  }

  private readSuper(token: number, key: number): boolean {
    return this.readSlot(token, (slot) => {
      this.superSlot = slot
      this.references.add(slot, INTERNAL, key)
    })
  }

  private readShared(token: number, key: number): boolean {
    this.isShared = true
    return this.readSlot(token, (slot) => this.references.add(slot, INTERNAL, key))
  }

  private readNumber(token: number, keep: (value: number) => void): boolean {
    if (token !== TOKEN.word) return this.skip(token)
    const value = this.json.number()
    if (Number.isFinite(value)) keep(value)
    return true
  }

  private readFlag(token: number): boolean {
    this.isSingleton = token === TOKEN.word && this.json.data[this.json.from] === 0x74
    return this.skip(token)
  }

  private readRss(token: number): boolean {
    const value = token === TOKEN.text || token === TOKEN.word ? this.json.number() : 0
    this.rss = value > 0 && Number.isFinite(value) ? value : 0
    return this.skip(token)
  }

  private readVariables(token: number): boolean {
    const before = this.tableEntries
    const isRead = this.readTable(token, edgeKind('variable'))
    this.variables += this.tableEntries - before
    this.tableEntries = before
    return isRead
  }

  /** A map of names to values. Both sides may be a pointer: an empty name makes the writer shift the two. */
  private readTable(token: number, kind: number): boolean {
    if (token !== TOKEN.openMap) return this.skip(token)
    const { json } = this
    for (let isFirst = true; ; isFirst = false) {
      let name = json.next()
      if (name === TOKEN.closeMap) return true
      if (!isFirst) {
        if (name !== TOKEN.comma) return false
        name = json.next()
      }
      if (name !== TOKEN.text && name !== TOKEN.word) return false
      this.tableEntries++
      const shifted = name === TOKEN.text ? this.pointer() : NO_POINTER
      if (shifted !== NO_POINTER) this.references.add(shifted, INTERNAL, 0)
      const nameId = shifted === NO_POINTER ? this.nameId() : 0
      const isConstant = kind === IVAR && isUpper(json.data[json.from]!)
      if (json.next() !== TOKEN.colon) return false
      if (!this.readValue(json.next(), isConstant ? CONSTANT : kind, nameId)) return false
    }
  }

  /** Content: elements, pairs, a variable, a text, or a bare pointer that only the type can explain. */
  private readData(token: number, key: number): boolean {
    if (token === TOKEN.openList) return this.readList()
    if (token === TOKEN.openMap) return this.readVariables(token)
    if (token !== TOKEN.text) return this.skip(token)
    this.dataPointer = this.pointer()
    this.dataKey = key
    const { json, view } = this
    this.valueHash = json.to > json.from ? textHash(json.data, view, json.from, json.to) : 0
    return true
  }

  private readList(): boolean {
    const { json } = this
    for (let isFirst = true; ; isFirst = false) {
      let token = json.next()
      if (token === TOKEN.closeList) return true
      if (!isFirst) {
        if (token !== TOKEN.comma) return false
        token = json.next()
      }
      const place = this.elements++
      if (!(token === TOKEN.openList ? this.readPair(place) : this.readValue(token, ELEMENT, place)))
        return false
    }
  }

  /** An entry of a hash: its key, and its value, which is named by the key where that is a symbol. */
  private readPair(place: number): boolean {
    const { json } = this
    let kind = ENTRY
    let name = place
    for (let position = 0; ; ) {
      const token = json.next()
      if (token === TOKEN.closeList) return true
      if (token === TOKEN.comma) continue
      if (token === TOKEN.text && position === 0 && json.data[json.from] === 0x3a) {
        kind = VALUE
        name = this.nameId()
      } else if (!this.readValue(token, position === 0 ? KEY : kind, position === 0 ? place : name))
        return false
      position++
    }
  }

  /** A key that nobody knows: references in it are kept under its name. */
  private readAny(token: number, key: number): boolean {
    if (token === TOKEN.openList) {
      const before = this.elements
      const isRead = this.readList()
      this.elements = before
      return isRead
    }
    if (token === TOKEN.openMap) return this.readTable(token, INTERNAL)
    return this.readValue(token, INTERNAL, key)
  }

  private readValue(token: number, kind: number, name: number): boolean {
    if (token === TOKEN.text) {
      const slot = this.pointer()
      if (slot !== NO_POINTER) this.references.add(slot, kind, name)
      return true
    }
    return this.skip(token)
  }

  /** Passes over a value whose first token was the last. */
  private skip(token: number): boolean {
    if (token === TOKEN.text || token === TOKEN.word) return true
    return (token === TOKEN.openList || token === TOKEN.openMap) && this.json.skipNested()
  }

  private pointer(): number {
    return pointerSlot(this.slots, this.json.data, this.json.from, this.json.to)
  }

  /** The last text, interned; symbols without their colon. */
  private nameId(): number {
    const { json } = this
    if (json.data[json.from] === 0x3a && json.to > json.from + 1) json.from++
    return this.textId()
  }

  private textId(): number {
    const { json, strings } = this
    if (!json.hasEscapes) return strings.intern(json.data, json.from, json.to)
    const raw = this.decoder.decode(json.data.subarray(json.from, json.to))
    return strings.internText(unescaped(raw))
  }
}

const isUpper = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a

/** A text without JSON's backslashes; as it stands when they make no sense. */
function unescaped(raw: string): string {
  try {
    const value: unknown = JSON.parse(`"${raw}"`)
    return typeof value === 'string' ? value : raw
  } catch {
    return raw
  }
}
