'use client' // Asks again every few seconds, and asks agents for snapshots.

import { useEffect, useState } from 'react'
import useSWR from 'swr'
import { Button } from '#components/ui/button'
import { AgentList, type AgentRow, isPending, type SnapshotRow } from '#lib/investigation/agents'
import { CaptureId } from '#lib/investigation/ids'
import { ClockTime } from './clock-time.tsx'
import { useCommand, useRoom, useRoomLink } from './room-context.tsx'

/** While the list is open; an agent speaks every five seconds. */
const LOOK_EVERY_MS = 3_000

async function loadAgents(path: string): Promise<AgentList> {
  const answer = await fetch(path)
  if (!answer.ok) throw new Error(`${answer.status}`)
  return AgentList.parse(await answer.json())
}

/** The programs that send memory to this room: who is alive, and a snapshot on request. */
export function AgentsHere() {
  const { investigationId } = useRoom()
  const link = useRoomLink()
  const { data, error, mutate } = useSWR<AgentList, unknown>(
    `/api/investigations/${investigationId}/agents`,
    loadAgents,
    { refreshInterval: LOOK_EVERY_MS },
  )
  useEffect(
    () =>
      link.onEvent(({ type }) => {
        if (type.startsWith('agent:') || type.startsWith('snapshot:') || type.startsWith('capture:'))
          void mutate()
      }),
    [link, mutate],
  )
  return (
    <section aria-label="Agents of this room">
      {data === undefined ? (
        <p className="text-ink-3">
          {error === undefined ? 'Loading the agents…' : 'The agents could not be loaded.'}
        </p>
      ) : data.agents.length === 0 ? (
        <p className="text-ink-3">No agent has been heard of. One is here seconds after it starts.</p>
      ) : (
        <ul className="divide-y divide-line">
          {data.agents.map((agent) => (
            <Agent key={agent.id} agent={agent} onAsked={() => void mutate()} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Agent({ agent, onAsked }: { agent: AgentRow; onAsked(): void }) {
  const { canWrite } = useRoom()
  const run = useCommand()
  const [busy, setBusy] = useState(false)
  const { snapshot } = agent
  const pending = snapshot !== null && isPending(snapshot.state)
  const ask = async () => {
    setBusy(true)
    await run('snapshot:ask', { id: CaptureId.parse(crypto.randomUUID()), agentId: agent.id })
    setBusy(false)
    onAsked()
  }
  return (
    <li className="flex flex-wrap items-center gap-2 py-2">
      <span
        aria-hidden
        className={`size-2 rounded-full ${agent.alive ? 'bg-steady' : 'border border-line-strong'}`}
      />
      <bdi className="font-[550]">{agent.process}</bdi>
      <span className="text-ink-3 text-sm">
        <bdi>{agent.host}</bdi> · {agent.runtime} <bdi className="num">{agent.version}</bdi> · pid{' '}
        <span className="num">{agent.pid}</span>
      </span>
      <span className="min-w-0 flex-1 text-ink-2 text-sm">
        {agent.alive ? (
          'alive'
        ) : (
          <>
            gone, last heard <ClockTime at={agent.lastSeenAt} />
          </>
        )}
        {snapshot && <> · {snapshotWords(snapshot)}</>}
      </span>
      {agent.canSnapshot && canWrite && (
        <Button
          size="small"
          disabled={busy || pending || !agent.alive}
          title="The process stands still until its heap is written."
          onClick={() => void ask()}
        >
          Ask for a snapshot
        </Button>
      )}
    </li>
  )
}

/** How the newest snapshot stands. */
export function snapshotWords({ state, problem }: Pick<SnapshotRow, 'state' | 'problem'>): string {
  switch (state) {
    case 'asked':
      return 'a snapshot was asked for'
    case 'taking':
      return 'writing a snapshot'
    case 'uploading':
      return 'sending a snapshot'
    case 'done':
      return 'the last snapshot is here'
    case 'failed':
      return `the last snapshot failed${problem ? `: ${problem}` : ''}`
    case 'timed-out':
      return 'the last snapshot did not come in time'
  }
}
