/** Numbers in [0, 1) from a seed: the same seed, the same numbers (mulberry32). */
export type Random = () => number

export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const below = (random: Random, limit: number): number => Math.floor(random() * limit)
const oneOf = <T>(random: Random, list: readonly [T, ...T[]]): T =>
  list[below(random, list.length)] ?? list[0]

/** Names that would do harm if they were ever used as keys, shown as markup, or measured by their neighbours. */
export const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '<img src=x onerror=alert(1)>',
  '\u202e\u0007\u001b[31m',
  '../../etc/passwd',
  "'; drop table capture; --",
  '=cmd|calc!A1',
  '',
  'x'.repeat(70_000),
] as const

/** Numbers that no counter comes to, and some that look like one. */
export const ABSURD_NUMBERS = [
  '0',
  '-1',
  '4294967295',
  '4294967296',
  '9007199254740993',
  '18446744073709551615',
  '99999999999999999999999999',
  '1e308',
  '1e999',
  '-9223372036854775808',
  '0.5',
  'NaN',
  '0x7fffffffffffffff',
] as const

type Damage = (content: Buffer, random: Random) => Buffer

const spliced = (content: Buffer, from: number, to: number, put: Uint8Array): Buffer =>
  Buffer.concat([content.subarray(0, from), put, content.subarray(to)])

/** Where `pattern` stands in the content, as bytes; at most the first 20,000 places. */
function places(content: Buffer, pattern: RegExp): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = []
  for (const match of content.toString('latin1').matchAll(pattern)) {
    found.push({ from: match.index, to: match.index + match[0].length })
    if (found.length === 20_000) break
  }
  return found
}

function replaceOne(content: Buffer, random: Random, pattern: RegExp, put: () => string): Buffer {
  const found = places(content, pattern)
  const place = found[below(random, found.length)]
  return place === undefined ? content : spliced(content, place.from, place.to, Buffer.from(put()))
}

const BYTE_DAMAGES: readonly [Damage, ...Damage[]] = [
  function cut(content, random) {
    return content.subarray(0, below(random, content.length))
  },
  function flip(content, random) {
    const copy = Buffer.from(content)
    for (let n = 1 + below(random, 8); n > 0; n--) copy[below(random, copy.length)] = below(random, 256)
    return copy
  },
  function takeOut(content, random) {
    const from = below(random, content.length)
    return spliced(content, from, from + below(random, 400), Buffer.alloc(0))
  },
  function repeat(content, random) {
    const from = below(random, content.length)
    return spliced(content, from, from, content.subarray(from, from + below(random, 2000)))
  },
  function putIn(content, random) {
    const from = below(random, content.length)
    const what = oneOf(random, [
      '\0\0\0\0',
      '\n',
      '"',
      '\\',
      '{',
      '[',
      ']',
      '}',
      '<',
      '&',
      '\xff\xfe',
      '\r\n',
      ',',
    ])
    return spliced(content, from, from, Buffer.from(what, 'latin1'))
  },
]

/** These look at the whole text. */
const TEXT_DAMAGES: readonly [Damage, ...Damage[]] = [
  function absurdNumber(content, random) {
    return replaceOne(content, random, /\d+/g, () => oneOf(random, ABSURD_NUMBERS))
  },
  function absurdNumbers(content, random) {
    const number = oneOf(random, ABSURD_NUMBERS)
    const share = random() * 0.3
    const text = content.toString('latin1').replace(/\d+/g, (was) => (random() < share ? number : was))
    return Buffer.from(text, 'latin1')
  },
  function hostileName(content, random) {
    return replaceOne(content, random, /[A-Za-z_][\w:.@/$-]{2,}/g, () => oneOf(random, HOSTILE_NAMES))
  },
  function swapBlocks(content, random) {
    const [a, b] = [below(random, content.length), below(random, content.length)].sort((x, y) => x - y)
    return Buffer.concat([content.subarray(b), content.subarray(a, b), content.subarray(0, a)])
  },
  function brokenLines(content, random) {
    const lines = content.toString('latin1').split('\n')
    const broken = lines.map((line) =>
      random() < 0.01 ? line.slice(0, below(random, line.length + 1)) : line,
    )
    return Buffer.from(broken.join('\n'), 'latin1')
  },
]

/** Damage that looks at the text costs ten times its bytes: files larger than this get the other kinds. */
const MAX_TEXT_BYTES = 1 << 20

/** The content with one to four kinds of damage done to it. */
export function damaged(content: Uint8Array, random: Random): Uint8Array {
  let damagedContent = Buffer.from(content)
  for (let n = 1 + below(random, 2) * below(random, 4); n > 0; n--) {
    if (damagedContent.length === 0) break
    const isText = damagedContent.length <= MAX_TEXT_BYTES && random() < 0.5
    damagedContent = Buffer.from(oneOf(random, isText ? TEXT_DAMAGES : BYTE_DAMAGES)(damagedContent, random))
  }
  return damagedContent
}
