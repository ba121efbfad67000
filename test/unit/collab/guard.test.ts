import fc from 'fast-check'
import { createEncoder, toUint8Array, writeUint8, writeVarUint } from 'lib0/encoding'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { inspectUpdate, type Known, MAX_UPDATE_BYTES } from '#lib/collab/guard'

const knownBy = (doc: Y.Doc, owners: Record<number, string> = {}): Known => ({
  clockOf: (clientId) => Y.getState(doc.store, clientId),
  ownerOf: (clientId) => owners[clientId],
})

const written = (clientId: number, text: string): Y.Doc => {
  const doc = new Y.Doc()
  doc.clientID = clientId
  doc.getText('t').insert(0, text)
  return doc
}

/** One garbage-collected struct, as an attacker writes it by hand. */
function forged(clientId: number, clock: number, length: number, structs = 1): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, 1)
  writeVarUint(encoder, structs)
  writeVarUint(encoder, clientId)
  writeVarUint(encoder, clock)
  for (let i = 0; i < Math.min(structs, 120_000); i++) {
    writeUint8(encoder, 0)
    writeVarUint(encoder, length)
  }
  writeVarUint(encoder, 0)
  return toUint8Array(encoder)
}

describe('the guard before updates', () => {
  it('lets ordinary typing, deleting and a whole offline draft through', () => {
    const server = new Y.Doc()
    const author = written(7, 'hello')
    expect(inspectUpdate(Y.encodeStateAsUpdate(author), knownBy(server), 'ana')).toEqual({
      ok: true,
      writers: [7],
    })
    Y.applyUpdate(server, Y.encodeStateAsUpdate(author))
    for (let i = 0; i < 500; i++) author.getText('t').insert(i, 'word ')
    author.getText('t').delete(3, 40)
    const draft = Y.encodeStateAsUpdate(author, Y.encodeStateVector(server))
    expect(inspectUpdate(draft, knownBy(server, { 7: 'ana' }), 'ana').ok).toBe(true)
  })

  it('lets anybody send again what the document holds already, whoever wrote it', () => {
    const server = written(7, 'hello')
    const whole = Y.encodeStateAsUpdate(server)
    expect(inspectUpdate(whole, knownBy(server, { 7: 'ana' }), 'ben')).toEqual({ ok: true, writers: [] })
  })

  it('refuses to write under somebody else’s client id (clock burn, 14 bytes)', () => {
    const server = written(7, 'hello')
    const attack = forged(7, 5, 2_000_000)
    expect(attack.byteLength).toBeLessThan(15)
    const verdict = inspectUpdate(attack, knownBy(server, { 7: 'ana' }), 'mallory')
    expect(verdict).toEqual({ ok: false, code: 'foreign-client' })
  })

  it('refuses a struct that claims 2^50 letters', () => {
    expect(inspectUpdate(forged(9, 0, 2 ** 50), knownBy(new Y.Doc()), 'ana')).toEqual({
      ok: false,
      code: 'garbage',
    })
  })

  it('refuses nine bytes that claim ten million structs, within 50 ms', () => {
    const encoder = createEncoder()
    for (const value of [1, 10_000_000, 5, 0]) writeVarUint(encoder, value)
    const from = performance.now()
    expect(inspectUpdate(toUint8Array(encoder), knownBy(new Y.Doc()), 'ana').ok).toBe(false)
    expect(performance.now() - from).toBeLessThan(50)
  })

  it('refuses more structs than people write, and more bytes than people paste', () => {
    expect(inspectUpdate(forged(9, 0, 1, 60_000), knownBy(new Y.Doc()), 'ana')).toEqual({
      ok: false,
      code: 'too-big',
    })
    const huge = new Uint8Array(MAX_UPDATE_BYTES + 1)
    expect(inspectUpdate(huge, knownBy(new Y.Doc()), 'ana')).toEqual({ ok: false, code: 'too-big' })
  })

  it('refuses what leans on something that is missing: a gap in clocks, a neighbour, a deletion', () => {
    const author = written(7, 'a')
    const before = Y.encodeStateVector(author)
    author.getText('t').insert(1, 'b')
    const second = Y.encodeStateAsUpdate(author, before)
    expect(inspectUpdate(second, knownBy(new Y.Doc()), 'ana')).toEqual({ ok: false, code: 'gap' })

    const other = new Y.Doc()
    other.clientID = 8
    Y.applyUpdate(other, Y.encodeStateAsUpdate(author))
    const vector = Y.encodeStateVector(other)
    other.getText('t').insert(1, 'between')
    const leaning = Y.encodeStateAsUpdate(other, vector)
    expect(inspectUpdate(leaning, knownBy(new Y.Doc()), 'ben')).toEqual({ ok: false, code: 'gap' })

    author.getText('t').delete(0, 2)
    const deletion = Y.encodeStateAsUpdate(author, Y.encodeStateVector(author))
    expect(inspectUpdate(deletion, knownBy(new Y.Doc()), 'ana')).toEqual({ ok: false, code: 'gap' })
  })

  it('never throws and never lets through what would stay pending, whatever the bytes (seeded)', () => {
    const valid = Y.encodeStateAsUpdate(written(7, 'the quick brown fox'))
    const mutated = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
      .map((changes) => {
        const bytes = new Uint8Array(valid)
        for (const [at, value] of changes) bytes[at] = value
        return bytes
      })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        const server = new Y.Doc()
        if (!inspectUpdate(bytes, knownBy(server), 'ana').ok) return
        try {
          Y.applyUpdate(server, bytes)
        } catch {
          // The server forgets the document in memory then and loads it again.
          return
        }
        expect(server.store.pendingStructs).toBeNull()
      }),
      { numRuns: 3000 },
    )
  })
})
