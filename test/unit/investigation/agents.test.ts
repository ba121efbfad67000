import { describe, expect, it } from 'vitest'
import { isPending, SnapshotState, snapshotState } from '#lib/investigation/agents'

describe('how a snapshot stands', () => {
  const asked = { state: 'asked', expiresAt: 100 }

  it('is known by its capture before all else', () => {
    for (const state of ['queued', 'reading', 'ready', 'failed'])
      expect(snapshotState(asked, state, 500)).toBe('done')
    expect(snapshotState({ state: 'taking', expiresAt: 100 }, 'uploading', 50)).toBe('uploading')
    expect(snapshotState(asked, 'cancelled', 50)).toBe('failed')
  })

  it('ends when the agent says nothing in time, and a failure stays one', () => {
    expect(snapshotState(asked, null, 99)).toBe('asked')
    expect(snapshotState(asked, null, 100)).toBe('timed-out')
    expect(snapshotState({ state: 'uploading', expiresAt: 100 }, 'uploading', 100)).toBe('timed-out')
    expect(snapshotState({ state: 'failed', expiresAt: 100 }, null, 500)).toBe('failed')
  })

  it('is on its way in three of its states', () => {
    expect(SnapshotState.options.filter(isPending)).toEqual(['asked', 'taking', 'uploading'])
  })
})
