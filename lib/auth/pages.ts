import { notFound, redirect } from 'next/navigation'
import { countPeople, teamsOf } from '#lib/db/people'
import { countTeams } from '#lib/db/teams'
import { UserError } from '#lib/errors/user-error'
import type { TeamAccess } from '#lib/investigation/access'
import type { TeamId } from '#lib/investigation/ids'
import type { Role } from '#lib/investigation/roles'
import { currentUser, type SignedIn, teamAccessOf } from './gate.ts'
import { firstTeam } from './welcome.ts'

/**
 * A gate's answer for a page: nobody is sent to sign in (and comes back to `back` afterwards), and what is not hers is
 * "not found". Everything else goes on to the error page.
 *
 *     const access = await forPage(requireReader(id), `/i/${id}`)
 */
export async function forPage<T>(proof: Promise<T>, back: string): Promise<T> {
  try {
    return await proof
  } catch (error) {
    if (error instanceof UserError && error.code === 'access/sign-in') await askToSignIn(back)
    if (error instanceof UserError && error.code === 'access/unknown') notFound()
    throw error
  }
}

/** Who looks at a page that belongs to no room, with her teams and the one that is shown. */
export interface Visit {
  readonly user: SignedIn
  readonly teams: readonly { readonly teamId: TeamId; readonly name: string; readonly role: Role }[]
  /** Null for a guest of single rooms. */
  readonly team: TeamAccess | null
}

/** The person behind a page of ours; nobody is sent to sign in, or to the greeting of a fresh installation. */
export async function requireVisitor(back: string): Promise<Visit> {
  const user = await currentUser()
  if (!user) return askToSignIn(back)
  let teams = await teamsOf(user.userId)
  // The first person by single sign-on: nobody has founded a team yet, so there is nobody to ask for a link.
  if (teams.length === 0 && (await countTeams()) === 0) {
    await firstTeam(user).catch((error: unknown) => {
      // Of two who come at once one founds it; the other is somebody without a team.
      if (!(error instanceof UserError && error.code === 'account/open-already')) throw error
    })
    teams = await teamsOf(user.userId)
  }
  return { user, teams, team: await teamAccessOf(user, user.activeTeamId, true) }
}

async function askToSignIn(back: string): Promise<never> {
  redirect((await countPeople()) === 0 ? '/welcome' : `/sign-in?to=${encodeURIComponent(back)}`)
}
