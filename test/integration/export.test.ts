import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { createDocument } from '#lib/db/documents'
import { seedUpdate } from '#lib/demo/rich-text'
import { UserError } from '#lib/errors/user-error'
import { type Compare, exportMarkdown } from '#lib/http/export'
import { GROWTH_REPORT_VERSION } from '#lib/reports/growth-report'
import { cloneDatabase } from '#test/build/postgres'
import { buildCapture, buildRoom, command } from '#test/build/room'

let database: Database
let drop: () => Promise<void>

beforeAll(async () => {
  const clone = await cloneDatabase(inject('templateUrl'))
  drop = clone.drop
  database = connectDatabase(clone.url)
})
afterAll(async () => {
  await database.close()
  await drop()
})

const nothing: Compare = () => Promise.reject(new UserError('compare/too-few'))
const options = { baseUrl: 'https://room.example', at: Date.UTC(2026, 10, 23, 12) }

describe('the export', () => {
  it('holds hypotheses, verdicts, votes, evidence with permanent links, notes and discussion', async () => {
    const room = await buildRoom('Memory climbs: why?')
    const hypothesis = await command(room.editor, 'hypothesis:add', {
      id: randomUUID(),
      title: 'The *cache*',
    })
    await command(room.editor, 'hypothesis:set-status', {
      id: hypothesis.id,
      version: 1,
      to: 'ruled-out',
      reason: 'flat',
    })
    await command(room.second, 'confidence:set', { hypothesisId: hypothesis.id, value: 2 })
    const ref = { kind: 'note' as const, quote: 'q' }
    const pin = await command(room.editor, 'evidence:pin', { id: randomUUID(), title: 'RSS [flat]', ref })
    const link = { evidenceId: pin.id, hypothesisId: hypothesis.id, stance: 'against' as const, note: 'see' }
    await command(room.editor, 'evidence:link', link)
    await command(room.second, 'message:post', {
      id: randomUUID(),
      body: `look: [[pin:${pin.id}]]\n# not a heading`,
    })
    const { fileName, text } = await exportMarkdown(room.viewer, nothing, options)
    const permalink = `https://room.example/i/${room.id}?pin=${pin.id}`
    expect(fileName).toBe('memory-climbs-why.md')
    expect(text).toContain('# Memory climbs: why?\n')
    expect(text).toContain('exported 2026-11-23 12:00 UTC')
    expect(text).toContain(
      '## Ruled out or parked\n\n### The \\*cache\\*\n\n**ruled out**: flat · confidence Sam 2/5',
    )
    expect(text).toContain(`- Against: [RSS \\[flat\\]](${permalink}) (see)`)
    expect(text).toContain(`> look: [RSS \\[flat\\]](${permalink})\n> \\# not a heading`)
    expect(text).not.toContain('## Captures')
  })

  it('holds what is written under a hypothesis and in the notes, as committed', async () => {
    const room = await buildRoom()
    const { id } = await command(room.editor, 'hypothesis:add', { id: randomUUID(), title: 'H' })
    await db().yDoc.deleteMany({ where: { investigationId: room.id } })
    const seed = seedUpdate(
      new Map([
        ['notes', [{ kind: 'heading', level: 1, text: 'What we saw' } as const]],
        [`hyp:${id}:rationale`, [{ kind: 'paragraph', runs: ['because ', { code: 'x' }] } as const]],
        [`hyp:${id}:next`, [{ kind: 'paragraph', runs: ['look'] } as const]],
      ]),
    )
    await db().$transaction((tx) => createDocument(tx, room.id, seed))
    const { text } = await exportMarkdown(room.viewer, nothing, options)
    expect(text).toContain('### H\n\n**a hunch**\n\nbecause `x`\n\nNext: look')
    expect(text).toContain('## Notes\n\n### What we saw')
  })

  it('compares the captures of each process, and does without where that cannot be done', async () => {
    const room = await buildRoom()
    await buildCapture(room.editor, 'ready', 'a0')
    await buildCapture(room.editor, 'ready', 'a1')
    await buildCapture(room.editor, 'failed', 'a2')
    const compare: Compare = async (captures) => ({
      version: GROWTH_REPORT_VERSION,
      captures: captures.length,
      objects: [1, 2],
      bytes: [1, 2],
      grownBytes: 1,
      changedGroups: 1,
      unchangedGroups: 0,
      suspects: [
        {
          title: 'Entry',
          words: 'Entry grows by 1.00 per request',
          holder: null,
          rows: [],
          shareOfGrowth: 1,
          bytesChange: 1,
          confidence: { level: 'low', reason: 'Two captures.' },
          fingerprint: '[]',
        },
      ],
      explainedShare: 1,
      unexplained: { of: 'heap', grownBytes: 1, bytes: 0, share: 0, words: 'All is explained.' },
      isOneProcess: true,
      advice: [],
      holders: [],
      proposals: [],
      summary: 'Two captures were compared.',
      remarks: [],
      rows: [],
    })
    const { text } = await exportMarkdown(room.viewer, compare, options)
    expect(text).toContain(
      '### capture a0 → capture a1\n\nTwo captures were compared.\n\n- Entry grows by 1.00 per request',
    )
    expect((await exportMarkdown(room.viewer, nothing, options)).text).not.toContain('## Growth')
  })

  it('is for people who may read the room, and holds older messages too', async () => {
    const room = await buildRoom()
    for (let n = 0; n < 103; n++)
      await command(room.editor, 'message:post', { id: randomUUID(), body: `m${n}!` })
    const { text } = await exportMarkdown(room.viewer, nothing, options)
    expect(text).toContain('> m0!')
    expect(text).toContain('> m102!')
  })
})
