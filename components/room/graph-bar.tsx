'use client' // Switches and menus.

import { clsx } from 'clsx'
import { Layers, Plus } from 'lucide-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { SeriesChips } from '#components/series/series-chips'
import { Button } from '#components/ui/button'
import { Menu, MenuHeading, MenuItem, MenuSeparator } from '#components/ui/menu'
import { say } from '#components/ui/toasts'
import { useUploads } from '#components/uploads/uploads-context'
import type { SeriesRow } from '#lib/investigation/rows'
import { useCommand, useRoom, useRoomState, useSeriesPoints } from './room-context.tsx'
import { useView } from './view.tsx'

/** A series that had a point within this time (ms) counts as live. */
const LIVE_FOR = 15_000

/** Above the graph: which lines are drawn, what is live, and what can be added. */
export function GraphBar({
  series,
  shown,
  onToggle,
  lives,
}: {
  series: readonly SeriesRow[]
  shown: ReadonlySet<string>
  onToggle(id: string): void
  /** Another view of the same graph; absent while the process was not restarted. */
  lives?: { readonly isOn: boolean; onToggle(): void } | undefined
}) {
  const { canWrite } = useRoom()
  const live = useLiveSeries()
  const areSeveral = series.some(({ process }) => process !== series[0]?.process)
  return (
    <div className="flex min-h-[38px] items-start gap-2.5 px-4 py-1 max-md:flex-wrap max-md:px-3">
      <h2 className="flex min-h-[30px] items-center font-[650]">Memory</h2>
      <SeriesChips
        series={series}
        shown={shown}
        onToggle={onToggle}
        live={live}
        // Several processes have the rows below the heading to themselves on a phone.
        className={clsx('min-h-[30px] flex-1', areSeveral && 'max-md:order-last max-md:basis-full')}
      />
      {areSeveral && <span className="flex-1 md:hidden" />}
      <FailingSources />
      {lives && (
        <Button
          size="small"
          look="quiet"
          aria-pressed={lives.isOn}
          onClick={lives.onToggle}
          title="The lives of the process between its restarts, on top of each other"
          className="aria-pressed:bg-accent-soft aria-pressed:text-accent"
        >
          <Layers size={13} aria-hidden /> Lives
        </Button>
      )}
      {canWrite && <AddMenu series={series} />}
    </div>
  )
}

/** A graph that stands still because its Prometheus does not answer must say so. */
function FailingSources() {
  const { setDialog } = useView()
  const failing = useRoomState((state) => state.sources.filter(({ state: how }) => how === 'failing').length)
  if (failing === 0) return null
  return (
    <Button size="small" look="quiet" className="text-growth!" onClick={() => setDialog('prometheus')}>
      {failing === 1 ? 'A source fails' : `${failing} sources fail`}
    </Button>
  )
}

function AddMenu({ series }: { series: readonly SeriesRow[] }) {
  const { setDialog } = useView()
  const { choose } = useUploads()
  const marks = useRoomState((state) => state.marks)
  const limits = useRoomState((state) => state.limits)
  const run = useCommand()
  return (
    <Menu
      trigger={
        <Button size="small" look="quiet">
          <Plus size={13} aria-hidden /> Add
        </Button>
      }
    >
      <MenuItem onSelect={choose}>Memory graph from a file…</MenuItem>
      <MenuItem onSelect={() => setDialog('import')}>Paste samples…</MenuItem>
      <MenuItem onSelect={() => setDialog('prometheus')}>From Prometheus…</MenuItem>
      <MenuItem onSelect={() => setDialog('mark')} hint="M">
        Mark…
      </MenuItem>
      <MenuItem onSelect={() => setDialog('limit')} hint="L">
        Limit line…
      </MenuItem>
      {(limits.length > 0 || marks.length > 0 || series.length > 0) && <MenuSeparator />}
      {(limits.length > 0 || marks.length > 0) && <MenuHeading>Take off the graph</MenuHeading>}
      {limits.map(({ id, kind, label, bytes }) => (
        <MenuItem
          key={id}
          onSelect={async () => {
            if (!(await run('limit:remove', { id }))) return
            say.done('The limit line is gone.', {
              label: 'Undo',
              run: () => void run('limit:set', { id, kind, label, bytes }),
            })
          }}
        >
          Limit: <bdi>{label}</bdi>
        </MenuItem>
      ))}
      {marks.map(({ id, kind, label, at, until }) => (
        <MenuItem
          key={id}
          onSelect={async () => {
            if (!(await run('mark:remove', { id }))) return
            say.done('The mark is gone.', {
              label: 'Undo',
              run: () => void run('mark:add', { id, kind, label, at, until }),
            })
          }}
        >
          Mark: <bdi>{label}</bdi>
        </MenuItem>
      ))}
      <RemoveSeries series={series} />
    </Menu>
  )
}

function RemoveSeries({ series }: { series: readonly SeriesRow[] }) {
  const run = useCommand()
  if (series.length === 0) return null
  // The samples go with the row, so there is no undo: the click in the message does it, not the one in the menu.
  const ask = (row: SeriesRow) =>
    say.done(
      `Remove ${row.label} and its ${row.points.toLocaleString('en-US')} samples for everybody?${row.source === 'live' ? ' Samples that are sent after that begin it anew.' : ''}`,
      { label: 'Remove', run: () => void run('series:remove', { id: row.id }) },
    )
  return (
    <>
      <MenuHeading>Remove for everybody</MenuHeading>
      {series.map((row) => (
        <MenuItem key={row.id} danger onSelect={() => ask(row)}>
          <bdi>{row.label}</bdi>
        </MenuItem>
      ))}
    </>
  )
}

/** Series that get points now; a series without news for a while is no longer live. */
function useLiveSeries(): ReadonlySet<string> {
  const [last, setLast] = useState<ReadonlyMap<string, number>>(new Map())
  const [now, setNow] = useState(0)
  useSeriesPoints(
    useCallback(({ seriesId }) => {
      const at = Date.now()
      setNow(at)
      setLast((before) => new Map(before).set(seriesId, at))
    }, []),
  )
  useEffect(() => {
    if (last.size === 0) return
    const timer = setInterval(() => setNow(Date.now()), LIVE_FOR / 3)
    return () => clearInterval(timer)
  }, [last.size])
  return useMemo(
    () => new Set([...last].flatMap(([id, at]) => (now - at < LIVE_FOR ? [id] : []))),
    [last, now],
  )
}
