import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { cutUpdate, PIECE, type PieceSize } from '#lib/collab/cut-update'
import { inspectUpdate, type Known } from '#lib/collab/guard'
import { hasPending } from '#lib/collab/state'

const SMALL: PieceSize = { bytes: 200, structs: 5, mostBytes: 400, mostStructs: 12, ranges: 3 }
const knownBy = (doc: Y.Doc): Known => ({
  clockOf: (clientId) => Y.getState(doc.store, clientId),
  ownerOf: () => undefined,
})

/** Takes piece after piece as the server does. @throws when one is refused, or waits for something. */
function takeAll(server: Y.Doc, pieces: readonly Uint8Array[]): void {
  for (const [index, piece] of pieces.entries()) {
    const verdict = inspectUpdate(piece, knownBy(server), 'ana')
    if (!verdict.ok) throw new Error(`piece ${index} of ${pieces.length}: ${verdict.code}`)
    Y.applyUpdate(server, piece)
    if (hasPending(server)) throw new Error(`piece ${index} of ${pieces.length} waits`)
  }
}

const sameDoc = (a: Y.Doc, b: Y.Doc): void => {
  for (const name of a.share.keys()) {
    expect(b.getXmlFragment(name).toString()).toBe(a.getXmlFragment(name).toString())
  }
  expect(Y.equalSnapshots(Y.snapshot(b), Y.snapshot(a))).toBe(true)
}

const paragraph = (text: string): Y.XmlElement => {
  const made = new Y.XmlElement('paragraph')
  made.insert(0, [new Y.XmlText(text)])
  return made
}

describe('an update cut into pieces', () => {
  it('is itself when it is small', () => {
    const doc = new Y.Doc()
    doc.getXmlFragment('notes').insert(0, [paragraph('hello')])
    const update = Y.encodeStateAsUpdate(doc)
    expect(cutUpdate(update)).toEqual([update])
  })

  it('passes the guard piece by piece: one text of 3 MiB, 4,000 paragraphs, 2,000 deletions', () => {
    const doc = new Y.Doc()
    const server = new Y.Doc()
    const notes = doc.getXmlFragment('notes')
    notes.insert(0, [paragraph('2026-11-23 12:00:01 😀 GC heap 512 MB\n'.repeat(80_000))])
    takeAll(server, cutUpdate(Y.encodeStateAsUpdate(doc)))
    sameDoc(doc, server)
    notes.insert(
      1,
      Array.from({ length: 4000 }, (_, line) => paragraph(`line ${line}`)),
    )
    takeAll(server, cutUpdate(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server))))
    sameDoc(doc, server)
    doc.transact(() => {
      for (let at = notes.length - 1; at > 0; at -= 2) notes.delete(at, 1)
    })
    const difference = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server))
    const pieces = cutUpdate(difference, { ...PIECE, ranges: 500 })
    expect(pieces.length).toBeGreaterThan(1)
    takeAll(server, pieces)
    sameDoc(doc, server)
  }, 20_000)

  it('cuts what was written and deleted again, however long it was', () => {
    const doc = new Y.Doc()
    const text = doc.getText('t')
    text.insert(0, 'x'.repeat(5_000_000))
    text.delete(0, 5_000_000)
    const server = new Y.Doc()
    takeAll(server, cutUpdate(Y.encodeStateAsUpdate(doc)))
    expect(Y.encodeStateVector(server)).toEqual(Y.encodeStateVector(doc))
  })

  it('leaves one struct alone that cannot be cut, and the guard refuses that one only', () => {
    const doc = new Y.Doc()
    const picture = new Y.XmlElement('image')
    picture.setAttribute('src', `data:${'x'.repeat(400_000)}`)
    doc.getXmlFragment('notes').insert(0, [paragraph('before'), picture, paragraph('after')])
    const pieces = cutUpdate(Y.encodeStateAsUpdate(doc))
    const tooBig = pieces.filter((piece) => piece.byteLength > PIECE.mostBytes)
    expect(tooBig).toHaveLength(1)
  })

  it('does not cut between the two ends of a mark while there is room', () => {
    const doc = new Y.Doc()
    const server = new Y.Doc()
    const text = new Y.XmlText()
    doc.getXmlFragment('notes').insert(0, [text])
    for (let word = 0; word < 300; word++) text.insert(0, `w${word} `, word % 2 === 0 ? { bold: true } : {})
    const pieces = cutUpdate(Y.encodeStateAsUpdate(doc), SMALL)
    expect(pieces.length).toBeGreaterThan(20)
    for (const piece of pieces) {
      const ends = Y.decodeUpdate(piece).structs.flatMap((struct) =>
        struct instanceof Y.Item && struct.content instanceof Y.ContentFormat ? [struct.content.value] : [],
      )
      expect(ends.filter((value) => value === null).length * 2).toBe(ends.length)
      Y.applyUpdate(server, piece)
    }
    expect(server.getXmlFragment('notes').toString()).toBe(doc.getXmlFragment('notes').toString())
  })

  it('leaves the same document as the whole, whoever wrote what on whose text (seeded)', () => {
    const letters = fc.constantFrom('a', 'bc', 'def', '😀', 'x'.repeat(150), '😀é'.repeat(90))
    const step = fc.record({
      who: fc.nat(2),
      at: fc.nat(1000),
      text: letters,
      what: fc.constantFrom('text', 'text', 'block', 'delete', 'share', 'attribute'),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.nat(30), (steps, sharedAt) => {
        const people = [1, 2, 3].map((clientId) => {
          const doc = new Y.Doc()
          doc.clientID = clientId
          return doc
        })
        const server = new Y.Doc()
        const share = (): void => {
          for (const from of people)
            for (const to of people) Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)))
        }
        steps.forEach(({ who, at, text, what }, index) => {
          const doc = people[who]
          const notes = doc?.getXmlFragment('notes')
          if (!doc || !notes) return
          const block = notes.length > 0 ? notes.get(at % notes.length) : undefined
          if (what === 'block' || !(block instanceof Y.XmlElement)) {
            notes.insert(notes.length === 0 ? 0 : at % notes.length, [paragraph(text)])
          } else if (what === 'delete') notes.delete(at % notes.length, 1)
          else if (what === 'share') share()
          else if (what === 'attribute') block.setAttribute('level', text)
          else {
            const inner = block.get(0)
            if (inner instanceof Y.XmlText) inner.insert(inner.length === 0 ? 0 : at % inner.length, text)
          }
          if (index === sharedAt) {
            share()
            takeAll(server, cutUpdate(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server)), SMALL))
          }
        })
        share()
        share()
        const [ana] = people
        if (!ana) return
        takeAll(server, cutUpdate(Y.encodeStateAsUpdate(ana, Y.encodeStateVector(server)), SMALL))
        sameDoc(ana, server)
      }),
      { numRuns: 200 },
    )
  }, 20_000)
})
