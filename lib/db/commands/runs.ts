import { UserError } from '#lib/errors/user-error'
import type { Handler } from './context.ts'

const soon = async (): Promise<never> => {
  throw new UserError('request/not-found', { what: 'experiment' })
}

export const addRuns: Handler<'run:add'> = soon
export const attachRun: Handler<'run:attach'> = soon
export const detachRun: Handler<'run:detach'> = soon
export const endRun: Handler<'run:end'> = soon
export const excludeRun: Handler<'run:exclude'> = soon
export const includeRun: Handler<'run:include'> = soon
