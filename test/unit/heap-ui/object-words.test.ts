import { describe, expect, it } from 'vitest'
import { keyOf } from '#components/heap/find-object'
import { holderHref } from '#components/heap/holder-link'
import { memorySeriesOf, nearest } from '#components/heap/memory-then'
import { edgeWords, holderStep, lineWords, objectTitle, shownPath } from '#components/heap/object-words'
import { SeriesRow } from '#lib/investigation/rows'
import type { PathStep } from '#lib/reports/objects'
import { drawLine, id } from './draw.tsx'

const step = (object: number, references: number, isDominator = true): PathStep => ({
  kind: 'object',
  line: drawLine(object, { references }),
  isDominator,
})

describe('a path to an object', () => {
  const path: PathStep[] = [
    { kind: 'root', name: 'vm' },
    step(1, 40_000),
    step(2, 4),
    step(3, 20_000),
    step(4, 1),
  ]

  it('marks the last collection through which every way goes as what holds it', () => {
    expect(holderStep(path)).toBe(3)
  })

  it('takes no class for a collection, however many constants it has', () => {
    const classes: PathStep[] = [
      { kind: 'root', name: 'vm' },
      { kind: 'object', line: drawLine(1, { references: 402, type: 'CLASS' }), isDominator: true },
      step(2, 9),
      step(3, 1),
    ]
    expect(holderStep(classes)).toBe(2)
  })

  it('marks nothing that another way goes around', () => {
    const around = path.map((one) => (one.kind === 'object' ? { ...one, isDominator: false } : one))
    expect(holderStep(around)).toBe(-1)
  })

  it('of a list with 400,000 nodes shows the two ends and how much is between', () => {
    const long: PathStep[] = [
      ...path,
      { kind: 'gap', steps: 399_900 },
      ...Array.from({ length: 30 }, (_, at) => step(at + 10, 2)),
    ]
    const shown = shownPath(long)
    expect(shown).toHaveLength(5 + 1 + 8)
    expect(shown[5]).toEqual({ kind: 'gap', steps: 399_900 + 22 })
    expect(shownPath(path)).toEqual(path)
  })
})

describe('words about an object', () => {
  it('tell a reference as the runtime names it, and that a weak one keeps nothing alive', () => {
    expect(edgeWords(null)).toBeNull()
    expect(edgeWords({ kind: 'property', name: 'cache', isWeak: false })).toBe('.cache')
    expect(edgeWords({ kind: 'element', name: '12', isWeak: false })).toBe('[12]')
    expect(edgeWords({ kind: 'internal', name: 'table', isWeak: true })).toBe('internal table (weak)')
  })

  it('do not repeat the class that the name already says', () => {
    expect(lineWords(drawLine(1))).toBe('0x1008')
    expect(lineWords(drawLine(1, { label: 'AuditTrail', className: 'Module' }))).toBe('Module 0x1008')
  })

  it('make hostile names visible and short', () => {
    const title = objectTitle({ line: drawLine(1, { label: `\u202eevil${'x'.repeat(5000)}` }) })
    expect(title.length).toBeLessThanOrEqual(160)
    expect(title).not.toContain('\u202e')
  })

  it('find an object by an address with or without 0x, or by an id', () => {
    expect(keyOf(' 0x7F3C1A40 ')).toBe('0x7f3c1a40')
    expect(keyOf('7f3c1a40')).toBe('0x7f3c1a40')
    expect(keyOf('@123')).toBe('@123')
    expect(keyOf('123')).toBe('@123')
    expect(keyOf('hello')).toBeNull()
    expect(keyOf('0x')).toBeNull()
  })
})

describe('the way to a holder', () => {
  it('leads to its path and its object in the newest capture, compared with the oldest', () => {
    const href = holderHref({ ownerPath: 7, example: 77 }, 'room', [id(1), id(2), id(3)])
    expect(href).toBe(`/i/room/captures/${id(3)}?tab=dominators&path=7&object=77&since=${id(1)}`)
  })

  it('is none when it is not there any more', () => {
    expect(holderHref({ ownerPath: null, example: null }, 'room', [id(1)])).toBeNull()
  })
})

describe('the memory of the process when a capture was taken', () => {
  const series = (number: number, changes: object = {}) =>
    SeriesRow.parse({
      id: id(number),
      name: 'rss',
      label: 'RSS',
      process: 'app',
      unit: 'bytes',
      source: 'file',
      points: 10,
      from: 0,
      to: 10_000_000,
      version: 1,
      createdBy: 'u1',
      createdAt: 1,
      ...changes,
    })

  it('comes from the series of its own process', () => {
    const found = memorySeriesOf([series(1, { process: 'other' }), series(2)], {
      process: 'app',
      takenAt: 5_000_000,
    })
    expect(found?.id).toBe(id(2))
  })

  it('is not guessed when several processes might be meant, or the graph is of another day', () => {
    const two = [series(1, { process: 'a' }), series(2, { process: 'b' })]
    expect(memorySeriesOf(two, { process: null, takenAt: 5_000_000 })).toBeUndefined()
    expect(memorySeriesOf([series(1)], { process: 'app', takenAt: 900_000_000 })).toBeUndefined()
    expect(memorySeriesOf([series(1)], { process: 'app', takenAt: null })).toBeUndefined()
  })

  it('is the nearest sample, and none when the nearest is a quarter of an hour away', () => {
    expect(nearest([0, 1000, 2000], [5, 6, 7], 1200)).toEqual({ at: 1000, bytes: 6 })
    expect(nearest([0], [5], 16 * 60_000)).toBeNull()
    expect(nearest([], [], 0)).toBeNull()
  })
})
