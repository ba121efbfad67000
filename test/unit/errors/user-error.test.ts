import { describe, expect, it } from 'vitest'
import { UserError } from '#lib/errors/user-error'
import { bytes, mebibytes } from '#lib/units/quantity'

describe('a failure that a person can cause', () => {
  it('says what happened, with the numbers', () => {
    const error = new UserError('upload/too-large', { size: mebibytes(900), limit: mebibytes(512) })
    expect(error.message).toBe('This file is 900.0 MiB. The limit here is 512.0 MiB.')
    expect([error.code, error.status, error.name]).toEqual(['upload/too-large', 413, 'UserError'])
    expect(error).toBeInstanceOf(Error)
  })

  it('names the winner of a conflict and what to do next', () => {
    const error = new UserError('row/conflict', { winner: 'Wes', change: 'ruled out “Redis”' })
    expect(error.message).toBe('Wes was faster: ruled out “Redis”. Look at it, then decide again.')
    expect(error.status).toBe(409)
  })

  it('carries data for the page beside the sentence, and none by default', () => {
    const plain = new UserError('access/sign-in')
    expect(plain.detail).toBeUndefined()
    expect(new UserError('row/not-yours', { what: 'message' }).carrying({ row: 1 }).detail).toEqual({
      row: 1,
    })
  })

  it('tells where a file stops', () => {
    const error = new UserError('format/truncated', { format: 'Ruby heap dump', offset: bytes(1536) })
    expect(error.message).toContain('stops short after 1.5 KiB')
  })

  it('is known as one in every thread and bundle, with the sentence that it had there', () => {
    const retold = UserError.retold('series/no-samples', 422, 'No samples were found.')
    expect(retold).toBeInstanceOf(UserError)
    expect(retold).toBeInstanceOf(Error)
    expect([retold.code, retold.status, retold.message]).toEqual([
      'series/no-samples',
      422,
      'No samples were found.',
    ])
    expect(new Error('else')).not.toBeInstanceOf(UserError)
  })
})
