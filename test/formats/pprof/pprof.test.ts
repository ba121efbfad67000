import { describe, expect, it } from 'vitest'
import { Fields } from '#lib/formats/pprof/wire'
import { compareStacks } from '#lib/stacks/difference'
import { groupLines, readStackBytes, readStackFile, stackFile, totalOf } from '#test/build/stack-files'

const group = (path: string, name: string) =>
  groupLines(readStackFile(path)).find((line) => line.group.includes(name))

describe('pprof', () => {
  it('reads Go’s heap: what is in use and what was allocated', () => {
    const base = readStackFile('pprof/go-base.pb.gz')
    expect(base.profile.producer).toBe('Go')
    expect(base.profile.measures).toEqual([
      'in-use-bytes',
      'in-use-blocks',
      'allocated-bytes',
      'allocated-blocks',
    ])
    expect(totalOf(base, 'live', 'allocated-bytes')).toBeGreaterThan(totalOf(base, 'live', 'in-use-bytes'))
    expect(base.profile.sampling).toMatchObject({ isSampled: true, periodBytes: 65_536 })
  })

  it('shows both planted leaks at the program’s own functions, four times as large later', () => {
    for (const name of ['main.newTicket', 'main.leakGoroutine ·']) {
      const grown =
        (group('pprof/go-later.pb.gz', name)?.bytes ?? 0) / (group('pprof/go-base.pb.gz', name)?.bytes ?? 1)
      expect(grown).toBeGreaterThan(3)
      expect(grown).toBeLessThan(6)
    }
    expect(group('pprof/go-later.pb.gz', 'main.newTicket')?.bytes).toBeGreaterThan(60_000 * 760)
  })

  it('tells by the stack who keeps what newTicket made', () => {
    const { tree, earlier } = compareStacks(
      readStackFile('pprof/go-base.pb.gz').profile,
      readStackFile('pprof/go-later.pb.gz').profile,
    )
    let open = 0
    let cached = 0
    for (let node = 1; node < tree.nodes.count; node++) {
      const change = tree.nodes.self['in-use-bytes'][node]! - earlier['in-use-bytes'][node]!
      const names = new Set<string>()
      for (let at = node; at > 0; at = tree.nodes.parent[at]!)
        names.add(tree.strings[tree.frames.name[tree.nodes.frame[at]!]!]!)
      if (names.has('main.openTicket')) open += change
      if (names.has('main.cacheTicket')) cached += change
    }
    expect(open).toBeGreaterThan(40_000_000)
    expect(Math.abs(cached)).toBeLessThan(open / 20)
  })

  it('reads goroutine profiles as counts, and says that they have no bytes', () => {
    const goroutines = readStackFile('pprof/go-goroutine.pb.gz')
    expect(goroutines.profile.measures).toEqual(['in-use-blocks'])
    expect(goroutines.profile.blockWord).toBe('goroutines')
    expect(groupLines(goroutines)[0]).toMatchObject({ count: 4000 })
    expect(goroutines.profile.notes.remarks.join(' ')).toContain('no bytes')
  })

  it('agrees with the text file of gperftools that was converted to it', () => {
    const converted = readStackFile('pprof/tc-0007.pb.gz')
    const text = readStackFile('gperftools/tc.0007.heap')
    for (const measure of text.profile.measures)
      expect(totalOf(converted, 'live', measure)).toBe(totalOf(text, 'live', measure))
    expect(groupLines(converted)[0]?.group).toContain(
      'mc_make_error · /home/app/store/native/leakyclient.c:39',
    )
  })

  it('refuses a profile of time with a sentence', () => {
    // One sample type, samples/count; one sample; the strings.
    const message = [0x0a, 4, 8, 1, 16, 2, 0x12, 6, 0x0a, 1, 1, 0x12, 1, 5, 0x32, 0]
    const strings = ['cpu', 'nanoseconds'].flatMap((word) => [
      0x32,
      word.length,
      ...new TextEncoder().encode(word),
    ])
    expect(() => readStackBytes(Uint8Array.from([...message, ...strings]))).toThrow(
      'profile of cpu, which says nothing of memory',
    )
  })

  it('reads negative numbers of difference profiles', () => {
    const minusFive = [0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    const fields = new Fields(
      Uint8Array.from([0x08, ...minusFive, 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]),
      0,
      20,
    )
    fields.next()
    expect(fields.number).toBe(-5)
    fields.next()
    expect(fields.number).toBe(2 ** 53)
  })

  it('keeps what stands before the place where a file stops', () => {
    const whole = stackFile('pprof/go-later.pb.gz')
    const part = readStackBytes(whole.subarray(0, whole.length - 400))
    expect(part.profile.notes.truncated).toBe(true)
    expect(part.profile.notes.remarks[0]).toContain('stops before its end')
  })
})
