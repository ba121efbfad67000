// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CaptureView } from '#components/heap/capture-view'
import type { ObjectDetails } from '#lib/reports/objects'
import { drawCapture, drawLine, drawRoom, id, ROOM, showInRoom, stubAnswers } from './draw.tsx'

const address = vi.hoisted(() => ({ search: '' }))
vi.mock('next/navigation', () => ({ useSearchParams: () => new URLSearchParams(address.search) }))

const totals = {
  objects: 266_085,
  shallowBytes: 78_000_000,
  references: 1,
  danglingReferences: 0,
  rootCategories: 3,
  rootReferences: 10,
  tracedShare: 0.94,
  siteKind: 'allocation',
  tracer: null,
  tracedObjects: 250_000,
  generationRange: [9, 113],
  bytesRead: 1000,
  lines: 266_090,
  badLines: 0,
  badLineOffsets: [],
  truncatedAt: null,
  freeSlots: 0,
  shapes: 0,
  shapeBytes: 0,
  repeatedAddresses: 0,
  unplacedObjects: 0,
  isPartial: false,
  producer: 'Ruby 3.1',
  producerHints: [],
  remarks: [],
}
/** A report, with whatever else its version says. */
const drawReport = (changes: object = {}) => ({
  kind: 'heap',
  format: { id: 'ruby-objspace', label: 'Ruby heap dump' },
  encoding: 'plain',
  storedBytes: 1000,
  plainBytes: 1000,
  totals: { ...totals, ...changes },
  rows: { groups: 1, generations: 1, owners: 3 },
  readMs: 10,
})
const rowsPage = {
  table: 'classes',
  total: 1,
  all: 1,
  offset: 0,
  count: 10_500,
  bytes: 756_000,
  rows: [
    {
      key: 'AuditTrail::Entry',
      type: null,
      className: 'AuditTrail::Entry',
      site: null,
      file: null,
      line: null,
      method: null,
      generation: null,
      count: 10_500,
      bytes: 756_000,
      retainedBytes: 5_767_168,
      since: { count: 2500, bytes: 180_000 },
    },
  ],
}
const entries = drawLine(77)
const details: ObjectDetails = {
  line: entries,
  retainedShare: 0.075,
  facts: [{ name: 'Length', value: '20,000' }],
  path: [
    { kind: 'root', name: 'vm' },
    {
      kind: 'object',
      line: drawLine(1, { label: 'class Object', type: 'CLASS', references: 402 }),
      isDominator: true,
    },
    {
      kind: 'object',
      line: drawLine(2, { label: 'module AuditTrail', type: 'MODULE', references: 4 }),
      isDominator: true,
    },
    { kind: 'object', line: entries, isDominator: true },
  ],
  holds: [{ type: 'STRING', className: 'String<b>', site: 'lib/a.rb:41', count: 20_000, bytes: 3_300_000 }],
  referrers: 1,
  dominated: 20_000,
  hasValue: true,
}
const owner = {
  path: 3,
  name: 'module AuditTrail',
  edge: null,
  count: 1,
  shallowBytes: 568,
  retainedBytes: 5_900_000,
  retainedObjects: 80_854,
  hasChildren: true,
  example: 2,
  since: { count: 1, retainedBytes: 1_400_000 },
}
const level = {
  crumbs: [{ ...owner, path: 0, name: '(root)', example: null, retainedBytes: 78_000_000 }],
  children: [owner, { ...owner, path: 4, name: 'class Object', hasChildren: false, example: 1, since: null }],
  rest: { paths: 0, retainedBytes: 0, retainedObjects: 0 },
  tracingBytes: 0,
}
const ANSWERS = {
  'ask=object': details,
  'ask=owners': level,
  'ask=find': { object: 77 },
  'ask=retained-set': { objects: 10_500, retainedBytes: 5_767_168, retainedObjects: 80_850 },
  'ask=members': { total: 1, offset: 0, lines: [drawLine(5, { label: 'AuditTrail::Entry' })] },
  'ask=referrers': { total: 1, offset: 0, lines: [drawLine(2, { label: 'module AuditTrail' })] },
  'ask=dominated': { total: 0, offset: 0, lines: [] },
  'ask=duplicates': {
    total: 1,
    offset: 0,
    wastedBytes: 410_000,
    remark: null,
    rows: [
      {
        example: 9,
        count: 10_500,
        bytesEach: 40,
        bytes: 420_000,
        wastedBytes: 410_000,
        site: 'lib/a.rb:10',
        className: 'String',
      },
    ],
  },
  '/value': { text: 'secret\u202e=1', isCut: false },
  '/rows?': rowsPage,
  '/ledger': { entries: [], names: {} },
  [`/captures/${id(2)}`]: drawReport(),
}

const show = (role: 'editor' | 'viewer' = 'editor', changes: object = {}) =>
  showInRoom(drawRoom([drawCapture(1), drawCapture(2)], changes), <CaptureView captureId={id(2)} />, role)
const investigation = (changes: object) => ({
  investigation: {
    id: ROOM,
    title: 'App servers grow',
    status: 'investigating',
    valuesHidden: false,
    demo: false,
    version: 1,
    createdAt: 1,
    ...changes,
  },
})
const lastAddress = (replace: { mock: { calls: unknown[][] } }): string =>
  String(replace.mock.calls.at(-1)?.[2])

beforeEach(() => {
  address.search = ''
  stubAnswers(ANSWERS)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('a heap capture’s page', () => {
  it('shows its tables, dominators and duplicate strings as links that can be copied', async () => {
    show()
    const views = await screen.findByRole('navigation', { name: 'Views of this capture' })
    const links = [...views.querySelectorAll('a')].map((link) => link.textContent)
    expect(links.slice(0, 5)).toEqual([
      'Classes',
      'Allocation sites',
      'Dominators',
      'Generations',
      'Duplicate strings',
    ])
  })

  it('calls sites that are definitions so, and tells the memory of tracing apart', async () => {
    const tracer = { objects: 1, shallowBytes: 1024, retainedBytes: 2 * 1024 * 1024, retainedObjects: 9 }
    stubAnswers({ ...ANSWERS, [`/captures/${id(2)}`]: drawReport({ siteKind: 'definition', tracer }) })
    show()
    expect(await screen.findByRole('link', { name: 'Definitions' })).toBeTruthy()
    expect(screen.queryByText('Allocation sites')).toBeNull()
    expect(screen.getByText('Tracing itself').parentElement?.textContent).toContain('2.0 MiB')
  })

  it('follows older links, which called the tab a table', async () => {
    address.search = 'table=generations'
    show()
    const link = await screen.findByRole('link', { name: 'Generations' })
    expect(link.getAttribute('aria-current')).toBe('page')
  })

  it('opens a row’s objects beside the table, with what would be freed with all of them', async () => {
    address.search = 'row=AuditTrail%3A%3AEntry'
    show()
    const panel = await screen.findByRole('region', { name: 'The selected row' })
    await waitFor(() => expect(panel.textContent).toContain('5.5 MiB (7 % of the heap)'))
    const replace = vi.spyOn(window.history, 'replaceState')
    fireEvent.click(await screen.findByRole('button', { name: /AuditTrail::Entry.*0x/s }))
    expect(lastAddress(replace)).toContain('object=5')
  })

  it('compares every row with another capture of the room', async () => {
    address.search = `since=${id(1)}`
    const fetched = stubAnswers(ANSWERS)
    show()
    await screen.findByRole('columnheader', { name: /Since A/ })
    const asked = fetched.mock.calls.map(([path]) => String(path)).find((path) => path.includes('/rows?'))
    expect(asked).toContain(`since=${id(1)}`)
    expect(asked).toContain('sort=change')
  })

  it('finds an object by its address', async () => {
    const replace = vi.spyOn(window.history, 'replaceState')
    show()
    fireEvent.change(await screen.findByLabelText('Find an object by its address or id'), {
      target: { value: '0x7F3C1A40' },
    })
    fireEvent.click(screen.getByRole('button', { name: 'Find the object' }))
    await waitFor(() => expect(lastAddress(replace)).toContain('object=77'))
  })
})

describe('the inspector', () => {
  beforeEach(() => {
    address.search = 'tab=dominators&object=77'
  })

  it('says what keeps an object alive, from the root on, and what it holds, as plain text', async () => {
    const { container } = show()
    const panel = await screen.findByRole('region', { name: 'The selected object' })
    await waitFor(() => expect(panel.textContent).toContain('What keeps it alive'))
    const steps = [...panel.querySelectorAll('ol li')].map((step) => step.textContent)
    expect(steps[0]).toContain('GC root')
    expect(steps[2]).toContain('module AuditTrail')
    expect(steps[2]).toContain('holds it')
    expect(steps[3]).toContain('Array of 20,000')
    expect(panel.textContent).toContain('String<b>')
    expect(container.querySelector('b b, bdi b')).toBeNull()
    expect(panel.textContent).toContain('3.4 MiB (8 % of the heap)')
  })

  it('fetches neighbours only when they are opened', async () => {
    const fetched = stubAnswers(ANSWERS)
    show()
    const summary = await screen.findByText('Referred to by')
    const asks = () => fetched.mock.calls.filter(([path]) => String(path).includes('ask=referrers')).length
    expect(asks()).toBe(0)
    const box = summary.closest('details')
    if (!box) throw new Error('no details')
    box.open = true
    fireEvent(box, new Event('toggle'))
    await waitFor(() => expect(asks()).toBe(1))
  })

  it('shows a value only when somebody asks for it, with hidden characters made visible', async () => {
    const fetched = stubAnswers(ANSWERS)
    show()
    const button = await screen.findByRole('button', { name: 'Show value' })
    const reveals = () => fetched.mock.calls.filter(([path]) => String(path).endsWith('/value'))
    expect(reveals()).toEqual([])
    fireEvent.click(button)
    await screen.findByText('secret·=1')
    expect(reveals()[0]?.[1]).toMatchObject({ method: 'POST', body: JSON.stringify({ object: 77 }) })
    expect(screen.getByText(/The timeline notes that you looked/)).toBeTruthy()
  })

  it('offers no value in a room that hides them', async () => {
    show('editor', investigation({ valuesHidden: true }))
    await screen.findByText('This room hides values.')
    expect(screen.queryByRole('button', { name: 'Show value' })).toBeNull()
  })

  it('starts a hunch with the object as its first evidence', async () => {
    const { link } = show()
    link.command.mockResolvedValue({ id: id(8) })
    fireEvent.click(await screen.findByRole('button', { name: 'New hunch from this' }))
    await screen.findByRole('dialog', { name: 'Pin as evidence' })
    expect(link.command.mock.calls[0]?.[0]).toBe('hypothesis:add')
  })

  it('offers a viewer what can be read and nothing that changes the room', async () => {
    show('viewer')
    await screen.findByText('What keeps it alive')
    expect(screen.queryByRole('button', { name: /New hunch|Pin|Mark as expected/ })).toBeNull()
    expect(screen.getByRole('button', { name: 'Show value' })).toBeTruthy()
  })

  it('says so when no root leads to the object', async () => {
    const lost = {
      ...details,
      path: [],
      retainedShare: null,
      line: { ...entries, retainedBytes: null, retainedObjects: null },
    }
    stubAnswers({ ...ANSWERS, 'ask=object': lost })
    show()
    await screen.findByText(/No root leads to it/)
    expect(screen.getByText('not known: no root reaches it')).toBeTruthy()
  })

  it('shows the server’s sentence when the heap cannot be opened', async () => {
    const refusal = { code: 'read/not-ready', sentence: 'This capture is being read again.' }
    stubAnswers({ ...ANSWERS, 'ask=object': Response.json(refusal, { status: 409 }) })
    show()
    await screen.findByText('This capture is being read again.')
  })
})

describe('the dominators', () => {
  it('are tiles that go one level down, and a table with the change since another capture', async () => {
    address.search = `tab=dominators&since=${id(1)}`
    const replace = vi.spyOn(window.history, 'replaceState')
    show()
    const tile = await screen.findByRole('button', { name: /module AuditTrail, 5.6 MiB retained.*since A/ })
    fireEvent.click(tile)
    expect(lastAddress(replace)).toContain('path=3')
    expect(screen.getByRole('columnheader', { name: /Since A/ })).toBeTruthy()
  })

  it('open an object where the path ends', async () => {
    address.search = 'tab=dominators'
    const replace = vi.spyOn(window.history, 'replaceState')
    show()
    fireEvent.click(await screen.findByRole('button', { name: /class Object.*opens an object/ }))
    expect(lastAddress(replace)).toContain('object=1')
  })

  it('say that a part of a heap does not tell who keeps what alive', async () => {
    address.search = 'tab=dominators'
    stubAnswers({ ...ANSWERS, [`/captures/${id(2)}`]: drawReport({ isPartial: true }) })
    show()
    await screen.findByText('This dump does not tell who keeps what alive')
  })

  it('are a tree of single objects that is walked with the keyboard', async () => {
    address.search = 'tab=dominators&by=object'
    stubAnswers({
      ...ANSWERS,
      'ask=dominated': { total: 2, offset: 0, lines: [drawLine(1), drawLine(2, { label: 'Hash of 5' })] },
    })
    const replace = vi.spyOn(window.history, 'replaceState')
    show()
    const second = await screen.findByRole('treeitem', { name: /^Hash of 5/ })
    const first = screen.getByRole('treeitem', { name: /^Array/ })
    first.focus()
    fireEvent.keyDown(first, { key: 'ArrowDown' })
    expect(document.activeElement).toBe(second)
    fireEvent.keyDown(second, { key: 'ArrowRight' })
    expect(lastAddress(replace)).toContain('open=2')
  })
})

describe('duplicate strings', () => {
  it('say what one shared copy of each would save, and show no value by themselves', async () => {
    address.search = 'tab=strings'
    show()
    await screen.findByText(/One text is in this heap more than once/)
    expect(screen.getByText('400.4 KiB')).toBeTruthy()
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('2')
    expect(fetch).not.toHaveBeenCalledWith(expect.stringContaining('/value'), expect.anything())
  })
})
