import { render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { SWRConfig } from 'swr'
import { vi } from 'vitest'
import { PinProvider } from '#components/room/pin'
import { RoomContextProvider } from '#components/room/room-context'
import { idleLink } from '#components/room/room-provider'
import { DocId, InvestigationId, UserId } from '#lib/investigation/ids'
import { RoomState } from '#lib/investigation/room-state'
import { GROWTH_REPORT_VERSION, type GrowthPage, type GrowthRow } from '#lib/reports/growth-report'
import type { ObjectLine } from '#lib/reports/objects'

export const ROOM = '99999999-0000-4000-8000-000000000000'
export const id = (number: number) => `0000000${number}-0000-4000-8000-000000000000`

/** A capture's row, ready unless changed. */
export const drawCapture = (number: number, changes: object = {}) => ({
  id: id(number),
  label: `after ${number}`,
  fileName: 'heap.json',
  rank: `a${number}`,
  state: 'ready',
  problem: null,
  sha256: 'a'.repeat(64),
  format: 'Ruby heap dump',
  size: 1000,
  takenAt: null,
  process: null,
  requestCount: number * 1000,
  totals: { objects: 10, shallowBytes: 400, skippedLines: 0, tracedShare: 0.9, partial: false, readMs: 5 },
  version: 1,
  createdBy: 'u1',
  createdAt: 1,
  ...changes,
})

export function drawRoom(captures: object[], changes: object = {}): RoomState {
  return RoomState.parse({
    seq: 1,
    investigation: {
      id: ROOM,
      title: 'App servers grow',
      status: 'investigating',
      valuesHidden: false,
      demo: false,
      version: 1,
      createdAt: 1,
    },
    members: [],
    hypotheses: [],
    evidence: [],
    links: [],
    messages: [],
    marks: [],
    limits: [],
    captures,
    series: [],
    ...changes,
  })
}

/** `children` inside a room that is not connected. Answers come from `fetch`, which a test stubs. */
export function showInRoom(state: RoomState, children: ReactNode, role: 'editor' | 'viewer' = 'editor') {
  const link = { ...idleLink(state, role), command: vi.fn() }
  const value = {
    investigationId: InvestigationId.parse(ROOM),
    docId: DocId.parse(ROOM),
    me: { userId: UserId.parse('u1'), name: 'Mika', color: 0 },
    teamName: 'Core',
    link,
  }
  const shown = render(
    // A cache of its own: tests must not see each other's answers.
    <SWRConfig value={{ provider: () => new Map() }}>
      <RoomContextProvider value={value}>
        <PinProvider canPin={role !== 'viewer'}>{children}</PinProvider>
      </RoomContextProvider>
    </SWRConfig>,
  )
  return { ...shown, link }
}

/** Answers by the first word of the address that fits; everything else is not found. */
export function stubAnswers(answers: Readonly<Record<string, unknown>>) {
  const fetched = vi.fn(async (input: string | URL | Request, _init?: RequestInit) => {
    const address = String(input)
    const found = Object.entries(answers).find(([part]) => address.includes(part))
    if (!found) return Response.json({ code: 'request/not-found', sentence: 'Not here.' }, { status: 404 })
    const [, answer] = found
    return answer instanceof Response ? answer.clone() : Response.json(answer)
  })
  vi.stubGlobal('fetch', fetched)
  return fetched
}

export const drawRow = (changes: Partial<GrowthRow> = {}): GrowthRow => ({
  key: 'STRING · String · app/log.rb:41',
  type: 'STRING',
  className: 'String<img src=x onerror=alert(1)>',
  site: { file: 'app/log.rb', line: 41 },
  siteWords: 'app/log.rb:41',
  counts: [1, 1001, 2001],
  bytes: [40, 40_040, 80_040],
  countChange: 2000,
  bytesChange: 80_000,
  shape: 'growing every time',
  reason: 'It grew in each of 2 intervals.',
  isSuspect: true,
  confidence: { level: 'high', reason: 'Three captures, traced.' },
  shareOfGrowth: 0.97,
  perRequest: { objects: 1, bytes: 40 },
  heldBy: [{ holder: 0, share: 1 }],
  moreHolders: 0,
  fingerprint: '[1,"STRING","String",["app/log.rb",null],[]]',
  ...changes,
})

export function drawGrowth(changes: Partial<GrowthPage> = {}): GrowthPage {
  const row = drawRow()
  return {
    version: GROWTH_REPORT_VERSION,
    captures: [1, 2, 3].map((n) => ({
      id: id(n),
      label: `after ${n}`,
      requestCount: n * 1000,
      takenAt: null,
    })),
    objects: [10, 1010, 2010],
    bytes: [400, 40_400, 80_400],
    grownBytes: 80_000,
    changedGroups: 1,
    unchangedGroups: 9,
    suspects: [
      {
        title: 'module AuditTrail → Array of 2,001',
        words: 'String from app/log.rb:41: 1 → 1,001 → 2,001',
        holder: 0,
        key: row.key,
        keys: [row.key],
        shareOfGrowth: 0.97,
        bytesChange: 80_000,
        confidence: { level: 'high', reason: 'Three captures, traced.' },
        fingerprint: row.fingerprint,
        isExpected: false,
      },
    ],
    explainedShare: 0.97,
    unexplained: {
      of: 'heap',
      grownBytes: 80_000,
      bytes: 2400,
      share: 0.03,
      words: '2.3 KiB of the heap’s growth (3 %).',
    },
    isOneProcess: true,
    summary: '1 group differs between 3 captures.',
    remarks: [],
    advice: [],
    holders: [
      {
        id: 0,
        words: 'module AuditTrail → Array of 2,001',
        path: [
          { name: '(root: vm)', edge: null },
          { name: 'module AuditTrail', edge: null },
          { name: 'Array', edge: null },
        ],
        counts: [1, 1, 1],
        retainedBytes: [40, 40_040, 80_040],
        retainedObjects: [2, 1002, 2002],
        references: [1, 1001, 2001],
        ownerPath: 7,
        example: 77,
      },
    ],
    proposals: [],
    shapes: { 'growing every time': 1 },
    expected: 0,
    total: 1,
    all: 1,
    offset: 0,
    rows: [row],
    ...changes,
  }
}

/** One object on one line. */
export const drawLine = (object: number, changes: Partial<ObjectLine> = {}): ObjectLine => ({
  object,
  key: `0x${(0x1000 + object * 8).toString(16)}`,
  type: 'ARRAY',
  className: 'Array',
  label: 'Array of 20,000',
  site: null,
  generation: null,
  shallowBytes: 160_000,
  retainedBytes: 3_600_000,
  retainedObjects: 20_001,
  references: 20_000,
  edge: null,
  ...changes,
})
