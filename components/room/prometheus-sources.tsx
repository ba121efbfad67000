'use client' // Asks again every few seconds, and changes sources.

import { useEffect } from 'react'
import useSWR from 'swr'
import { fetchSourceTimes } from '#components/series/fetch-sources'
import { Button } from '#components/ui/button'
import { Confirm } from '#components/ui/confirm'
import { Pill, type Tone } from '#components/ui/pill'
import {
  everyWords,
  hostOf,
  type SourceRow,
  type SourceState,
  type SourceTimes,
} from '#lib/investigation/sources'
import { ClockTime } from './clock-time.tsx'
import { useCommand, useRoom, useRoomLink, useRoomState } from './room-context.tsx'

const LOOK_EVERY_MS = 5_000

type Times = SourceTimes['sources'][number]

const STATES: Record<SourceState, { words: string; tone: Tone }> = {
  ok: { words: 'fetched', tone: 'steady' },
  failing: { words: 'failing', tone: 'growth' },
  paused: { words: 'paused', tone: 'neutral' },
  done: { words: 'all here', tone: 'neutral' },
}

/** Every Prometheus that the server asks for this room: how it stands, and what can be done about it. */
export function SourcesHere() {
  const { investigationId } = useRoom()
  const link = useRoomLink()
  const sources = useRoomState((state) => state.sources)
  const { data, mutate } = useSWR<SourceTimes, unknown>(
    sources.length > 0 ? `sources of ${investigationId}` : null,
    () => fetchSourceTimes(investigationId),
    { refreshInterval: LOOK_EVERY_MS },
  )
  useEffect(
    () =>
      link.onEvent(({ type }) => {
        if (type.startsWith('source:')) void mutate()
      }),
    [link, mutate],
  )
  if (sources.length === 0) return null
  return (
    <ul aria-label="Sources of this room" className="divide-y divide-line rounded-lg border border-line px-3">
      {sources.map((source) => (
        <Source key={source.id} source={source} times={data?.sources.find(({ id }) => id === source.id)} />
      ))}
    </ul>
  )
}

function Source({ source, times }: { source: SourceRow; times: Times | undefined }) {
  const { canWrite } = useRoom()
  const { words, tone } = STATES[source.state]
  const [first, ...more] = source.labels
  return (
    <li className="grid gap-1 py-2.5">
      <div className="flex flex-wrap items-center gap-2">
        <bdi className="min-w-0 truncate font-[550]">{hostOf(source.url)}</bdi>
        <Pill tone={tone}>{words}</Pill>
        <span className="text-ink-2 text-sm">{everyWords(source.refreshSeconds)}</span>
        <span className="flex-1" />
        {canWrite && <Deeds source={source} />}
      </div>
      <p className="truncate text-ink-3 text-xs" title={source.query}>
        <code className="num">{source.query}</code>
      </p>
      <p className="text-ink-2 text-xs">
        <bdi>{first}</bdi>
        {more.length > 0 && ` and ${more.length} more`}
        {source.follows && ', and new ones of these metrics'}
        <Progress source={source} times={times} />
      </p>
      <Problem source={source} times={times} />
    </li>
  )
}

function Progress({ source, times }: { source: SourceRow; times: Times | undefined }) {
  if (!times) return null
  if (times.reachedAt === null) return source.state === 'ok' ? ' · waiting for the first answer' : null
  return (
    <>
      {' · fetched up to '}
      <ClockTime at={times.reachedAt} bare />
    </>
  )
}

/** What is wrong now, or was wrong when it began to fail. */
function Problem({ source, times }: { source: SourceRow; times: Times | undefined }) {
  const problem = times?.lastError ?? source.problem
  if (!problem || source.state === 'paused') return null
  return (
    <p className={source.state === 'failing' ? 'text-growth text-sm' : 'text-ink-2 text-sm'}>
      {problem}
      {times?.nextAt && (
        <>
          {' Next try at '}
          <ClockTime at={times.nextAt} bare />.
        </>
      )}
    </p>
  )
}

const RESUME_WORDS: Record<SourceState, string | null> = {
  ok: null,
  failing: 'Try now',
  paused: 'Resume',
  done: 'Fetch again',
}

function Deeds({ source }: { source: SourceRow }) {
  const run = useCommand()
  const { id, version, state } = source
  const resume = RESUME_WORDS[state]
  return (
    <div className="flex gap-2">
      {resume && (
        <Button size="small" onClick={() => void run('source:change', { id, version, paused: false })}>
          {resume}
        </Button>
      )}
      {(state === 'ok' || state === 'failing') && (
        <Button size="small" onClick={() => void run('source:change', { id, version, paused: true })}>
          Pause
        </Button>
      )}
      <Confirm
        trigger={
          <Button size="small" look="quiet">
            Remove
          </Button>
        }
        title="Remove this source?"
        action="Remove"
        onConfirm={() => run('source:remove', { id })}
      >
        <p>
          It is not asked any more, and what it was asked with is forgotten. The series that it has fetched
          stay on the graph.
        </p>
      </Confirm>
    </div>
  )
}
