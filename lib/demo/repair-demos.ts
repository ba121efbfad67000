import { asTeamWriter, teamAccessOf } from '#lib/auth/gate'
import { untoldDemos } from '#lib/db/demo'
import { atLeast } from '#lib/investigation/roles'
import { type DemoTools, seedDemo } from './seed-demo.ts'

/**
 * Makes anew the demos that a stop of the server left half made. One that somebody is making at this moment is waited for
 * and left alone. Where the person for whom it was made may write no more, "Restore the demo" is the way.
 * @returns how many teams have their whole demo now
 */
export async function repairDemos(tools: Partial<DemoTools> = {}): Promise<number> {
  let repaired = 0
  for (const { teamId, person } of await untoldDemos()) {
    const access = await teamAccessOf(person, teamId)
    if (!access || !atLeast(access.role, 'editor')) continue
    await seedDemo(asTeamWriter(access), tools)
    repaired++
  }
  return repaired
}
