import { seedDemo } from '#lib/demo/seed-demo'
import { env } from '#lib/env'
import type { TeamWriteAccess } from '#lib/investigation/access'
import { services } from '#lib/services'

/**
 * Puts the demo investigation into a team that has just been founded. It takes about a second; should it break, the person
 * comes in all the same and "Restore the demo" on the home page tries again.
 */
export async function startDemo(access: TeamWriteAccess): Promise<void> {
  if (!env().SEED_DEMO) return
  try {
    await seedDemo(access)
  } catch (error) {
    services().log.error({ err: error }, 'the demo could not be made')
  }
}
