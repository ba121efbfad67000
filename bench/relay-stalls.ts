import { createEncoder, toUint8Array, writeUint8, writeVarUint } from 'lib0/encoding'
import * as Y from 'yjs'
import { cutUpdate } from '#lib/collab/cut-update'
import { inspectUpdate } from '#lib/collab/guard'
import { compactState } from '#lib/collab/state'

// How long the thread with the sockets stands still: `npx tsx bench/relay-stalls.ts`. In docs/realtime.md, "Stalls".

const ROUNDS = 50

function measure(what: string, rounds: number, work: () => unknown): void {
  const times = Array.from({ length: rounds }, () => {
    const from = performance.now()
    work()
    return performance.now() - from
  }).sort((a, b) => a - b)
  const at = (q: number) => times[Math.min(times.length - 1, Math.floor(q * times.length))]?.toFixed(1)
  console.log(`${what}: median ${at(0.5)} ms, p99 ${at(0.99)} ms (${rounds} rounds)`)
}

/** So many structs of two bytes each. */
function structs(count: number): Uint8Array {
  const encoder = createEncoder()
  for (const value of [1, count, 9, 0]) writeVarUint(encoder, value)
  for (let index = 0; index < count; index++) {
    writeUint8(encoder, 0)
    writeVarUint(encoder, 1)
  }
  writeVarUint(encoder, 0)
  return toUint8Array(encoder)
}

/** Two letters at a time at any place: as many structs as insertions, and each splits another. */
function scattered(insertions: number): Y.Doc {
  const doc = new Y.Doc()
  const text = doc.getText('t')
  for (let n = 0, place = 1; n < insertions; n++) {
    place = (place * 48271) % 2147483647
    text.insert(place % (text.length + 1), 'ab')
  }
  return doc
}

const nothing = { clockOf: () => 0, ownerOf: () => undefined }
const hostile = structs(130_000)
measure(`guard, ${hostile.byteLength} bytes of the smallest structs`, ROUNDS, () =>
  inspectUpdate(hostile, nothing, 'a'),
)
const most = Y.encodeStateAsUpdate(scattered(2200))
console.log(
  `scattered typing, ${Y.decodeUpdate(most).structs.length} structs: ${JSON.stringify(inspectUpdate(most, nothing, 'a'))}`,
)
measure('guard and apply it', ROUNDS, () => {
  inspectUpdate(most, nothing, 'a')
  Y.applyUpdate(new Y.Doc(), most)
})
const paste = new Y.Doc()
paste.getText('t').insert(0, '2026-11-23T12:00:01Z gc heap 512 MB\n'.repeat(87_000))
const pasted = Y.encodeStateAsUpdate(paste)
measure(`cut ${pasted.byteLength} bytes of text (in the browser)`, 10, () => cutUpdate(pasted))

const long = new Y.Doc()
const paragraphs = Array.from({ length: 25_000 }, (_, line) => {
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [new Y.XmlText(`${'word '.repeat(36)}${line}`)])
  return paragraph
})
long.getXmlFragment('notes').insert(0, paragraphs)
const state = Y.encodeStateAsUpdate(long)
measure(`fold ${state.byteLength} bytes (in a reader thread)`, 5, () => compactState(state, []))
measure('open it (on the thread with the sockets, once per node)', 5, () => Y.applyUpdate(new Y.Doc(), state))
