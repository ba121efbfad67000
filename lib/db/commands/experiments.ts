import { UserError } from '#lib/errors/user-error'
import type { Handler } from './context.ts'

const soon = async (): Promise<never> => {
  throw new UserError('request/not-found', { what: 'experiment' })
}

export const addExperiment: Handler<'experiment:add'> = soon
export const changeExperiment: Handler<'experiment:change'> = soon
export const setEnvironment: Handler<'experiment:set-environment'> = soon
export const waiveDifference: Handler<'experiment:waive'> = soon
export const archiveExperiment: Handler<'experiment:archive'> = soon
