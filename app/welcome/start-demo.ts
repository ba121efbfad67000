import type { TeamWriteAccess } from '#lib/investigation/access'

/** Puts the demo investigation into a team that has just been founded. It must not keep anybody from coming in. */
export async function startDemo(_access: TeamWriteAccess): Promise<void> {}
