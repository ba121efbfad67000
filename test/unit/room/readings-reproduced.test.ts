import { describe, expect, it } from 'vitest'
import { reproduced } from '#components/room/readings-reproduced'
import {
  drawConclusion,
  drawDone,
  drawExperiment,
  drawPlanned,
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

  it('says nothing of rooms without experiments in sight, and of checks of fixes', () => {
    expect(reproduced([], [])).toBeUndefined()
    expect(
      reproduced([drawExperiment({ archived: true }), drawExperiment({ kind: 'verify' })], []),
    ).toBeUndefined()
  })
})
