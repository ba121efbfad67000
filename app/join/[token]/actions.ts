'use server'

import { redirect } from 'next/navigation'
import type { FormState } from '#components/account/form-state'
import { keepCookies } from '#lib/auth/cookies'
import { currentUser, requestHeaders, teamAccessOf } from '#lib/auth/gate'
import { boundGuesses } from '#lib/auth/limits'
import { enterByTeamLink } from '#lib/auth/welcome'
import { rememberTeam } from '#lib/db/people'
import { NameForm, readForm, refused } from '../../(account)/forms.ts'

/** Joins the team by its link: as oneself, or by name with a new account. */
export async function joinTeamByLink(token: string, _before: FormState, form: FormData): Promise<FormState> {
  const user = await currentUser()
  const read = readForm(NameForm, form)
  if (!user && 'refused' in read) return read.refused
  try {
    const visitor = user ?? ('value' in read ? read.value : { name: 'Guest' })
    const { cookies, teamId } = await boundGuesses(await requestHeaders(), () =>
      enterByTeamLink(token, visitor),
    )
    await keepCookies(cookies)
    const access = user && (await teamAccessOf(user, teamId))
    if (access) await rememberTeam(user.sessionId, access)
  } catch (error) {
    return refused(error, form)
  }
  redirect('/')
}
