import { notFound, redirect } from 'next/navigation'
import { UserError } from '#lib/errors/user-error'

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
    if (error instanceof UserError && error.code === 'access/sign-in') {
      redirect(`/sign-in?to=${encodeURIComponent(back)}`)
    }
    if (error instanceof UserError && error.code === 'access/unknown') notFound()
    throw error
  }
}
