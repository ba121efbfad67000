import { describe, expect, it } from 'vitest'
import { saveWords } from '#components/room/save-words'
import type { LinkStatus } from '#lib/realtime/client/room-types'

const online: LinkStatus = { link: 'online', queued: 0, role: 'editor', draining: false }
const saved = { state: 'saved', seq: 8841, at: 0 } as const

describe('the words beside the avatars', () => {
  it('say Saved only when the text is committed and no change of a row waits', () => {
    expect(saveWords(saved, online).words).toBe('Saved')
    expect(saveWords(saved, { ...online, queued: 2 }).words).toBe('Saving 2')
    expect(saveWords({ state: 'saving', changes: 1 }, online).words).toBe('Saving 1')
    expect(saveWords({ state: 'opening' }, online).words).not.toBe('Saved')
  })

  it('count text and rows together when offline', () => {
    const offline: LinkStatus = { ...online, link: 'offline', queued: 1 }
    expect(saveWords({ state: 'offline', changes: 2 }, offline).words).toBe(
      'Offline, 3 changes on this device',
    )
    expect(saveWords({ state: 'offline', changes: 0 }, { ...offline, queued: 0 }).words).toBe('Offline')
  })

  it('never say Saved on a dead connection, whatever the text last said', () => {
    expect(saveWords(saved, { ...online, link: 'offline' }).words).toBe('Offline')
    expect(saveWords(saved, { ...online, link: 'connecting' }).words).toBe('Connecting…')
  })

  it('tell the worst first: ended access, then text that needs a hand', () => {
    const trouble = {
      state: 'needs-attention',
      why: 'older-version',
      reason: 'Copy it.',
      draft: 'x',
    } as const
    expect(saveWords(trouble, { ...online, role: null }).words).toBe('No access any more')
    expect(saveWords(trouble, online)).toMatchObject({
      words: 'Needs attention',
      more: 'Copy it.',
      tone: 'alarm',
    })
  })

  it('tell that some text could not be restored, though what is written now is saved', () => {
    const words = saveWords({ ...saved, isIncomplete: true }, online)
    expect(words).toMatchObject({ words: 'Needs attention', tone: 'alarm' })
    expect(words.more).toContain('some text could not be restored')
    expect(saveWords({ state: 'saving', changes: 1 }, online).words).toBe('Saving 1')
  })

  it('tell a viewer that she reads only', () => {
    expect(saveWords({ state: 'read-only' }, { ...online, role: 'viewer' }).words).toBe('Read only')
  })
})
