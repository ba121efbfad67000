// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GrowthTab } from '#components/heap/growth-tab'
import {
  drawCapture as capture,
  drawGrowth,
  drawRoom,
  drawRow,
  id,
  showInRoom,
  stubAnswers,
} from './draw.tsx'

const address = vi.hoisted(() => ({ search: '' }))
vi.mock('next/navigation', () => ({ useSearchParams: () => new URLSearchParams(address.search) }))

const row = drawRow()
const LEDGER = { entries: [], names: {} }

const show = (captures: object[], role: 'editor' | 'viewer' = 'editor') =>
  showInRoom(drawRoom(captures), <GrowthTab />, role)

const askedFor = (part: string): string[] =>
  vi
    .mocked(fetch)
    .mock.calls.map(([input]) => String(input))
    .filter((path) => path.includes(part))

beforeEach(() => {
  address.search = ''
  stubAnswers({ '/growth?': drawGrowth(), '/ledger': LEDGER })
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
    expect(askedFor('/growth?')).toEqual([])
  })

  it('asks for a second capture when there is one', () => {
    show([capture(1)])
    expect(screen.getByText('One capture is here')).toBeTruthy()
  })

  it('compares the captures of one process without being asked, and says what came out', async () => {
    show([capture(1), capture(2), capture(3)])
    await waitFor(() => screen.getByText(/1 group differs between 3 captures/))
    expect(askedFor('/growth?')[0]).toContain(`captures=${id(1)},${id(2)},${id(3)}`)
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
    stubAnswers({ '/growth?': Response.json(refusal, { status: 409 }), '/ledger': LEDGER })
    show([capture(1), capture(2)])
    await waitFor(() => screen.getByText('Capture A waits to be read again.'))
    expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy()
  })

  it('names the suspects in plain words, with their share, who holds them, and what they do not explain', async () => {
    show([capture(1), capture(2), capture(3)])
    const suspects = await screen.findByRole('region', { name: 'Suspects' })
    expect(suspects.textContent).toContain('97 %')
    expect(suspects.textContent).toContain('2.3 KiB of the heap’s growth (3 %)')
    const link = screen.getByRole('link', { name: 'See what it holds' })
    expect(link.getAttribute('href')).toContain(`/captures/${id(3)}?tab=dominators&path=7&object=77`)
    expect(document.body.textContent).not.toMatch(/\bleaks?\b/i)
  })

  it('asks for what is left, and shows what is expected when somebody wants to see it', async () => {
    stubAnswers({ '/growth?': drawGrowth({ expected: 4 }), '/ledger': LEDGER })
    const replace = vi.spyOn(window.history, 'replaceState')
    show([capture(1), capture(2)])
    fireEvent.click(await screen.findByRole('button', { name: 'Show 4 expected' }))
    expect(askedFor('/growth?')[0]).toContain('ledger=left')
    expect(String(replace.mock.calls.at(-1)?.[2])).toContain('expected=shown')
  })

  it('folds a suspect away that the ledger expects, and says so', async () => {
    const [suspect] = drawGrowth().suspects
    const page = drawGrowth({ suspects: suspect ? [{ ...suspect, isExpected: true }] : [] })
    stubAnswers({ '/growth?': page, '/ledger': LEDGER })
    show([capture(1), capture(2)])
    await screen.findByText(/1 more suspect is in the ledger as\s+expected/)
    expect(screen.queryByText('of growth')).toBeNull()
  })

  it('marks a group as expected only with a reason', async () => {
    address.search = `row=${encodeURIComponent(row.key)}`
    const { link } = show([capture(1), capture(2)])
    fireEvent.click(await screen.findByRole('button', { name: 'Mark as expected' }))
    const mark = screen.getByRole('button', { name: 'Mark' })
    expect(mark).toHaveProperty('disabled', true)
    fireEvent.change(screen.getByLabelText('Because'), { target: { value: 'A ring of 2,048 lines.' } })
    fireEvent.change(screen.getByLabelText(/Up to how many/), { target: { value: '2,048' } })
    fireEvent.click(mark)
    await waitFor(() => expect(link.command).toHaveBeenCalled())
    expect(link.command.mock.calls[0]).toEqual([
      'ledger:mark',
      expect.objectContaining({
        fingerprint: row.fingerprint,
        verdict: 'expected',
        reason: 'A ring of 2,048 lines.',
        bound: 2048,
        expiresAt: null,
      }),
    ])
  })

  it('shows both voices where people disagree', async () => {
    address.search = `row=${encodeURIComponent(row.key)}`
    const entry = {
      id: id(5),
      fingerprint: row.fingerprint,
      title: 'String',
      verdict: 'expected',
      reason: 'A cache.',
      expiresAt: null,
      bound: null,
      investigationId: null,
      version: 1,
      createdBy: 'u2',
      createdAt: 1,
      updatedAt: 1,
      expired: false,
    }
    const ledger = {
      entries: [
        entry,
        { ...entry, id: id(6), verdict: 'not-expected', reason: 'It has no bound.', createdBy: 'u3' },
      ],
      names: { u2: 'Wes', u3: 'Jo' },
    }
    stubAnswers({ '/growth?': drawGrowth(), '/ledger': ledger })
    show([capture(1), capture(2)])
    await waitFor(() => expect(screen.getAllByText('people disagree').length).toBeGreaterThan(0))
    expect(screen.getByText('A cache.')).toBeTruthy()
    expect(screen.getByText('It has no bound.')).toBeTruthy()
  })
})
