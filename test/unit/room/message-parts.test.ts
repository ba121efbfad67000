import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeBody,
  encodeDraft,
  mentionStand,
  messageParts,
  pinStand,
  wordAtCursor,
} from '#components/investigation/message-parts'

const ID = '11111111-2222-4333-8444-555555555555'

describe('a message in pieces', () => {
  it('shows pins, mentions, links and code between the words', () => {
    const body = `See [[pin:${ID}]], @[Wes](u1): \`rss\` at https://example.org/a?b=1.`
    expect(messageParts(body)).toEqual([
      { kind: 'text', text: 'See ' },
      { kind: 'pin', evidenceId: ID },
      { kind: 'text', text: ', ' },
      { kind: 'mention', name: 'Wes', userId: 'u1' },
      { kind: 'text', text: ': ' },
      { kind: 'code', text: 'rss', block: false },
      { kind: 'text', text: ' at ' },
      { kind: 'link', href: 'https://example.org/a?b=1' },
      { kind: 'text', text: '.' },
    ])
  })

  it('keeps a command between fences as it was typed', () => {
    expect(messageParts('```sh\nps -o rss\nwait\n```')).toEqual([
      { kind: 'code', text: 'ps -o rss\nwait', block: true },
    ])
  })

  it('makes a link only of http and https', () => {
    const parts = messageParts('javascript:alert(1) data:text/html,x')
    expect(parts).toEqual([{ kind: 'text', text: 'javascript:alert(1) data:text/html,x' }])
  })

  it('loses no letter of plain text, whatever it is', () => {
    const plain = fc.string().filter((text) => !/[`@[]|http/.test(text))
    fc.assert(
      fc.property(plain, (text) => {
        const shown = messageParts(text).map((part) => (part.kind === 'text' ? part.text : ''))
        expect(shown.join('')).toBe(text)
      }),
      { verbose: true },
    )
  })
})

describe('a draft', () => {
  const wes = mentionStand('u1', 'Wes')
  const wesley = mentionStand('u2', 'Wesley Adams')

  it('becomes tokens, the longer name first', () => {
    expect(encodeDraft('@Wes and @Wesley Adams', [wes, wesley])).toBe('@[Wes](u1) and @[Wesley Adams](u2)')
  })

  it('does not mention Wes when somebody writes @Wesley or an address', () => {
    expect(encodeDraft('@Wesley a@Wes', [wes])).toBe('@Wesley a@Wes')
  })

  it('comes back as it was typed when a message is edited', () => {
    const pin = pinStand(ID, 'RSS climbs')
    const body = encodeDraft('look, @Wes: #RSS climbs', [wes, pin])
    const back = decodeBody(body, () => 'RSS climbs')
    expect(back.text).toBe('look, @Wes: #RSS climbs')
    expect(encodeDraft(back.text, back.stands)).toBe(body)
  })

  it('keeps the token of a pin that is gone', () => {
    expect(decodeBody(`[[pin:${ID}]]`, () => undefined).text).toBe(`[[pin:${ID}]]`)
  })

  it('asks for people after @ and for pins after #, at the cursor only', () => {
    expect(wordAtCursor('hi @We', 6)).toEqual({ sign: '@', query: 'We', start: 3 })
    expect(wordAtCursor('#', 1)).toEqual({ sign: '#', query: '', start: 0 })
    expect(wordAtCursor('mail@host', 9)).toBeUndefined()
  })
})
