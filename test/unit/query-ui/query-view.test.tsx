// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { QueryView } from '#components/query/query-view'
import type { QueryAnswer } from '#lib/reports/query-answer'
import { drawRoom, id, showInRoom, stubAnswers } from '../heap-ui/draw.tsx'

const address = vi.hoisted(() => ({ search: '' }))
vi.mock('next/navigation', () => ({ useSearchParams: () => new URLSearchParams(address.search) }))

const ANSWER: QueryAnswer = {
  columns: [
    { name: 'object', type: 'UINTEGER', kind: 'number' },
    { name: 'class', type: 'VARCHAR', kind: 'text' },
    { name: 'retained_bytes', type: 'BIGINT', kind: 'number' },
  ],
  rows: [
    [77, 'AuditTrail<img src=x onerror=alert(1)>', 5_767_168],
    [78, null, 1024],
  ],
  cut: null,
  queryMs: 12,
  exportMs: 0,
}
const SAVED = {
  id: id(5),
  title: 'Who holds entries',
  sql: 'SELECT 5',
  version: 1,
  createdBy: 'u1',
  createdAt: 1,
  updatedAt: 1,
}

/** Shows the tab; CodeMirror itself is the browser test's business, so statements come by examples and links. */
function show(role: 'editor' | 'viewer' = 'editor', onOpen = vi.fn()) {
  const shown = showInRoom(
    drawRoom([], { queries: [SAVED] }),
    <QueryView captureId={id(1)} kind="heap" label="after 1" onOpen={onOpen} />,
    role,
  )
  return { ...shown, onOpen }
}

/** What was asked, without the look at the tables when the tab opens. */
const asked = (fetched: ReturnType<typeof stubAnswers>) =>
  fetched.mock.calls.filter(([, init]) => init?.method === 'POST')

beforeEach(() => {
  address.search = ''
  // Without a size no row of a long table is in view.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900)
  window.history.replaceState(null, '', '/i/room/captures/one')
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('the query tab', () => {
  it('runs an example and shows the answer as a table with bytes and objects', async () => {
    const fetched = stubAnswers({ '/query': ANSWER })
    const { onOpen } = show()
    fireEvent.click(screen.getByRole('button', { name: 'Largest collections' }))
    expect(await screen.findByText('5.5 MiB')).toBeDefined()
    expect(screen.getByText('AuditTrail<img src=x onerror=alert(1)>')).toBeDefined()
    expect(document.querySelector('img')).toBeNull()
    expect(screen.getByRole('status').textContent).toMatch(/^2 rows\./)
    const [path, init] = asked(fetched)[0] ?? []
    expect(String(path)).toMatch(new RegExp(`/captures/${id(1)}/query$`))
    expect(String(init?.body)).toContain('reference_count DESC')
    expect(window.location.search).toContain('sql=')
    fireEvent.click(screen.getByRole('button', { name: '77' }))
    expect(onOpen).toHaveBeenCalledWith(77)
  })

  it('runs what a link asks, once', async () => {
    address.search = '?tab=query&sql=SELECT+1'
    const fetched = stubAnswers({ '/query': ANSWER })
    show()
    await screen.findByText('5.5 MiB')
    expect(asked(fetched)).toHaveLength(1)
    expect(String(asked(fetched)[0]?.[1]?.body)).toBe('{"sql":"SELECT 1"}')
  })

  it('opens what the room saved, with a short link', async () => {
    const fetched = stubAnswers({ '/query': ANSWER })
    show()
    fireEvent.click(screen.getByRole('button', { name: 'Who holds entries' }))
    await screen.findByText('5.5 MiB')
    expect(String(asked(fetched)[0]?.[1]?.body)).toBe('{"sql":"SELECT 5"}')
    expect(window.location.search).toContain(`query=${SAVED.id}`)
    expect(window.location.search).not.toContain('sql=')
  })

  it('tells the sentence and the place of a fault', async () => {
    const refusal = {
      code: 'query/refused',
      sentence: 'There is no column x.',
      detail: { line: 2, column: 3 },
    }
    stubAnswers({ '/query': Response.json(refusal, { status: 422 }) })
    show()
    fireEvent.click(screen.getByRole('button', { name: 'Largest collections' }))
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toBe('Line 2, column 3: There is no column x.')
  })

  it('cancels a statement and gives the request up', async () => {
    let signal: AbortSignal | null | undefined
    vi.stubGlobal('fetch', (_path: string, init?: RequestInit) => {
      if (init === undefined) return Promise.resolve(Response.json({}))
      signal = init.signal
      return new Promise((_, reject) =>
        init.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))),
      )
    })
    show()
    fireEvent.click(screen.getByRole('button', { name: 'Largest collections' }))
    fireEvent.click(await screen.findByRole('button', { name: 'Cancel' }))
    await waitFor(() => expect(screen.getByRole('status').textContent).toBe('Cancelled.'))
    expect(signal?.aborted).toBe(true)
  })

  it('draws bars, and says when an answer cannot be drawn', async () => {
    address.search = '?show=chart'
    stubAnswers({ '/query': ANSWER })
    show()
    fireEvent.click(screen.getByRole('button', { name: 'Largest collections' }))
    expect(await screen.findByText('retained_bytes by class')).toBeDefined()
    cleanup()
    stubAnswers({ '/query': { ...ANSWER, columns: [ANSWER.columns[1]], rows: [['a']] } })
    show()
    fireEvent.click(screen.getByRole('button', { name: 'Largest collections' }))
    expect(await screen.findByText(/A chart needs a column of numbers/)).toBeDefined()
  })

  it('lets viewers ask, but not save or remove', () => {
    stubAnswers({})
    show('viewer')
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull()
    expect(screen.queryByRole('button', { name: /^Remove/ })).toBeNull()
    expect(screen.getByRole('button', { name: 'Run' })).toBeDefined()
  })

  it('saves for the room', async () => {
    stubAnswers({ '/query': ANSWER })
    const { link } = show()
    link.command.mockResolvedValue({ ...SAVED, id: id(6), title: 'Mine' })
    fireEvent.click(screen.getByRole('button', { name: 'Save' }))
    fireEvent.change(screen.getByLabelText('What it asks'), { target: { value: 'Mine' } })
    fireEvent.submit(screen.getByLabelText('What it asks'))
    await waitFor(() => expect(link.command).toHaveBeenCalledTimes(1))
    expect(link.command.mock.calls[0]).toMatchObject(['query:save', { title: 'Mine' }])
  })
})
