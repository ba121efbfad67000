import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { kindOf, sortFile } from '#components/uploads/file-kind'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const DUMP = '{"type":"ROOT", "root":"vm", "references":["0x7f0a"]}\n{"address":"0x7f0a", "type":"STRING"}\n'
const CSV = 'time,rss_bytes\n1700000000,1000\n1700000001,2000\n1700000002,3000\n'

describe('what a dropped file is', () => {
  it('takes a Ruby heap dump for a capture, whatever it is called', () => {
    expect(kindOf(bytesOf(DUMP), 'memory.csv')).toBe('capture')
  })

  it('takes a table of samples for a graph, whatever it is called', () => {
    expect(kindOf(bytesOf(CSV), 'download')).toBe('series')
  })

  it('takes ps and Prometheus output for graphs', () => {
    expect(kindOf(bytesOf('# HELP rss x\n# TYPE rss gauge\nrss 1 1700000000000\n'), 'm.txt')).toBe('series')
  })

  it('lets the server say what a file of an unknown kind is', () => {
    expect(kindOf(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0]), 'shot.png')).toBe('capture')
    expect(kindOf(bytesOf('{"snapshot":{"meta":{"node_fields":["type"]}}}'), 'x.heapsnapshot')).toBe(
      'capture',
    )
    expect(kindOf(bytesOf('Segmentation fault\nplease restart the server\nbye now\n'), 'app.log')).toBe(
      'capture',
    )
    expect(kindOf(new Uint8Array(0), 'empty')).toBe('capture')
  })

  it('offers a broken file that is called .csv as a graph: the dialog says what is missing', () => {
    expect(kindOf(bytesOf('hello'), 'rss.csv')).toBe('series')
  })

  it('unpacks a small packed graph and leaves a packed dump as it is', async () => {
    const graph = await sortFile(new File([gzipSync(CSV)], 'rss.csv.gz'))
    expect(graph.kind).toBe('series')
    expect(graph.file.name).toBe('rss.csv')
    expect(await graph.file.text()).toBe(CSV)

    const packed = new File([gzipSync(DUMP)], 'dump.json.gz')
    expect(await sortFile(packed)).toEqual({ kind: 'capture', file: packed })
  })

  it('takes a damaged .gz for a capture instead of throwing', async () => {
    const damaged = new File([new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3, 4])], 'rss.csv.gz')
    expect((await sortFile(damaged)).kind).toBe('capture')
  })
})
