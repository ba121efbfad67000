// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { SWRConfig } from 'swr'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GrowthTab } from '#components/heap/growth-tab'
import { PinProvider } from '#components/room/pin'
import { RoomContextProvider } from '#components/room/room-context'
import { idleLink } from '#components/room/room-provider'
import { DocId, InvestigationId, UserId } from '#lib/investigation/ids'
import { RoomState } from '#lib/investigation/room-state'

const ROOM = '99999999-0000-4000-8000-000000000000'
const id = (number: number) => `0000000${number}-0000-4000-8000-000000000000`
const address = vi.hoisted(() => ({ search: '' }))
vi.mock('next/navigation', () => ({ useSearchParams: () => new URLSearchParams(address.search) }))

const capture = (number: number, changes: object = {}) => ({
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

function drawRoom(captures: object[]): RoomState {
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
  })
}

const row = {
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
  shareOfGrowth: 0.97,
  perRequest: { objects: 1, bytes: 40 },
}
const page = {
  version: 1,
  captures: [1, 2, 3].map((n) => ({ id: id(n), label: `after ${n}`, requestCount: n * 1000, takenAt: null })),
  objects: [10, 1010, 2010],
  bytes: [400, 40_400, 80_400],
  grownBytes: 80_000,
  changedGroups: 1,
  unchangedGroups: 9,
  suspects: [{ key: row.key, words: 'String from app/log.rb:41: 1 → 1,001 → 2,001' }],
  explainedShare: 0.97,
  summary: '1 group differs between 3 captures.',
  remarks: [],
  shapes: { 'growing every time': 1 },
  total: 1,
  all: 1,
  offset: 0,
  rows: [row],
}

function show(captures: object[], role: 'editor' | 'viewer' = 'editor') {
  const state = drawRoom(captures)
  const value = {
    investigationId: InvestigationId.parse(ROOM),
    docId: DocId.parse(ROOM),
    me: { userId: UserId.parse('u1'), name: 'Mika', color: 0 },
    teamName: 'Core',
    link: idleLink(state, role),
  }
  return render(
    // A cache of its own: tests must not see each other's answers.
    <SWRConfig value={{ provider: () => new Map() }}>
      <RoomContextProvider value={value}>
        <PinProvider canPin={role !== 'viewer'}>
          <GrowthTab />
        </PinProvider>
      </RoomContextProvider>
    </SWRConfig>,
  )
}

beforeEach(() => {
  address.search = ''
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => Response.json(page)),
  )
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('the Growth tab', () => {
  it('says what to attach, to the letter, when there is nothing to compare', () => {
    show([])
    expect(screen.getByText('Nothing to compare yet')).toBeTruthy()
    expect(screen.getByText(/ObjectSpace\.dump_all\(output: file\)/)).toBeTruthy()
    expect(fetch).not.toHaveBeenCalled()
  })

  it('asks for a second capture when there is one', () => {
    show([capture(1)])
    expect(screen.getByText('One capture is here')).toBeTruthy()
  })

  it('compares the captures of one process without being asked, and says what came out', async () => {
    show([capture(1), capture(2), capture(3)])
    await waitFor(() => screen.getByText(/1 group differs between 3 captures/))
    expect(String(vi.mocked(fetch).mock.calls[0]?.[0])).toContain(`captures=${id(1)},${id(2)},${id(3)}`)
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('2')
    expect(screen.getByRole('columnheader', { name: 'Shape' })).toBeTruthy()
  })

  it('leaves a capture out when its chip is pressed', async () => {
    const replace = vi.spyOn(window.history, 'replaceState')
    show([capture(1), capture(2), capture(3)])
    fireEvent.click(screen.getByRole('button', { name: /^A/ }))
    expect(String(replace.mock.calls[0]?.[2])).toContain(`captures=${id(2)}%2C${id(3)}`)
  })

  it('brings whoever follows a pin to its row, with class names as plain text', async () => {
    address.search = `captures=${id(1)},${id(2)},${id(3)}&row=${encodeURIComponent(row.key)}`
    const { container } = show([capture(1), capture(2), capture(3)])
    await waitFor(() => screen.getByText('It grew in each of 2 intervals.'))
    expect(screen.getByRole('heading', { level: 3 }).textContent).toContain('<img src=x')
    expect(container.querySelector('img')).toBeNull()
    expect(screen.getByRole('button', { name: /Pin as evidence/ })).toBeTruthy()
  })

  it('offers a viewer nothing that she may not do', async () => {
    address.search = `row=${encodeURIComponent(row.key)}`
    show([capture(1), capture(2)], 'viewer')
    await waitFor(() => screen.getByText('It grew in each of 2 intervals.'))
    expect(screen.queryByRole('button', { name: /Pin as evidence|New hunch/ })).toBeNull()
  })

  it('shows the sentence when the server refuses to compare', async () => {
    const refusal = { code: 'read/not-ready', sentence: 'Capture A waits to be read again.' }
    vi.mocked(fetch).mockImplementation(async () => Response.json(refusal, { status: 409 }))
    show([capture(1), capture(2)])
    await waitFor(() => screen.getByText('Capture A waits to be read again.'))
    expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy()
  })
})
