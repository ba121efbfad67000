import { z } from 'zod'
import type { FormState } from '#components/account/form-state'
import { MIN_PASSWORD } from '#lib/auth/auth'
import type { Credentials } from '#lib/auth/welcome'
import { UserError } from '#lib/errors/user-error'

/** A person's or a team's name as it is typed. Control characters would break lists and exports. */
export const Name = z
  .string()
  .trim()
  .min(1, 'Type a name.')
  .max(80, 'A name has at most 80 characters.')
  .regex(/^\P{Cc}*$/u, 'A name is one line of letters.')

export const Email = z.email('Type an e-mail address, like mike@example.com.').max(200)
export const Password = z
  .string()
  .min(MIN_PASSWORD, `A password has at least ${MIN_PASSWORD} characters.`)
  .max(200, 'A password has at most 200 characters.')

/** The fields of a form that are text. */
export const fieldsOf = (form: FormData): Record<string, string> =>
  Object.fromEntries([...form].flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])))

/** Parses a form, or says the first thing that is off. Passwords are not sent back. */
export function readForm<T>(schema: z.ZodType<T>, form: FormData): { value: T } | { refused: FormState } {
  const fields = fieldsOf(form)
  const result = schema.safeParse(fields)
  if (result.success) return { value: result.data }
  return { refused: { sentence: result.error.issues[0]?.message ?? 'Check the form.', kept: kept(form) } }
}

/** What stays in the form after a refusal. */
export function kept(form: FormData): Record<string, string> {
  const { name = '', email = '' } = fieldsOf(form)
  return { name, email }
}

/** A refusal as the form shows it. Bugs are thrown on. */
export function refused(error: unknown, form: FormData): FormState {
  if (error instanceof UserError) return { sentence: error.message, kept: kept(form) }
  throw error
}

export const NameForm = z.object({ name: Name })
export const AccountForm = z.object({ name: Name, email: Email, password: Password })
export const CredentialsForm: z.ZodType<Credentials> = z.object({ email: Email, password: Password })
