import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lineAt, MAX_VALUE_BYTES } from '#lib/jobs/value-at'

const LINES = [
  '{"address":"0x1", "value":"first"}',
  `{"address":"0x2", "value":"${'ä'.repeat(40_000)}"}`,
  '',
  '{"address":"0x4", "value":"last, without an end of line"}',
]
const content = Buffer.from(LINES.join('\n'))
const offsets = LINES.map((_, at) =>
  Buffer.byteLength(
    LINES.slice(0, at)
      .map((line) => `${line}\n`)
      .join(''),
  ),
)

describe('the line of an object', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'leakroom-value-'))
    writeFileSync(join(folder, 'plain'), content)
    writeFileSync(join(folder, 'gzip'), gzipSync(content))
    // Two members, one file; the second line lies in both.
    const cut = (offsets[1] ?? 0) + 1001
    const members = [content.subarray(0, cut), content.subarray(cut)]
    writeFileSync(join(folder, 'members'), Buffer.concat(members.map((part) => gzipSync(part))))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const at = (name: string, offset: number) =>
    lineAt(
      {
        path: join(folder, name),
        encoding: name === 'plain' ? 'plain' : 'gzip',
        storedBytes: content.length,
        maxPlainBytes: 1e9,
      },
      offset,
    )

  it.each(['plain', 'gzip', 'members'])('is found in a file that is %s', async (name) => {
    expect(await at(name, offsets[0] ?? -1)).toEqual({ text: LINES[0], isCut: false })
    expect(await at(name, offsets[2] ?? -1)).toEqual({ text: '', isCut: false })
    expect(await at(name, offsets[3] ?? -1)).toEqual({ text: LINES[3], isCut: false })
  })

  it.each(['plain', 'gzip', 'members'])('is cut when it is long: %s', async (name) => {
    const { text, isCut } = await at(name, offsets[1] ?? -1)
    expect(isCut).toBe(true)
    // The cut goes through a character of two bytes.
    expect(Buffer.byteLength(text.replace(/�$/u, ''))).toBeLessThanOrEqual(MAX_VALUE_BYTES)
    expect((LINES[1] ?? '').startsWith(text.replace(/�$/u, ''))).toBe(true)
  })

  it('is empty behind the end', async () => {
    for (const name of ['plain', 'gzip'])
      expect(await at(name, content.length + 10)).toEqual({ text: '', isCut: false })
  })
})
