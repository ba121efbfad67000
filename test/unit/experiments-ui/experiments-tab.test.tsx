// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ExperimentsTab } from '#components/experiments/experiments-tab'
import { NewExperiment } from '#components/experiments/new-experiment'
import { ViewProvider } from '#components/room/view'
import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'
import { InvestigationId } from '#lib/investigation/ids'
import { drawRoom, ROOM, showInRoom, stubAnswers } from '../heap-ui/draw.tsx'
import {
  drawConclusion,
  drawDone,
  drawExperiment,
  drawPlanned,
  drawReading,
  drawRun,
  experimentId,
  HYPOTHESIS,
} from './draw.ts'

const address = vi.hoisted(() => ({ search: '' }))
vi.mock('next/navigation', () => ({
  useSearchParams: () => new URLSearchParams(address.search),
  useRouter: () => ({ push: () => {} }),
}))

const CLAIM = {
  id: HYPOTHESIS,
  title: 'Failed writes keep memory',
  status: 'testing',
  statusReason: null,
  rank: 'a0',
  ownerId: null,
  confidence: {},
  version: 1,
  createdBy: 'u1',
  createdAt: 1,
  updatedAt: 1,
}
const MIKA = { userId: 'u1', name: 'Mika', role: 'editor' }

function show(
  experiments: readonly ExperimentRow[],
  runs: readonly RunRow[],
  role: 'editor' | 'viewer' = 'editor',
  page = <ExperimentsTab />,
) {
  const state = drawRoom([], { experiments, runs, hypotheses: [CLAIM], members: [MIKA] })
  return showInRoom(
    state,
    <ViewProvider investigationId={InvestigationId.parse(ROOM)}>{page}</ViewProvider>,
    role,
  )
}

beforeEach(() => {
  address.search = ''
  stubAnswers({})
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('the Experiments tab', () => {
  it('says what an experiment is and offers six ready-made ones; a viewer gets no buttons', () => {
    show([], [])
    expect(screen.getByText('No experiments yet')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'New experiment' })).toBeTruthy()
    expect(
      within(screen.getByRole('list', { name: 'Ready-made experiments' })).getAllByRole('heading'),
    ).toHaveLength(6)
    cleanup()
    show([], [], 'viewer')
    expect(screen.queryByRole('button')).toBeNull()
  })

  it('shows the order of the runs, and the exact line of the next one', () => {
    show([drawExperiment()], drawPlanned())
    expect(
      screen.getAllByRole('listitem').filter((item) => /planned|next/.test(item.textContent)),
    ).toHaveLength(8)
    const next = screen.getByRole('region', { name: 'Next run' })
    const [first] = drawPlanned()
    expect(next.textContent).toContain(
      `--experiment 2 --run 1 --condition ${first?.condition} --iterations '^request'`,
    )
    expect(next.textContent).toContain('--token TOKEN')
    fireEvent.click(within(next).getByRole('button', { name: 'All runs that are left' }))
    expect(next.textContent).toContain('leakroom experiment 2 --room')
  })

  it('gives the verdict, the runs as dots and numbers, and what carries them', () => {
    const runs = drawDone()
    show([drawExperiment({ conclusion: drawConclusion(runs) })], runs)
    const result = within(screen.getByRole('region', { name: 'Result' }))
    expect(result.getByRole('heading', { name: 'Reproduced' })).toBeTruthy()
    expect(result.getByText(/Reproduced in 4 of 4 runs with “memcached stopped”, 0 of 4/)).toBeTruthy()
    const dots = result.getByRole('img', { name: /^Runs with “memcached stopped”: / })
    expect(dots.querySelectorAll('circle')).toHaveLength(4)
    expect(result.getByText('1.4 %')).toBeTruthy()
    expect(result.getAllByText(/95 %: 40 % to 100 %/).length).toBeGreaterThan(0)
    expect(screen.queryByRole('region', { name: 'Next run' })).toBeNull()
    // Hostile titles stay text.
    expect(document.querySelector('img[src=x]')).toBeNull()
  })

  it('says "so far" while runs are left', () => {
    const runs = drawDone().map((run, at) => (at === 7 ? drawRun(8, { condition: run.condition }) : run))
    show([drawExperiment({ conclusion: drawConclusion(runs) })], runs)
    expect(screen.getByRole('heading', { name: /so far$/ })).toBeTruthy()
  })

  it('keeps an excluded run in sight with its reason and who gave it', () => {
    const [first, ...rest] = drawDone()
    const out = drawRun(1, { ...first, excluded: { reason: 'the load test had died', by: 'u1', at: 5 } })
    show([drawExperiment()], [out, ...rest], 'viewer')
    expect(screen.getByText(/Does not count, says/).textContent).toBe(
      'Does not count, says Mika: the load test had died (run 1)',
    )
    expect(screen.queryByRole('button', { name: /Change run/ })).toBeNull()
    expect(screen.queryByRole('button', { name: 'Add a pair' })).toBeNull()
  })

  it('lists several, the newest first, and opens the one that the address names', () => {
    const two = [1, 2].map((number) =>
      drawExperiment({ id: experimentId(number), number, title: `Experiment of ${number}` }),
    )
    show(two, [])
    const items = within(screen.getByRole('list', { name: 'Experiments' })).getAllByRole('button')
    expect(items.map(({ textContent }) => textContent)).toEqual(['2 Experiment of 2', '1 Experiment of 1'])
    cleanup()
    address.search = `tab=experiments&experiment=${experimentId(1)}`
    show(two, [])
    expect(screen.getByRole('article', { name: 'Experiment of 1' })).toBeTruthy()
    expect(screen.getByRole('button', { name: 'All experiments' })).toBeTruthy()
    cleanup()
    address.search = `tab=experiments&experiment=${experimentId(9)}`
    show(two, [])
    expect(screen.getByText('This experiment is not in this room.')).toBeTruthy()
  })

  it('says of a run that cannot be told why not', () => {
    const words = 'Cannot tell yet: too few samples.'
    const reading = drawReading(5, {
      kind: 'cannot-tell',
      bytesPerHour: null,
      bytesPerIteration: null,
      words,
    })
    show([drawExperiment()], [drawRun(1, { state: 'done', reading })])
    expect(screen.getAllByText(new RegExp(words)).length).toBeGreaterThan(0)
  })
})

describe('the environments', () => {
  const summary = { facts: 3, ignored: 1, at: 1 }
  const compared = (changes: object = {}) =>
    drawExperiment({
      production: summary,
      reproduction: summary,
      parity: { score: 0.44, isAlike: false, differences: 1, words: '44 % alike, 1 difference.' },
      ...changes,
    })
  const row = (name: string, difference: string, weight: number) => ({
    key: `package\n${name}`,
    kind: 'package',
    name,
    production: '3.2.0',
    reproduction: difference === 'equal' ? '3.2.0' : '3.2.4',
    difference,
    weight,
  })
  const answer = {
    plan: null,
    parity: { rows: [row('dalli<img src=x onerror=alert(1)>', 'patch', 1), row('puma', 'equal', 1)], of: 2 },
  }

  it('stand side by side with differences on top; what does not matter needs a reason', async () => {
    stubAnswers({ '/experiments/': answer })
    const { link } = show([compared()], drawPlanned())
    const part = within(screen.getByRole('region', { name: 'Environments' }))
    const waive = (await part.findAllByRole('button', { name: /^Does not matter: dalli/ }))[0]!
    expect(part.queryByText('puma')).toBeNull()
    expect(part.getByText('44 % alike, 1 difference.')).toBeTruthy()
    fireEvent.click(waive)
    const give = part.getByRole('button', { name: 'Does not matter' })
    expect(give).toHaveProperty('disabled', true)
    fireEvent.change(part.getByLabelText(/^Why does dalli.* not matter/), {
      target: { value: ' no native code ' },
    })
    fireEvent.click(give)
    await waitFor(() => expect(link.command).toHaveBeenCalledOnce())
    expect(link.command).toHaveBeenCalledWith('experiment:waive', {
      id: experimentId(),
      version: 1,
      key: answer.parity.rows[0]?.key,
      reason: 'no native code',
    })
    fireEvent.click(part.getByRole('button', { name: 'Show 1 equal' }))
    expect(part.getByText('puma')).toBeTruthy()
    expect(document.querySelector('img[src=x]')).toBeNull()
  })

  it('can be read and not changed by a viewer', async () => {
    stubAnswers({ '/experiments/': answer })
    const waived = [{ key: answer.parity.rows[0]?.key, reason: 'no native code', by: 'u1', at: 1 }]
    show([compared({ waived, knownTrouble: 'memcached flaps' })], drawPlanned(), 'viewer')
    const part = within(screen.getByRole('region', { name: 'Environments' }))
    expect((await part.findByText(/Does not matter, says/)).textContent).toBe(
      'Does not matter, says Mika: no native code',
    )
    expect(part.getByText('memcached flaps')).toBeTruthy()
    expect(part.queryByRole('button', { name: /matter|Paste|Save/ })).toBeNull()
  })

  it('say so when they cannot be loaded', async () => {
    show([compared()], drawPlanned())
    expect(await screen.findByText('Not here.')).toBeTruthy()
  })
})

describe('a new experiment', () => {
  it('plans while somebody types, and sends what was written', async () => {
    const { link } = show([], [], 'editor', <NewExperiment onClose={() => {}} />)
    const form = screen.getByRole('dialog')
    const plan = within(form).getByRole('region', { name: 'Plan' })
    expect(plan.textContent).toContain('4 + 4 runs of 45 min will see')
    fireEvent.change(within(form).getByLabelText('Template'), { target: { value: 'dependency-down' } })
    expect(within(form).getByLabelText<HTMLInputElement>('Title').value).toBe('A dependency is down')
    fireEvent.change(within(form).getByLabelText('Runs per condition'), { target: { value: '2' } })
    expect(plan.textContent).toContain('can never say yes')
    fireEvent.change(within(form).getByLabelText('Runs per condition'), { target: { value: '3' } })
    fireEvent.change(within(form).getByLabelText('Length, minutes'), { target: { value: '10' } })
    expect(within(plan).getByRole('list', { name: 'Order of the runs' }).children).toHaveLength(6)
    fireEvent.click(within(form).getByRole('button', { name: 'Plan it' }))
    await waitFor(() => expect(link.command).toHaveBeenCalledOnce())
    expect(link.command).toHaveBeenCalledWith(
      'experiment:add',
      expect.objectContaining({
        hypothesisId: HYPOTHESIS,
        template: 'dependency-down',
        labelA: 'the dependency is stopped',
        perArm: 3,
        runSeconds: 600,
        kind: 'compare',
      }),
    )
  })
})
