import { seedDemo } from '#lib/demo/seed-demo'
import { env } from '#lib/env'
import type { TeamWriteAccess } from '#lib/investigation/access'
import { services } from '#lib/services'

/**
 * Begins to put the demo investigation into a team that has just been founded. The first visitor does not wait for it:
 * this returns as soon as it has begun, home says that it is on its way and shows it when it is there. Should it break,
 * "Restore the demo" tries again; should the server stop in the middle, its next start does (lib/demo/repair-demos.ts).
 */
export async function startDemo(access: TeamWriteAccess): Promise<void> {
  if (!env().SEED_DEMO) return
  await new Promise<void>((begun) => {
    seedDemo(access, { begun })
      .catch((error: unknown) => services().log.error({ err: error }, 'the demo could not be made'))
      .finally(begun)
  })
}
