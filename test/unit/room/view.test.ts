import { describe, expect, it } from 'vitest'
import { teamConfidence } from '#components/investigation/confidence'
import { mergeMessages } from '#components/investigation/use-messages'
import { AGENT_KINDS, agentLine } from '#components/room/agent-lines'
import { ingestLine } from '#components/room/api-tokens'
import { samePin } from '#components/room/pin-dialog'
import { placeEntries } from '#components/room/timeline-strip'
import { rangeTitle } from '#components/room/use-pin-brushed'
import { capturePath, growthQuery } from '#components/room/view'
import { CaptureId, EvidenceId, MessageId, UserId } from '#lib/investigation/ids'
import type { EvidenceRow, MessageRow } from '#lib/investigation/rows'

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const message = (n: number, body: string, seq = n): MessageRow => ({
  id: MessageId.parse(uuid(n)),
  seq,
  authorId: UserId.parse('u1'),
  body,
  version: 1,
  createdAt: 0,
  editedAt: null,
  deleted: false,
})

describe('links inside the room', () => {
  it('bring a growth row with its captures', () => {
    const query = new URLSearchParams(growthQuery(['a', 'b'], 'String x.rb:1'))
    expect(Object.fromEntries(query)).toEqual({ tab: 'growth', captures: 'a,b', row: 'String x.rb:1' })
  })

  it('open a capture with the view that was pinned, and nothing outside the capture', () => {
    expect(capturePath('i', 'c', '')).toBe('/i/i/captures/c')
    expect(capturePath('i', 'c', '?table=sites')).toBe('/i/i/captures/c?table=sites')
    expect(capturePath('i', 'c', 'table=sites')).toBe('/i/i/captures/c?table=sites')
    expect(capturePath('i', 'c', '/i/other/captures/c')).toBe('/i/i/captures/c')
  })
})

describe('older and live messages', () => {
  it('are one list in order, and an edit wins over the page that was loaded before it', () => {
    const merged = mergeMessages([message(1, 'a'), message(2, 'b')], [message(3, 'c'), message(2, 'edited')])
    expect(merged.map((row) => row.body)).toEqual(['a', 'edited', 'c'])
  })
})

describe('pins', () => {
  it('of the same thing are one pin with two links', () => {
    const ref = { kind: 'capture', captureId: CaptureId.parse(uuid(7)), view: '' } as const
    const row: EvidenceRow = {
      id: EvidenceId.parse(uuid(8)),
      title: 'A',
      ref,
      createdBy: UserId.parse('u1'),
      createdAt: 0,
    }
    expect(samePin([row], { ...ref })).toBe(row)
    expect(samePin([row], { ...ref, view: '?table=sites' })).toBeUndefined()
  })

  it('of a range say when, and the first clause of the reading', () => {
    const title = rangeTitle({ from: 0, to: 60_000 }, 'Grew by +2 GiB/h (95 %: +1 to +3); not at the end.')
    expect(title).toMatch(/^\w{3},? 1 Jan.*: Grew by \+2 GiB\/h$/)
  })
})

describe("the team's confidence", () => {
  it('is the mean of the votes, and nothing without any', () => {
    expect(teamConfidence({})).toBeNull()
    expect(teamConfidence({ u1: 4, u2: 1 })).toBe(2.5)
  })
})

describe('the timeline strip', () => {
  it('places what lies in the range and counts what does not', () => {
    const at = (t: number) =>
      ({ seq: t, icon: 'mark', tone: 'plain', actor: '', deed: '', text: '', at: t }) as const
    const { placed, before, after } = placeEntries([at(5), at(50), at(150), at(160)], { from: 0, to: 100 })
    expect(placed.map(({ x }) => x)).toEqual([0.05, 0.5])
    expect([before, after]).toEqual([0, 2])
  })
})

describe('the line that sends a point', () => {
  it('holds the token and the address of this server', () => {
    const line = ingestLine('https://leakroom.example', 'lr_x')
    expect(line).toContain('https://leakroom.example/api/ingest')
    expect(line).toContain("'Authorization: Bearer lr_x'")
  })
})

describe('the line that starts an agent', () => {
  it.each(AGENT_KINDS.map(({ kind }) => kind))(
    'fetches the one for %s from this server, with the token',
    (kind) => {
      const line = agentLine(kind, 'https://leakroom.example', 'lr_x')
      expect(line).toContain("'https://leakroom.example/agent/leakroom")
      expect(line).toContain("LEAKROOM_URL='https://leakroom.example' LEAKROOM_TOKEN='lr_x'")
    },
  )
})
