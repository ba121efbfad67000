import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { SeriesChips } from '#components/series/series-chips'
import { type ChipSeries, seriesGroups } from '#components/series/series-groups'

/** What a Ruby agent sends, in the order in which it comes. */
const AGENT = [
  ['heap-live-slots', 'count'],
  ['gc-count', 'count'],
  ['swap', 'bytes'],
  ['rss', 'bytes'],
  ['rss-anon', 'bytes'],
  ['heap-free-slots', 'count'],
  ['heap-live', 'bytes'],
  ['requests', 'count'],
  ['failures', 'count'],
  ['old-objects', 'count'],
] as const

const of = (process: string): ChipSeries[] =>
  AGENT.map(([name, unit]) => ({
    id: `${process}/${name}`,
    name,
    label: `${name} ${process}`,
    unit,
    process,
    points: 10,
    from: null,
    to: null,
  }))
const names = (list: readonly ChipSeries[]) => list.map(({ name }) => name)
const text = (html: string) => html.replaceAll(/<[^>]*>/g, '|')

describe('the series of agents above the graph', () => {
  it('stand by process: RSS, anonymous memory and the heap in front, the others folded by kind', () => {
    const [web, worker] = seriesGroups([...of('web'), ...of('worker')], new Set())
    expect([web?.process, worker?.process]).toEqual(['web', 'worker'])
    expect(names(web?.first ?? [])).toEqual(['rss', 'rss-anon', 'heap-live'])
    expect(web?.more.map(({ kind, series }) => [kind, ...names(series)])).toEqual([
      ['memory', 'swap'],
      ['heap', 'heap-live-slots', 'heap-free-slots'],
      ['counts', 'gc-count', 'requests', 'failures', 'old-objects'],
    ])
  })

  it('are never folded while they are drawn, nor when they are few', () => {
    const [web] = seriesGroups(of('web'), new Set(['web/swap']))
    expect(names(web?.first ?? [])).toEqual(['swap', 'rss', 'rss-anon', 'heap-live'])
    const few = seriesGroups(of('web').slice(0, 4), new Set())
    expect(few[0]?.first).toHaveLength(4)
    expect(few[0]?.more).toEqual([])
  })

  it('keep their whole name for those who listen, and say how many are folded', () => {
    const html = renderToStaticMarkup(
      <SeriesChips
        series={[...of('web'), ...of('worker')]}
        shown={new Set(['web/rss'])}
        onToggle={() => {}}
      />,
    )
    expect(text(html)).toContain('rss| web|')
    expect(html.match(/7 more/g)).toHaveLength(2)
  })

  it('of many processes show four, and those of which a line is drawn', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap(of)
    const html = renderToStaticMarkup(
      <SeriesChips series={many} shown={new Set(['f/rss'])} onToggle={() => {}} />,
    )
    expect(text(html)).toContain('1 more process')
    expect(html).toContain('title="f"')
    expect(html).not.toContain('title="e"')
  })
})
