'use server'

import { redirect } from 'next/navigation'
import type { FormState } from '#components/account/form-state'
import { keepCookies } from '#lib/auth/cookies'
import { type Credentials, firstVisit } from '#lib/auth/welcome'
import { AccountForm, NameForm, readForm, refused } from '../(account)/forms.ts'
import { startDemo } from './start-demo.ts'

/** The first visitor comes in by name alone. */
export async function enter(_before: FormState, form: FormData): Promise<FormState> {
  const read = readForm(NameForm, form)
  return 'refused' in read ? read.refused : comeIn(form, read.value.name)
}

/** The first visitor where OPEN_FIRST_VISIT is off. */
export async function enterWithAccount(_before: FormState, form: FormData): Promise<FormState> {
  const read = readForm(AccountForm, form)
  return 'refused' in read ? read.refused : comeIn(form, read.value.name, read.value)
}

async function comeIn(form: FormData, name: string, credentials?: Credentials): Promise<FormState> {
  try {
    const { cookies, team } = await firstVisit(name, credentials)
    await keepCookies(cookies)
    await startDemo(team)
  } catch (error) {
    return refused(error, form)
  }
  redirect('/')
}
