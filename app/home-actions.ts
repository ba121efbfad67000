'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FormState } from '#components/account/form-state'
import { requireOwner, requireTeamWriter, requireWriter } from '#lib/auth/gate'
import { createInvestigation, deleteInvestigation, renameInvestigation } from '#lib/db/investigations'
import { restoreDemo } from '#lib/demo/seed-demo'
import { type Outcome, outcomeOf } from '#lib/errors/outcome'
import { UserError } from '#lib/errors/user-error'

const Title = z.string().trim().min(1).max(200)

function readTitle(value: unknown): string {
  const title = Title.safeParse(value)
  if (!title.success) throw new UserError('request/malformed', { where: 'title' })
  return title.data
}

/** Opens a room and goes in. */
export async function openRoom(_before: FormState, form: FormData): Promise<FormState> {
  let id: string
  try {
    id = await createInvestigation(await requireTeamWriter(), readTitle(form.get('title')))
  } catch (error) {
    if (error instanceof UserError) {
      return { sentence: error.message, kept: { title: String(form.get('title') ?? '') } }
    }
    throw error
  }
  redirect(`/i/${id}`)
}

/** Opens a room that is named after a file; the page goes in and attaches it. */
export async function openRoomFor(fileName: string): Promise<Outcome<string>> {
  return outcomeOf(async () => {
    const name = readTitle(fileName)
      .replace(/\.(gz|zst)$/i, '')
      .replace(/\.[a-z0-9]{1,12}$/i, '')
    return createInvestigation(await requireTeamWriter(), name || readTitle(fileName))
  })
}

export async function renameRoom(id: string, title: string): Promise<Outcome<void>> {
  return outcomeOf(async () => {
    await renameInvestigation(await requireWriter(id), readTitle(title))
    revalidatePath('/')
  })
}

export async function deleteRoom(id: string): Promise<Outcome<void>> {
  return outcomeOf(async () => {
    await deleteInvestigation(await requireOwner(id))
    revalidatePath('/')
  })
}

/** Puts the demo investigation back into the team. */
export async function putBackDemo(): Promise<Outcome<void>> {
  return outcomeOf(async () => {
    await restoreDemo(await requireTeamWriter())
    revalidatePath('/')
  })
}
