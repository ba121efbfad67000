import { describe, expect, it } from 'vitest'
import { captureTables } from '#lib/findings/capture'
import { decodeRetainedRows, encodeRetainedRows } from '#lib/findings/retained-rows'
import { retention } from '#lib/heap/retention'
import { type DrawnObject, drawHeap } from '#test/build/draw-heap'

const rowsOf = (objects: readonly DrawnObject[]) => {
  const heap = drawHeap({ objects, roots: [['vm', [0]]] })
  const { retained } = captureTables(heap, retention(heap))
  if (retained === undefined) throw new Error('retention was given')
  return retained
}

describe('what the rows of the tables retain', () => {
  // Store → Node → Node → Text; the second node was made elsewhere, later.
  const objects: DrawnObject[] = [
    { className: 'Store', bytes: 1, to: [1], file: 'store.rb', line: 1, generation: 3 },
    { className: 'Node', bytes: 10, to: [2], file: 'a.rb', line: 1, generation: 3 },
    { className: 'Node', bytes: 10, to: [3], file: 'b.rb', line: 2, generation: 4 },
    { className: 'Text', bytes: 100 },
    { className: 'Text', bytes: 7 },
  ]

  it('counts each byte once per row, also where members of a row hold each other', () => {
    const { classes, sites, types, generations } = rowsOf(objects)
    expect(classes.get('Node')).toBe(120)
    expect(classes.get('Store')).toBe(121)
    expect(sites.get('a.rb:1')).toBe(120)
    expect(sites.get('b.rb:2')).toBe(110)
    expect(types.get('OBJECT')).toBe(121)
    expect(generations.get('3')).toBe(121)
    expect(generations.get('4')).toBe(110)
  })

  it('counts nothing that no root reaches', () => {
    expect(rowsOf(objects).classes.get('Text')).toBe(100)
    expect(rowsOf(objects).generations.get('-1')).toBe(100)
  })

  it('takes generations of any size', () => {
    const late = rowsOf(objects.map((object) => ({ ...object, generation: (object.generation ?? 0) * 1e8 })))
    expect(late.generations.get('400000000')).toBe(110)
  })

  it('is stored and read back, hostile names too', () => {
    const rows = rowsOf([{ className: '__proto__', bytes: 5 }])
    expect(decodeRetainedRows(encodeRetainedRows(rows))).toEqual(rows)
    expect(rows.classes.get('__proto__')).toBe(5)
  })
})
