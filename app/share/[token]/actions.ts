'use server'

import { redirect } from 'next/navigation'
import type { FormState } from '#components/account/form-state'
import { keepCookies } from '#lib/auth/cookies'
import { currentUser, requestHeaders } from '#lib/auth/gate'
import { boundGuesses } from '#lib/auth/limits'
import { enterByShareLink } from '#lib/auth/welcome'
import { NameForm, readForm, refused } from '../../(account)/forms.ts'

/** Joins the room by its link: as oneself, or by name as a guest. */
export async function joinRoomByLink(token: string, _before: FormState, form: FormData): Promise<FormState> {
  const user = await currentUser()
  const read = readForm(NameForm, form)
  if (!user && 'refused' in read) return read.refused
  let room: string
  try {
    const visitor = user ?? ('value' in read ? read.value : { name: 'Guest' })
    const { cookies, investigationId } = await boundGuesses(await requestHeaders(), () =>
      enterByShareLink(token, visitor),
    )
    await keepCookies(cookies)
    room = investigationId
  } catch (error) {
    return refused(error, form)
  }
  redirect(`/i/${room}`)
}
