import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { duplicates } from '#lib/heap/duplicates'
import { pathTo, shortestPaths } from '#lib/heap/paths'
import { type Retention, retention, subtreeEnd } from '#lib/heap/retention'
import { type HeapSnapshot, keyText, NO_INDEX } from '#lib/heap/snapshot'
import { openHeapColumns, writeHeapColumns } from '#lib/storage/heap-columns'
import { drawHeap } from '#test/build/draw-heap'
import { randomHeap } from '#test/build/random-heap'
import { rubyFixture, scanRuby } from '#test/build/ruby-dump'

let folder = ''
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leakroom-columns-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
const nextPath = (): string => join(folder, `${files++}`)

async function reopened(snapshot: HeapSnapshot): Promise<ReturnType<typeof openHeapColumns>> {
  const path = nextPath()
  await writeHeapColumns(path, snapshot, retention(snapshot))
  return openHeapColumns(path)
}

/** Everything that people can ask of a snapshot, by value: names instead of indexes, and only the used part of columns. */
function content(snapshot: HeapSnapshot): unknown {
  const { objects, strings, sites, roots, edges } = snapshot
  const references = snapshot.referenceStart[objects]!
  const text = (id: number) => strings.text(id)
  const used = <A extends { subarray(from: number, to: number): Iterable<number> }>(column: A) => [
    ...column.subarray(0, objects),
  ]
  return {
    facts: [snapshot.producer, objects, snapshot.typeNames, snapshot.keyKind, snapshot.notes],
    orphans: snapshot.orphans ?? 'apart',
    siteKind: snapshot.siteKind ?? 'allocation',
    columns: [
      used(snapshot.type),
      used(snapshot.flags),
      used(snapshot.shallowBytes),
      used(snapshot.generation),
      used(snapshot.site),
      used(snapshot.classIndex),
      used(snapshot.lineOffset),
      snapshot.elements && used(snapshot.elements),
    ],
    huge: [...snapshot.hugeBytes],
    sites: Array.from({ length: sites.count }, (_, i) => [
      text(sites.file[i]!),
      sites.line[i],
      text(sites.method[i]!),
    ]),
    classNames: used(snapshot.className).map(text),
    labels: used(snapshot.label).map(text),
    keys: Array.from({ length: objects }, (_, i) => keyText(snapshot, i)),
    references: [
      [...snapshot.referenceStart.subarray(0, objects + 1)],
      [...snapshot.references.subarray(0, references)],
    ],
    edges: edges && {
      kinds: [edges.kindNames, [...edges.numberedKinds]],
      edges: Array.from({ length: references }, (_, k) => [
        edges.kind[k],
        edges.numberedKinds.has(edges.kind[k]! & 0x7f) ? edges.name[k] : text(edges.name[k]!),
      ]),
    },
    roots: Array.from({ length: roots.count }, (_, i) => [
      text(roots.name[i]!),
      roots.isConservative?.[i] ?? 0,
      [...roots.references.subarray(roots.start[i]!, roots.start[i + 1]!)],
    ]),
  }
}

/** A retention without the order of children, which is free. */
function sizes(tree: Retention): unknown {
  const { nodes, firstObject, reached, unreached, idom, retainedBytes, retainedObjects } = tree
  return { nodes, firstObject, reached, unreached, idom, retainedBytes, retainedObjects }
}

describe('stored heap columns', () => {
  it('[COL5] give a random snapshot and its dominators back (seeded)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(randomHeap(), randomHeap({ orphans: 'under-root' })),
        fc.array(fc.constantFrom('A', 'Äpfel', '😀', '__proto__', '\ud800', ''), {
          minLength: 24,
          maxLength: 24,
        }),
        async (drawing, names) => {
          const objects = drawing.objects.map((object, i) => ({
            ...object,
            className: names[i]!,
            file: names[23 - i]!,
            line: i - 5,
          }))
          const snapshot = {
            ...drawHeap({ ...drawing, objects }),
            siteKind: objects.length % 2 === 0 ? ('definition' as const) : undefined,
          }
          const again = await reopened(snapshot)
          expect(content(again.snapshot)).toEqual(content(snapshot))
          const tree = retention(snapshot)
          expect(sizes(again.retention)).toEqual(sizes(tree))
          for (let at = 0; at < tree.reached; at++) {
            const node = again.retention.order[at]!
            expect(again.retention.rank[node]).toBe(at)
            const below = [...again.retention.order.subarray(at, subtreeEnd(again.retention, node))]
            const before = [...tree.order.subarray(tree.rank[node]!, subtreeEnd(tree, node))]
            expect(below.sort()).toEqual(before.sort())
          }
        },
      ),
      { seed: 51, numRuns: 120 },
    )
  }, 60_000)

  it.each(['weird', 'trace-1-warm'])(
    '[COL6] give %s back: objects, sites, paths, duplicates',
    async (name) => {
      const snapshot = scanRuby(rubyFixture(name))
      const again = await reopened(snapshot)

      // As text: comparing ten million numbers one by one takes a test runner half a minute.
      const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
      expect(isSame(content(again.snapshot), content(snapshot))).toBe(true)
      expect(isSame(sizes(again.retention), sizes(retention(snapshot)))).toBe(true)
      expect(isSame(duplicates(again.snapshot), duplicates(snapshot))).toBe(true)
      const paths = shortestPaths(again.snapshot)
      expect(paths.edge.join()).toBe(shortestPaths(snapshot).edge.join())
      expect(pathTo(again.snapshot, paths, 1000)).toEqual(pathTo(snapshot, paths, 1000))
    },
    60_000,
  )

  it('[COL7] take at most 3 % of a Ruby dump', async () => {
    const data = rubyFixture('trace-1-warm')
    const snapshot = scanRuby(data)
    const { size } = await writeHeapColumns(nextPath(), snapshot, retention(snapshot))

    expect(size / data.length).toBeLessThan(0.03)
  })

  it('[COL8] notice every flipped bit, every cut and every other version before anything is shown (seeded)', async () => {
    const path = nextPath()
    const snapshot = scanRuby(rubyFixture('1-end-of-up'))
    const written = await writeHeapColumns(path, snapshot, retention(snapshot))
    const whole = readFileSync(path)
    expect(written.size).toBe(whole.length)
    const damaged = nextPath()
    const opens = (bytes: Uint8Array) => {
      writeFileSync(damaged, bytes)
      return openHeapColumns(damaged)
    }
    expect(opens(whole).snapshot.objects).toBe(snapshot.objects)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(7), (at, bit) => {
        const bytes = Buffer.from(whole)
        bytes[at]! ^= 1 << bit
        expect(() => opens(bytes)).toThrow(/heap columns/)
      }),
      { seed: 52, numRuns: 150 },
    )
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        expect(() => opens(whole.subarray(0, length))).toThrow(/heap columns/)
      }),
      { seed: 53, numRuns: 60 },
    )
    expect(() => opens(Buffer.concat([whole, Buffer.of(0)]))).toThrow(/longer/)
    const other = Buffer.from(whole)
    other.writeUInt32LE(99, 4)
    expect(() => opens(other)).toThrow(/version 99/)
  })

  it('[COL9] are all there in a copy of the snapshot, also those that nobody read yet', async () => {
    const { snapshot } = await reopened(drawHeap({ objects: [{ to: [0, NO_INDEX] }], roots: [['vm', [0]]] }))
    const copy = { ...snapshot }

    expect(copy.references).toEqual(Uint32Array.of(0, NO_INDEX))
    expect(snapshot.references).toBe(copy.references)
  })
})
