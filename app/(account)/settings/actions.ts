'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FormState } from '#components/account/form-state'
import { keepCookies } from '#lib/auth/cookies'
import { currentUser, requestHeaders, requireTeam, requireTeamOwner, type SignedIn } from '#lib/auth/gate'
import { changePassword, completeAccount } from '#lib/auth/welcome'
import { rememberTeam, renamePerson } from '#lib/db/people'
import {
  changeMemberRole,
  createTeamLink,
  leaveTeam,
  removeMember,
  renameTeam,
  revokeTeamLink,
  type TeamLinkRow,
} from '#lib/db/teams'
import { type Outcome, outcomeOf } from '#lib/errors/outcome'
import { UserError } from '#lib/errors/user-error'
import { TeamId, UserId } from '#lib/investigation/ids'
import { Role } from '#lib/investigation/roles'
import { CredentialsForm, NameForm, Password, readForm, refused } from '../forms.ts'

// Every action asks the gate itself: an action can be called by anybody who can send a request.

async function requireSignedIn(): Promise<SignedIn> {
  const user = await currentUser()
  if (!user) throw new UserError('access/sign-in')
  return user
}

const parsed = <T>(schema: z.ZodType<T>, value: unknown, where: string): T => {
  const result = schema.safeParse(value)
  if (!result.success) throw new UserError('request/malformed', { where })
  return result.data
}

// ── One's own account ───────────────────────────────────────────────────────────────────────────────────────────────

export async function saveName(_before: FormState, form: FormData): Promise<FormState> {
  const read = readForm(NameForm, form)
  if ('refused' in read) return read.refused
  try {
    await renamePerson((await requireSignedIn()).userId, read.value.name)
  } catch (error) {
    return refused(error, form)
  }
  revalidatePath('/', 'layout')
  return null
}

/** A guest chooses an e-mail and a password. */
export async function saveCredentials(_before: FormState, form: FormData): Promise<FormState> {
  const read = readForm(CredentialsForm, form)
  if ('refused' in read) return read.refused
  try {
    await completeAccount(await requireSignedIn(), read.value)
  } catch (error) {
    return refused(error, form)
  }
  revalidatePath('/', 'layout')
  return null
}

const PasswordForm = z.object({ current: z.string().max(200), password: Password })

export async function savePassword(_before: FormState, form: FormData): Promise<FormState> {
  const read = readForm(PasswordForm, form)
  if ('refused' in read) return read.refused
  try {
    await requireSignedIn()
    await keepCookies(await changePassword(await requestHeaders(), read.value.current, read.value.password))
  } catch (error) {
    return refused(error, form)
  }
  redirect('/settings?saved=password')
}

// ── The team ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Shows another of one's teams from now on. */
export async function switchTeam(teamId: string): Promise<Outcome<void>> {
  return outcomeOf(async () => {
    const user = await requireSignedIn()
    await rememberTeam(user.sessionId, await requireTeam(parsed(TeamId, teamId, 'team')))
    revalidatePath('/', 'layout')
  })
}

export async function saveTeamName(teamId: string, _before: FormState, form: FormData): Promise<FormState> {
  const read = readForm(NameForm, form)
  if ('refused' in read) return read.refused
  try {
    await renameTeam(await requireTeamOwner(parsed(TeamId, teamId, 'team')), read.value.name)
  } catch (error) {
    return refused(error, form)
  }
  revalidatePath('/', 'layout')
  return null
}

export async function setMemberRole(teamId: string, userId: string, role: string): Promise<Outcome<void>> {
  return outcomeOf(async () => {
    const access = await requireTeamOwner(parsed(TeamId, teamId, 'team'))
    await changeMemberRole(access, parsed(UserId, userId, 'member'), parsed(Role, role, 'role'))
    revalidatePath('/settings')
  })
}

export async function takeOut(teamId: string, userId: string): Promise<Outcome<void>> {
  return outcomeOf(async () => {
    const access = await requireTeamOwner(parsed(TeamId, teamId, 'team'))
    await removeMember(access, parsed(UserId, userId, 'member'))
    revalidatePath('/settings')
  })
}

export async function leave(teamId: string): Promise<Outcome<void>> {
  return outcomeOf(async () => {
    await leaveTeam(await requireTeam(parsed(TeamId, teamId, 'team')))
    revalidatePath('/', 'layout')
  })
}

const LinkWish = z.object({ role: Role, days: z.number().int().min(1).max(365) })

/** The path holds the secret and is answered this one time. */
export async function makeTeamLink(
  teamId: string,
  wish: { role: string; days: number },
): Promise<Outcome<{ path: string; row: TeamLinkRow }>> {
  return outcomeOf(async () => {
    const access = await requireTeamOwner(parsed(TeamId, teamId, 'team'))
    const { role, days } = parsed(LinkWish, wish, 'link')
    const link = await createTeamLink(access, { role, expiresAt: Date.now() + days * 86_400_000 })
    revalidatePath('/settings')
    return link
  })
}

export async function endTeamLink(teamId: string, linkId: string): Promise<Outcome<void>> {
  return outcomeOf(async () => {
    const access = await requireTeamOwner(parsed(TeamId, teamId, 'team'))
    await revokeTeamLink(access, parsed(z.uuid(), linkId, 'link'))
    revalidatePath('/settings')
  })
}
