import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { openState } from '#lib/collab/state'
import { DocId, InvestigationId } from '#lib/investigation/ids'
import { LiveDocument } from '#lib/realtime/server/live-document'
import { Timers } from '#lib/realtime/server/timers'
import { formattedEdit, notesOf, Pen } from '#test/build/formatting'

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)

/** A document whose log is an array, and what it passed on. */
function liveDocument() {
  const log: Uint8Array[] = []
  const passedOn: Uint8Array[] = []
  const live = new LiveDocument(
    {
      docId: DocId.parse('00000000-0000-4000-8000-000000000001'),
      investigationId: InvestigationId.parse('00000000-0000-4000-8000-000000000002'),
      epoch: 1,
      doc: new Y.Doc(),
      head: 0,
      tailRows: 0,
      tailBytes: 0,
      owners: new Map(),
      isIncomplete: false,
    },
    {
      log: pino({ level: 'silent' }),
      timers: new Timers(),
      broadcast: (_document, { update }) => passedOn.push(update),
      ticked() {},
      degraded() {},
      append: async (_document, batch) => log.push(...batch.map(({ update }) => update)),
      committed() {},
      pull: async () => [],
      discard(_document, reason) {
        throw new Error(`discarded: ${reason}`)
      },
      gap() {},
      grown() {},
      changing() {},
    },
  )
  return { live, log, passedOn }
}

/** Everything that a document holds, also what was deleted. */
const wholeOf = (doc: Y.Doc) => Y.encodeStateAsUpdate(doc)

/** A person's page: what she does, and what Yjs tidies up on it after others, goes out in the order it happened. */
function page(clientId: number) {
  const doc = new Y.Doc()
  doc.clientID = clientId
  const outgoing: Uint8Array[] = []
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'server') outgoing.push(update)
  })
  return { doc, outgoing, pen: new Pen(doc), heard: 0 }
}

describe('an open document', () => {
  it(`[#5] holds exactly what its log holds after every push, whatever is marked, erased and undone (seed ${SEED})`, async () => {
    const step = fc.record({
      who: fc.constantFrom(0 as const, 1 as const),
      edit: formattedEdit,
      isHeard: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const { live, log, passedOn } = liveDocument()
        const pages = [page(1), page(2)] as const
        const send = async (from: (typeof pages)[number]) => {
          for (const update of from.outgoing.splice(0)) {
            const reply = await live.push(`user-${from.doc.clientID}`, update, undefined)
            expect(reply.ok).toBe(true)
            const stored = openState(null, log)
            expect(wholeOf(stored)).toEqual(wholeOf(live.doc))
          }
        }
        const hear = (to: (typeof pages)[number]) => {
          for (const update of passedOn.slice(to.heard)) Y.applyUpdate(to.doc, update, 'server')
          to.heard = passedOn.length
        }
        for (const { who, edit, isHeard } of steps) {
          const actor = pages[who]
          if (isHeard) hear(actor)
          actor.pen.edit(edit)
          await send(actor)
        }
        // What is heard may be tidied up, and that is sent and heard again.
        while (pages.some(({ heard, outgoing }) => heard < passedOn.length || outgoing.length > 0)) {
          for (const each of pages) {
            hear(each)
            await send(each)
          }
        }
        const stored = notesOf(openState(null, log))
        expect(pages.map(({ doc }) => notesOf(doc))).toEqual([stored, stored])
        for (const { pen } of pages) pen.close()
        live.close()
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 150), seed: SEED },
    )
  })
})
