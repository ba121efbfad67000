import { describe, expect, it } from 'vitest'
import { excerpt, pinsIn } from '#lib/investigation/message-text'
import { uuid } from './draw.ts'

describe('the text of a message', () => {
  it('names each pin once, in order', () => {
    expect(pinsIn(`[[pin:${uuid(2)}]] [[pin:${uuid(1)}]] [[pin:${uuid(2)}]] [[pin:nothing]]`)).toEqual([
      uuid(2),
      uuid(1),
    ])
  })

  it('is shortened to one line of at most 80 letters, never inside a letter', () => {
    expect(excerpt({ body: `a\n\n b [[pin:${uuid(1)}]] @[Jo](jo)` })).toBe('a b (pin) @Jo')
    const long = excerpt({ body: '🌋'.repeat(100) })
    expect([...long]).toHaveLength(80)
    expect(long.endsWith('🌋…')).toBe(true)
  })
})
