import { describe, expect, it } from 'vitest'
import { type HeapSnapshot, NO_INDEX } from '#lib/heap/snapshot'
import { plainObject, rubyFixture, scanRuby } from '#test/build/ruby-dump'

interface Line {
  address?: string
  type: string
  class?: string
  references?: string[]
  memsize?: number
  generation?: number
  file?: string
  line?: number
  method?: string
  name?: string
  struct?: string
  imemo_type?: string
}

/** Compares every object with what JSON.parse says of its line. Answers the lines that JSON.parse cannot read. */
function compare(data: Uint8Array, heap: HeapSnapshot): { outsideJson: number[]; differences: string[] } {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const outsideJson: number[] = []
  const differences: string[] = []
  let object = 0
  for (let start = 0; start < data.length; ) {
    const newline = buffer.indexOf(10, start)
    const end = newline < 0 ? data.length : newline
    const text = buffer.toString('utf8', start, end)
    const offset = start
    start = end + 1
    let line: Line
    try {
      // reason: the oracle; a wrong shape shows as a difference.
      line = JSON.parse(text) as Line
    } catch {
      outsideJson.push(object++)
      continue
    }
    if (line.type === 'ROOT') continue
    const difference = differenceOf(heap, object, line, offset)
    if (difference !== undefined) differences.push(`object ${object}: ${difference}`)
    object++
  }
  if (object !== heap.objects) differences.push(`${heap.objects} objects, ${object} lines`)
  return { outsideJson, differences: differences.slice(0, 5) }
}

function differenceOf(heap: HeapSnapshot, object: number, line: Line, offset: number): string | undefined {
  const ours = plainObject(heap, object)
  const isUnsigned = (line.line ?? 0) > 2 ** 53
  const theirs = {
    address: Number(line.address),
    type: line.type,
    shallowBytes: line.memsize ?? 0,
    generation: line.generation ?? -1,
    file: line.file ?? '',
    line: isUnsigned ? -3 : (line.line ?? 0),
    method: line.method ?? '',
    label: line.name ?? line.struct ?? line.imemo_type ?? '',
  }
  for (const key of ['address', 'type', 'shallowBytes', 'generation', 'file', 'line', 'method'] as const)
    if (ours[key] !== theirs[key]) return `${key} ${ours[key]} is not ${theirs[key]}`
  if (line.type !== 'STRING' && ours.label !== theirs.label)
    return `label ${ours.label} is not ${theirs.label}`
  if (heap.lineOffset[object] !== offset) return `offset ${heap.lineOffset[object]} is not ${offset}`
  const references = line.references ?? []
  const from = heap.referenceStart[object]!
  if (heap.referenceStart[object + 1]! - from !== references.length) return 'number of references'
  for (const [i, address] of references.entries()) {
    const target = heap.references[from + i]!
    if (target === NO_INDEX || heap.slots.address(heap.slot[target]!) !== Number(address))
      return `reference ${i}`
  }
  if (
    line.class === undefined ||
    line.type === 'IMEMO' ||
    line.struct === 'ObjectTracing/allocation_info_tracer'
  )
    return undefined
  const owner = heap.classIndex[object]!
  return owner !== NO_INDEX && heap.slots.address(heap.slot[owner]!) === Number(line.class)
    ? undefined
    : 'class'
}

describe('the Ruby scanner against JSON.parse', () => {
  it.each([
    ['1-end-of-up', 1 << 18, 18_311],
    ['1-end-of-up', 997, 18_311],
    ['2-end-of-down', 65_537, 18_321],
    ['trace-1-warm', 100_003, 166_284],
  ])('[RBY1] reads every object of %s in pieces of %i bytes exactly as JSON does', (name, step, objects) => {
    const data = rubyFixture(name)
    const heap = scanRuby(data, step)

    expect(compare(data, heap)).toEqual({ outsideJson: [], differences: [] })
    expect(heap.objects).toBe(objects)
    expect(heap.notes).toMatchObject({ badLines: 0, danglingReferences: 0, truncatedAt: undefined })
  })

  it('[RBY2] reads the one line of the odd dump that is outside JSON, and all others as JSON does', () => {
    const data = rubyFixture('weird')
    const heap = scanRuby(data, 100_000)
    const { outsideJson, differences } = compare(data, heap)

    expect(differences).toEqual([])
    expect(outsideJson).toHaveLength(1)
    const odd = plainObject(heap, outsideJson[0]!)
    expect(odd.file).toBe('weird "file" \\ name é.rb')
    expect(odd.shallowBytes).toBeGreaterThan(0)
    expect(heap.notes.badLines).toBe(0)
  }, 30_000)

  it('[RBY3] gives a negative line as the negative number that Ruby printed unsigned', () => {
    const heap = scanRuby(rubyFixture('weird'))
    const lines = Array.from({ length: heap.sites.count }, (_, site) => heap.sites.line[site]!)

    expect(lines.filter((line) => line < 0)).toEqual([-3])
  })
})
