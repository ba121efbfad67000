import { describe, expect, it } from 'vitest'
import { reproduced } from '#components/room/readings-reproduced'
import {
  drawConclusion,
  drawDone,
  drawExperiment,
  drawPlanned,
  drawRun,
  experimentId,
} from '../experiments-ui/draw.ts'

describe('the reading “Reproduced”', () => {
  it('counts the runs that grew in both conditions, and opens the experiment', () => {
    const runs = drawDone()
    const found = reproduced([drawExperiment({ conclusion: drawConclusion(runs) })], runs)
    expect(found).toEqual({
      id: experimentId(),
      reading: {
        name: 'Reproduced',
        value: '4 of 4 runs',
        tone: 'growth',
        more: 'with memcached stopped, 0 of 4 with memcached running',
        opens: 'experiment',
      },
    })
  })

  it('tells how far the newest experiment is while none is complete', () => {
    const [first, ...rest] = drawDone()
    const planned = drawPlanned()
    const runs = [first!, ...planned.slice(1)]
    expect(reproduced([drawExperiment()], runs)?.reading).toMatchObject({
      value: 'Under way',
      more: expect.stringContaining('1 of 8 runs are made'),
    })
    expect(reproduced([drawExperiment()], planned)?.reading.value).toBe('Planned')
    const conclusion = drawConclusion([first!, ...rest], { runsLeft: 2 })
    expect(reproduced([drawExperiment({ conclusion })], runs)?.reading.value).toBe('Under way')
  })

  it('says beside the verdict that another experiment is under way, and changes no word of the verdict', () => {
    const concluded = drawDone()
    const first = drawExperiment({ conclusion: drawConclusion(concluded) })
    const second = drawExperiment({ id: experimentId(2), number: 3, title: 'One thread' })
    const own = (states: readonly string[]) =>
      states.map((state, i) => drawRun(11 + i, { experimentId: second.id, state }))
    const found = (states: readonly string[], changes: object = {}) =>
      reproduced([first, { ...second, ...changes }], [...concluded, ...own(states)])
    const alone = reproduced([first], concluded)
    expect(found(['done', 'done', 'running', 'planned'])).toEqual({
      ...alone,
      underWay: { id: second.id, title: 'One thread', words: 'running: 2 of 4 runs' },
    })
    expect(found(['done', 'planned'])?.underWay?.words).toBe('under way: 1 of 2 runs')
    for (const states of [[], ['planned', 'planned'], ['done', 'done']]) expect(found(states)).toEqual(alone)
    expect(found(['running'], { archived: true })).toEqual(alone)
  })

  it('says nothing of rooms without experiments in sight, and of checks of fixes', () => {
    expect(reproduced([], [])).toBeUndefined()
    expect(
      reproduced([drawExperiment({ archived: true }), drawExperiment({ kind: 'verify' })], []),
    ).toBeUndefined()
  })
})
