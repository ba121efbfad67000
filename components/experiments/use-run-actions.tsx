'use client' // Sends commands.

import { useMemo } from 'react'
import { useCommand } from '#components/room/room-context'
import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'
import { useInTurn } from './use-in-turn.tsx'

/** What editors may do with a run. What asks for a reason tells whether it was done. */
export interface RunActions {
  exclude(run: RunRow, reason: string): Promise<boolean>
  include(run: RunRow, reason: string): Promise<boolean>
  detach(run: RunRow, reason: string): Promise<boolean>
  end(run: RunRow): Promise<boolean>
  /** One more run in the condition of an excluded one. */
  replace(run: RunRow): Promise<boolean>
  /** One more of each. */
  addPair(): Promise<boolean>
  /** Opens the dialog that attaches a graph. */
  attach(run: RunRow): void
}

export function useRunActions(experiment: ExperimentRow, attach: (run: RunRow) => void): RunActions {
  const command = useCommand()
  const inTurn = useInTurn(experiment)
  const { id: experimentId } = experiment
  return useMemo(() => {
    const done = async (work: Promise<unknown>) => (await work) !== undefined
    const add = (inPlaceOf: RunRow['id'] | null) =>
      inTurn(async (version) => (await command('run:add', { experimentId, version, inPlaceOf }))?.experiment)
    return {
      exclude: ({ id, version }, reason) => done(command('run:exclude', { id, version, reason })),
      include: ({ id, version }, reason) => done(command('run:include', { id, version, reason })),
      detach: ({ id, version }, reason) => done(command('run:detach', { id, version, reason })),
      end: ({ id, version }) => done(command('run:end', { id, version })),
      replace: ({ id }) => add(id),
      addPair: () => add(null),
      attach,
    }
  }, [command, experimentId, inTurn, attach])
}
