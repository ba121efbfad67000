'use client' // Sends a command.

import { useCommand } from '#components/room/room-context'
import { say } from '#components/ui/toasts'
import type { ExperimentRow } from '#lib/investigation/experiments'

/** Puts an experiment away, or takes it up again. */
export function useArchive(): (experiment: ExperimentRow) => Promise<void> {
  const command = useCommand()
  return async ({ id, version, archived }) => {
    const now = await command('experiment:archive', { id, version, archived: !archived })
    if (!now?.archived) return
    say.done('The experiment was put away. Everything that was measured stays.', {
      label: 'Undo',
      run: () => void command('experiment:archive', { id, version: now.version, archived: false }),
    })
  }
}
