import { Fields, pushNumbers } from './wire.ts'

// profile.proto of github.com/google/pprof, as far as allocation profiles need it.

export interface PprofLine {
  readonly functionId: number
  readonly line: number
}
export interface PprofLocation {
  readonly mappingId: number
  readonly address: number
  /** Innermost inlined function first. */
  readonly lines: readonly PprofLine[]
}
export interface PprofFunction {
  readonly name: number
  readonly file: number
}
export interface PprofMapping {
  readonly start: number
  readonly offset: number
  readonly file: number
}
/** A type of value: indexes of its name and unit in the string table. */
export interface ValueType {
  readonly type: number
  readonly unit: number
}
/** Where a sample stands in the file: samples are read one at a time. */
export interface PprofMessage {
  readonly sampleTypes: readonly ValueType[]
  /** Start and end of each sample, in turn. */
  readonly samples: readonly number[]
  readonly locations: ReadonlyMap<number, PprofLocation>
  readonly functions: ReadonlyMap<number, PprofFunction>
  readonly mappings: ReadonlyMap<number, PprofMapping>
  readonly strings: StringTable
  readonly period: number
  readonly defaultSampleType: number
  readonly timeNanos: number
  readonly comments: readonly number[]
  readonly isBroken: boolean
}

/** Strings stay bytes until somebody asks. */
export interface StringTable {
  readonly count: number
  at(index: number): string
}

/** Reads the outer message. Never throws; what cannot be read ends it with `isBroken`. O(bytes). */
export function readMessage(data: Uint8Array): PprofMessage {
  const sampleTypes: ValueType[] = []
  const samples: number[] = []
  const locations = new Map<number, PprofLocation>()
  const functions = new Map<number, PprofFunction>()
  const mappings = new Map<number, PprofMapping>()
  const texts: number[] = []
  const comments: number[] = []
  let period = 0
  let defaultSampleType = 0
  let timeNanos = 0
  const fields = new Fields(data, 0, data.length)
  while (fields.next()) {
    const { field, wire, start, end, number } = fields
    if (wire === 2) {
      if (field === 1) sampleTypes.push(valueType(data, start, end))
      else if (field === 2) samples.push(start, end)
      else if (field === 3) addMapping(mappings, new Fields(data, start, end))
      else if (field === 4) addLocation(locations, data, start, end)
      else if (field === 5) addFunction(functions, new Fields(data, start, end))
      else if (field === 6) texts.push(start, end)
      else if (field === 13) pushNumbers(fields, data, comments)
    } else if (field === 12) period = number
    else if (field === 14) defaultSampleType = number
    else if (field === 9) timeNanos = number
    else if (field === 13) comments.push(number)
  }
  return {
    sampleTypes,
    samples,
    locations,
    functions,
    mappings,
    strings: stringTable(data, texts),
    period,
    defaultSampleType,
    timeNanos,
    comments,
    isBroken: fields.isBroken,
  }
}

/** Locations (innermost first) and values of one sample; undefined when it stops short. */
export function readSample(
  data: Uint8Array,
  start: number,
  end: number,
): { locations: number[]; values: number[] } | undefined {
  const locations: number[] = []
  const values: number[] = []
  const fields = new Fields(data, start, end)
  while (fields.next()) {
    const into = fields.field === 1 ? locations : fields.field === 2 ? values : undefined
    if (into && !pushNumbers(fields, data, into)) return undefined
  }
  return fields.isBroken ? undefined : { locations, values }
}

function valueType(data: Uint8Array, start: number, end: number): ValueType {
  const fields = new Fields(data, start, end)
  let type = 0
  let unit = 0
  while (fields.next()) {
    if (fields.field === 1) type = fields.number
    else if (fields.field === 2) unit = fields.number
  }
  return { type, unit }
}

function addMapping(into: Map<number, PprofMapping>, fields: Fields): void {
  let id = 0
  let [start, offset, file] = [0, 0, 0]
  while (fields.next()) {
    if (fields.field === 1) id = fields.number
    else if (fields.field === 2) start = fields.number
    else if (fields.field === 4) offset = fields.number
    else if (fields.field === 5) file = fields.number
  }
  into.set(id, { start, offset, file })
}

function addLocation(into: Map<number, PprofLocation>, data: Uint8Array, start: number, end: number): void {
  let id = 0
  let [mappingId, address] = [0, 0]
  const lines: PprofLine[] = []
  const fields = new Fields(data, start, end)
  while (fields.next()) {
    if (fields.field === 1) id = fields.number
    else if (fields.field === 2) mappingId = fields.number
    else if (fields.field === 3) address = fields.number
    else if (fields.field === 4 && fields.wire === 2)
      lines.push(line(new Fields(data, fields.start, fields.end)))
  }
  into.set(id, { mappingId, address, lines })
}

function line(fields: Fields): PprofLine {
  let functionId = 0
  let number = 0
  while (fields.next()) {
    if (fields.field === 1) functionId = fields.number
    else if (fields.field === 2) number = fields.number
  }
  return { functionId, line: number }
}

function addFunction(into: Map<number, PprofFunction>, fields: Fields): void {
  let id = 0
  let [name, systemName, file] = [0, 0, 0]
  while (fields.next()) {
    if (fields.field === 1) id = fields.number
    else if (fields.field === 2) name = fields.number
    else if (fields.field === 3) systemName = fields.number
    else if (fields.field === 4) file = fields.number
  }
  into.set(id, { name: name || systemName, file })
}

function stringTable(data: Uint8Array, texts: readonly number[]): StringTable {
  const decoder = new TextDecoder()
  const known = new Map<number, string>()
  return {
    count: texts.length / 2,
    at(index) {
      const found = known.get(index)
      if (found !== undefined) return found
      const start = texts[index * 2]
      const end = texts[index * 2 + 1]
      const text =
        start === undefined || end === undefined
          ? ''
          : decoder.decode(data.subarray(start, Math.min(end, start + 4000)))
      known.set(index, text)
      return text
    },
  }
}
