import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attachment } from '#lib/http/download'
import { CaptureMetadata, labelOf, shownFileName } from '#lib/http/upload-metadata'

describe('names of uploaded files', () => {
  it('shows the last part of a path, without what cannot be seen', () => {
    expect(shownFileName('../../etc/passwd')).toBe('passwd')
    expect(shownFileName('C:\\dumps\\a.json')).toBe('a.json')
    expect(shownFileName('a\u0000b\u202e.json')).toBe('ab.json')
    expect(shownFileName('  ')).toBe('unnamed file')
  })

  it('is never a path and never long, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        const shown = shownFileName(name)
        expect(shown).not.toMatch(/[/\\\p{Cc}\p{Cf}]/u)
        expect(['', '.', '..']).not.toContain(shown)
        expect([...shown].length).toBeLessThanOrEqual(200)
      }),
      { seed: 4711, verbose: true },
    )
  })

  it('makes a label of a name without its endings', () => {
    expect(labelOf('trace-3.json.gz')).toBe('trace-3')
    expect(labelOf('.json')).toBe('.json')
  })

  it('travels in a header as one quoted ASCII name and one encoded one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        expect(attachment(name)).toMatch(
          /^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''[\w.!~%-]*$/,
        )
      }),
      { seed: 4712, verbose: true },
    )
  })
})

describe('what is told with a capture', () => {
  it('takes times as ISO or epoch milliseconds, and counts as whole numbers', () => {
    const read = (facts: Record<string, string>) => CaptureMetadata.parse({ filename: 'a.json', ...facts })
    expect(read({ takenAt: '2026-11-23T10:00:00Z' }).takenAt?.getTime()).toBe(1795428000000)
    expect(read({ takenAt: '1795428000000' }).takenAt?.getTime()).toBe(1795428000000)
    expect(read({ requestCount: '10500' }).requestCount).toBe(10500n)
  })

  it('names the captures that it stands between; what is no id is left out', () => {
    const [a, b] = ['0b9a1c8e-7f1e-4a53-9d0f-6a8d6ff0a001', '0b9a1c8e-7f1e-4a53-9d0f-6a8d6ff0a002']
    const { place } = CaptureMetadata.parse({
      filename: 'a.json',
      after: `${a.toUpperCase()} ${b}`,
      before: `x,${b}`,
    })
    expect(place).toEqual({ after: [a, b], before: [b] })
    expect(CaptureMetadata.parse({ filename: 'a.json' }).place).toEqual({ after: [], before: [] })
    const many = CaptureMetadata.parse({ filename: 'a.json', before: `${a} `.repeat(1000) })
    expect(many.place.before).toHaveLength(32)
  })

  it('leaves out what makes no sense rather than losing the file', () => {
    expect(CaptureMetadata.parse({ takenAt: 'yesterday', requestCount: '-3', label: null })).toMatchObject({
      fileName: 'unnamed file',
      takenAt: null,
      requestCount: null,
      process: null,
      label: 'unnamed file',
    })
  })
})
