import { describe, expect, it } from 'vitest'
import { describeForeign } from '#lib/formats/foreign'
import { SNIFF_BYTES } from '#lib/formats/format'
import { heapFormatOf, requireHeapFormat } from '#lib/formats/index'
import { rubyFixture } from '#test/build/ruby-dump'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))

describe('recognising a heap snapshot', () => {
  it.each(['weird', '1-end-of-up', 'trace-1-warm'])(
    '[FMT1] knows the Ruby dump %s by its content, whatever its name',
    (name) => {
      const head = rubyFixture(name).subarray(0, SNIFF_BYTES)

      expect(heapFormatOf(head, 'unknown')?.id).toBe('ruby-objspace')
      expect(heapFormatOf(head, 'picture.png')?.id).toBe('ruby-objspace')
    },
  )

  it('[FMT2] knows a dump that starts with other output, with objects or with shapes', () => {
    for (const head of [
      'Booting…\n{"address":"0x7f1234567890", "type":"HASH"}\n',
      '{"address":"0x28", "type":"HASH"}\n',
      '{"type":"SHAPE", "id":1}\n',
    ])
      expect(heapFormatOf(bytes(head), 'x')?.id).toBe('ruby-objspace')
  })

  it.each([
    ['', 'This file is empty.'],
    ['{"head":{"callFrame":{', 'sampling heap profile'],
    ['JAVA PROFILE 1.0.2\0', 'Java heap dump'],
    ['<?xml version="1.0"?>\n\n<valgrindoutput>\n', 'memcheck'],
    ['desc: --massif\ncmd: ./a\ntime_unit: i\n', 'massif'],
    ['heap_v2/524288\n  t*: 1: 2', 'jemalloc'],
    ['heap profile:  1: 2 [ 3: 4] @ heapprofile', 'gperftools'],
    ['\x0a\x04\x08\x01\x10\x02\x0a\x04\x08\x03\x10\x04', 'pprof'],
    ['\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x04\0', 'core dump'],
    ['\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0', 'ELF program'],
    ['\x89PNG\r\n\x1a\n', 'PNG'],
    ['<!DOCTYPE html><html><title>502', 'web page'],
    ['{"error": "not found"}', 'This is JSON'],
    ['I, [2026-11-23T10:00:00] started\n', 'text file, perhaps a log'],
    ['\x00\x01\x02\x03\xff', 'binary file'],
  ])('[FMT3] says of %j what it is', (head, words) => {
    expect(describeForeign(bytes(head))).toContain(words)
    expect(heapFormatOf(bytes(head), 'x')).toBeUndefined()
  })

  it('[FMT4] refuses a foreign file with a sentence that names it and what we read', () => {
    expect(() => requireHeapFormat(bytes('\x89PNG\r\n'), 'a.json')).toThrow(
      'This is a PNG picture. Leakroom reads Ruby heap dumps (ObjectSpace.dump_all)',
    )
  })
})
