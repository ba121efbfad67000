import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { LivesChart } from '#components/series/lives-chart'
import { LivesTable } from '#components/series/lives-table'
import { livesView, MOST_LIVES } from '#lib/series/lives-view'
import { drawSeries, fixture } from './draw-series.ts'

describe('lives between restarts', () => {
  it('of the restart sawtooth are twelve, aligned at their start', () => {
    const { samples } = fixture('rss-restart-sawtooth.csv')
    const { total, lives, words } = livesView(samples, {}, 'uptime', null)
    expect(total).toBe(12)
    expect(lives.map(({ label }) => label)).toEqual(Array.from({ length: 12 }, (_, i) => `Life ${i + 1}`))
    expect(lives.every(({ x }) => x[0] === 0)).toBe(true)
    expect(words).toMatch(/^12 lives\./)
  })

  // Every life grows by 1 MB a second but the fourth, which grows by four.
  const life = (second: number) => Math.floor(second / 60)
  const samples = drawSeries(
    480,
    (s) => 1e8 + (s % 60) * (life(s) === 3 ? 4e6 : 1e6 + life(s) * 1000),
    (s) => 100 + life(s),
  )
  const requests = drawSeries(480, (s) => (s % 60) * 20)

  it('name the odd one, in words and in the table', () => {
    const view = livesView(samples, {}, 'uptime', null)
    expect(view.words).toBe('8 lives. Far from the others: Life 4 (+225.1 MiB in 59 s).')
    const table = renderToStaticMarkup(<LivesTable lives={view.lives} lit={null} onLight={() => {}} />)
    expect(table.match(/unlike the others/g)).toHaveLength(1)
    const chart = renderToStaticMarkup(<LivesChart view={view} lit={null} />)
    expect(chart.match(/<polyline/g)).toHaveLength(8)
    expect(chart).toContain(`aria-label="${view.words}"`)
  })

  it('are aligned by requests where somebody counts them, and say so where nobody does', () => {
    const view = livesView(samples, {}, 'requests', requests)
    expect(view.lives.map(({ served }) => served)).toEqual(Array.from({ length: 8 }, () => 1180))
    expect(view.lives[0]?.x.at(-1)).toBeLessThanOrEqual(1180)
    expect(livesView(samples, {}, 'requests', null)).toMatchObject({
      lives: [],
      words: 'Nobody counted the requests of these lives.',
    })
  })

  it('are not more than can be drawn: of many the newest', () => {
    const many = drawSeries(
      1600,
      (s) => 1e8 + (s % 20) * 1e6,
      (s) => 1 + Math.floor(s / 20),
    )
    const { total, lives, words } = livesView(many, {}, 'uptime', null)
    expect([total, lives.length, lives.at(-1)?.label]).toEqual([80, MOST_LIVES, 'Life 80'])
    expect(words).toMatch(/^60 lives of 80\./)
  })

  it('are one where nothing restarted, and none where there is nothing', () => {
    const calm = drawSeries(100, () => 1e8)
    expect(livesView(calm, {}, 'uptime', null).words).toBe(
      'No restart in this range: there is one life only.',
    )
    expect(
      livesView(
        drawSeries(0, () => 0),
        {},
        'uptime',
        null,
      ),
    ).toMatchObject({ total: 0, lives: [] })
  })
})
