import { describe, expect, it } from 'vitest'
import { readOtlp } from '#lib/formats/otlp/index'
import { otlpMessage } from '#lib/formats/otlp/message'
import { readWriteRequest } from '#lib/formats/remote-write/index'
import { unpackSnappy } from '#lib/formats/remote-write/snappy'
import { field, fixed64, otlpRequest, packSnappy, text, varint, writeRequest } from '#test/build/metrics'

const bytesOf = (words: string) => new TextEncoder().encode(words)
const unpacked = (...packed: number[]) => {
  const out = unpackSnappy(Uint8Array.from(packed), 1000)
  return typeof out === 'string' ? out : new TextDecoder().decode(out)
}

describe('Snappy blocks', () => {
  it('[FMT82] literals and copies, near, far and overlapping', () => {
    // "Wikipedia is a free, web-based, …" in small: a literal, then a copy of one byte's offset over itself.
    expect(unpacked(10, 0x04, 0x61, 0x62, (4 << 2) | 1, 2)).toBe('abababababab'.slice(0, 10))
    expect(unpacked(12, 0x14, ...bytesOf('abcdef'), (5 << 2) | 2, 6, 0)).toBe('abcdefabcdef')
    expect(unpacked(12, 0x14, ...bytesOf('abcdef'), (5 << 2) | 3, 6, 0, 0, 0)).toBe('abcdefabcdef')
    const long = 'x'.repeat(61)
    expect(unpacked(61, 60 << 2, 60, ...bytesOf(long))).toBe(long)
    expect(unpacked(0)).toBe('')
  })

  it('[FMT83] what another packer wrote comes back', () => {
    const words = bytesOf('process_resident_memory_bytes '.repeat(5000))
    const packed = packSnappy(words)
    expect(packed.length).toBeLessThan(words.length / 10)
    expect(unpackSnappy(packed, 1e6)).toEqual(words)
  })

  it('[FMT84] a length beyond the limit is refused before memory is taken; broken blocks never throw', () => {
    expect(unpackSnappy(Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]), 16 * 1024 ** 2)).toBe(
      'too-large',
    )
    expect(unpackSnappy(Uint8Array.from([0x80, 0x80, 0x80, 0x04, 0, 0]), 16 * 1024 ** 2)).toBe('broken')
    expect(unpacked(4, 0x04, 0x61)).toBe('broken')
    expect(unpacked(4, (4 << 2) | 1, 9)).toBe('broken')
    expect(unpacked(4, 0x00, 0x61)).toBe('broken')
    expect(unpacked()).toBe('broken')
    const packed = packSnappy(bytesOf('abcabcabcabc '.repeat(40)))
    for (let end = 0; end < packed.length; end++) {
      expect(unpackSnappy(packed.subarray(0, end), 1e6)).toBe('broken')
    }
  })
})

const STALE = 0x7ff0000000000002n
const RSS = { __name__: 'process_resident_memory_bytes', job: 'shop', instance: 'a:1' }

describe('Prometheus remote write', () => {
  it('[FMT85] series with their labels and samples', () => {
    const data = writeRequest([
      {
        labels: RSS,
        samples: [
          [1_795_426_942_000, 5e7],
          [1_795_426_957_000, 5.1e7],
        ],
      },
    ])
    const read = readWriteRequest(data)
    expect(read).toMatchObject({ points: 2, refused: 0, ended: 0 })
    expect(read?.metrics[0]).toMatchObject({
      metric: 'process_resident_memory_bytes',
      labels: { job: 'shop', instance: 'a:1' },
    })
    expect([...(read?.metrics[0]?.t.values() ?? [])]).toEqual([1_795_426_942_000, 1_795_426_957_000])
    expect([...(read?.metrics[0]?.v.values() ?? [])]).toEqual([5e7, 5.1e7])
  })

  it('[FMT86] a stale marker ends a series and is no value; other NaN are refused', () => {
    const data = writeRequest([
      {
        labels: RSS,
        samples: [
          [1_795_426_942_000, 5e7],
          [1_795_426_943_000, STALE],
          [1_795_426_944_000, Number.NaN],
        ],
      },
    ])
    const read = readWriteRequest(data)
    expect(read).toMatchObject({ ended: 1, refused: 1, points: 2 })
    expect(read?.metrics[0]?.v.length).toBe(1)
  })

  it('[FMT87] what is not wanted is not read, and a message cut anywhere is told from a whole one', () => {
    const data = writeRequest([
      { labels: { __name__: 'go_goroutines' }, samples: [[1, 1]] },
      { labels: RSS, samples: [[1_795_426_942_000, 5e7]] },
    ])
    expect(readWriteRequest(data, (metric) => metric.startsWith('process'))?.metrics).toHaveLength(1)
    const whole = new Set([0, data.indexOf(0x0a, 1)])
    for (let end = 1; end < data.length; end++) {
      const read = readWriteRequest(data.subarray(0, end))
      if (read && !whole.has(end)) expect(read.metrics.length).toBeLessThan(2)
    }
  })
})

describe('OTLP metrics', () => {
  const point = {
    service: 'shop',
    metric: 'process.memory.usage',
    unit: 'By',
    tMs: 1_795_426_942_000,
    value: 5e7,
  }

  it('[FMT88] protobuf gives what JSON gives', () => {
    const json = readOtlp(otlpRequest(point).json)
    const protobuf = readOtlp(otlpMessage(otlpRequest(point).protobuf))
    for (const read of [json, protobuf]) {
      expect(read).toMatchObject({ points: 1, refused: 0 })
      expect(read.metrics[0]).toMatchObject({
        metric: 'process.memory.usage',
        labels: { 'service.name': 'shop', 'process.pid': '7' },
        toolUnit: 'bytes',
      })
      expect([read.metrics[0]?.t.values()[0], read.metrics[0]?.v.values()[0]]).toEqual([
        1_795_426_942_000, 5e7,
      ])
    }
  })

  it('[FMT89] differences are refused with the setting to change; points without a value end a series', () => {
    const delta = readOtlp(otlpRequest({ ...point, temporality: 1 }).json)
    expect(delta).toMatchObject({ refused: 1, problem: expect.stringContaining('cumulative temporality') })
    expect(readOtlp(otlpRequest({ ...point, flags: 1 }).json)).toMatchObject({ ended: 1, points: 0 })
  })

  it('[FMT90] messages cut anywhere, or of another kind, never throw', () => {
    const { protobuf } = otlpRequest(point)
    for (let end = 0; end < protobuf.length; end++) readOtlp(otlpMessage(protobuf.subarray(0, end)))
    expect(otlpMessage(bytesOf('hello, I am no message'))).toBeUndefined()
    for (const odd of [
      null,
      1,
      [],
      { resourceMetrics: [null, { scopeMetrics: [{ metrics: [{ name: 1 }] }] }] },
    ]) {
      expect(readOtlp(odd).points).toBe(0)
    }
    // A double where a message is expected, and a message where a double is.
    expect(
      readOtlp(otlpMessage(Uint8Array.from([...fixed64(1, 1n), ...field(1, text(3, 'x')), ...varint(9, 1)])))
        .points,
    ).toBe(0)
  })
})
