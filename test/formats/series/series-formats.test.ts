import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { UserError } from '#lib/errors/user-error'
import { previewOf } from '#lib/formats/series/preview'
import { importSeries, SERIES_FORMATS, seriesFormatOf } from '#lib/formats/series-index'

const NOW = Date.UTC(2026, 10, 23, 12)
const FOLDER = 'test/fixtures/series'
const read = (text: string, answers: Record<string, string> = {}, zoneMinutes = 0) =>
  importSeries(text, 'memory.txt', { nowMs: NOW, zoneMinutes, answers })
const fixture = (name: string) => readFileSync(`${FOLDER}/${name}`, 'utf8')
const iso = (t: number | undefined) => new Date(t ?? Number.NaN).toISOString()

describe('every series file', () => {
  const fixtures: Record<string, string> = {
    'exposition.prom': 'prometheus-text',
    'pidstat-r.txt': 'pidstat',
    'rss-3phase.csv': 'series-csv',
    'fastleak.csv': 'series-csv',
  }
  for (const [name, format] of Object.entries(fixtures)) {
    it(`[FMT40] ${name} is read as ${format}, under its own name and under none`, () => {
      expect(seriesFormatOf(fixture(name), name)?.id).toBe(format)
      expect(seriesFormatOf(fixture(name), 'unknown')?.id).toBe(format)
    })
  }

  it('[FMT41] is taken by one format only, the generic table aside', () => {
    for (const name of readdirSync(FOLDER)) {
      const head = fixture(name).slice(0, 4096)
      const own = SERIES_FORMATS.filter(
        (format) => format.id !== 'series-csv' && format.recognises(head, name),
      )
      expect(own.length).toBeLessThanOrEqual(1)
    }
  })

  it('[FMT42] cut anywhere gives samples or a sentence, never a bug', () => {
    for (const name of readdirSync(FOLDER)) {
      const text = fixture(name)
      for (let end = 0; end < text.length; end += end < 1200 ? 1 : 6151) {
        try {
          expect(
            importSeries(text.slice(0, end), name, { nowMs: NOW, zoneMinutes: 345, answers: {} }).series
              .length,
          ).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
        }
      }
    }
  })
})

describe('tables with a header', () => {
  it('[FMT43] the article’s graph gives RSS, heap and counters with their units, and its phases', () => {
    const { series, phases, questions } = read(fixture('rss-3phase.csv'))
    const units = Object.fromEntries(series.map((one) => [one.name, one.unit]))
    expect(units).toMatchObject({
      rss: 'bytes',
      'heap-live-slots': 'count',
      'heap-committed': 'bytes',
      'heap-live': 'bytes',
      requests: 'count',
      failures: 'count',
    })
    expect(phases.map((phase) => phase.label)).toEqual(['up', 'down', 'up'])
    expect(questions).toEqual([])
    const rss = series.find((one) => one.name === 'rss')
    expect(iso(rss?.samples.t[0])).toBe('2026-11-23T09:36:45.064Z')
    expect(rss?.samples.v[0]).toBe(14_626_816)
  })

  it('[FMT44] semicolons, tabs, quotes, decimal commas, a byte order mark and CRLF', () => {
    const semicolons = read('\uFEFFtime;rss_mb\r\n2026-11-23T10:00:00Z;48,5\r\n2026-11-23T10:00:01Z;49,5\r\n')
    expect(semicolons.series[0]?.samples.v[0]).toBe(48.5 * 1024 ** 2)
    const quoted = read(
      '"time","rss_bytes"\n"2026-11-23T10:00:00Z","1,048,576"\n"2026-11-23T10:00:01Z","2,097,152"\n',
    )
    expect([...(quoted.series[0]?.samples.v ?? [])]).toEqual([1_048_576, 2_097_152])
    const tabs = read('time\trss_kb\n1795426942\t1000\n1795426943\t1001\n')
    expect(tabs.series[0]?.samples.v[0]).toBe(1_024_000)
  })

  it('[FMT45] values with a unit of their own', () => {
    const { series } = read(
      '"Time","RSS"\n"2026-11-23 10:00:00","1.5 GiB"\n"2026-11-23 10:00:10","1.6 GiB"\n',
    )
    expect(series[0]?.samples.v[0]).toBe(1.5 * 1024 ** 3)
  })

  for (const [unit, factor] of [
    ['seconds', 1],
    ['milliseconds', 1e3],
    ['microseconds', 1e6],
    ['nanoseconds', 1e9],
  ] as const) {
    it(`[FMT46] ${unit} since 1970 are told by their size`, () => {
      const rows = [0, 1, 2].map((s) => `${(1_795_426_942 + s) * factor},${50_000_000 + s}`)
      const { series, questions } = read(`timestamp,rss_bytes\n${rows.join('\n')}\n`)
      expect(iso(series[0]?.samples.t[0])).toBe('2026-11-23T09:42:22.000Z')
      expect(questions).toEqual([])
    })
  }

  it('[FMT47] asks for the zone of times that name none, and takes the answer', () => {
    const text = 'time,rss_bytes\n2026-11-23 10:00:00,50000000\n2026-11-23 10:00:01,50000001\n'
    const asked = read(text, {}, 345)
    expect(asked.questions.map((question) => question.id)).toEqual(['zone'])
    expect(asked.zone).toBe('UTC+05:45')
    expect(iso(asked.series[0]?.samples.t[0])).toBe('2026-11-23T04:15:00.000Z')
    const answered = read(text, { zone: '0' }, 345)
    expect(answered.questions).toEqual([])
    expect(iso(answered.series[0]?.samples.t[0])).toBe('2026-11-23T10:00:00.000Z')
  })

  it('[FMT48] asks for a unit only when two are plausible, and reads the answer', () => {
    const text = 'time,memory\n1795426942,48123\n1795426943,48130\n1795426944,48131\n'
    const asked = read(text)
    expect(asked.questions.map((question) => question.id)).toEqual(['unit:memory'])
    expect(read(text, { 'unit:memory': 'mib' }).series[0]?.samples.v[0]).toBe(48_123 * 1024 ** 2)
    expect(read('time,memory\n1795426942,47898624\n1795426943,47902720\n').questions).toEqual([])
  })

  it('[FMT49] asks whether day or month comes first unless a 13th says so', () => {
    const ask = 'date,rss_bytes\n11/12/2026 10:00:00,50000000\n11/12/2026 10:00:01,50000000\n'
    expect(read(ask).questions.map((question) => question.id)).toEqual(['date-order'])
    expect(iso(read(ask, { 'date-order': 'day-first' }).series[0]?.samples.t[0])).toBe(
      '2026-12-11T10:00:00.000Z',
    )
    const clear = 'date,rss_bytes\n23/11/2026 10:00:00,50000000\n23/11/2026 10:00:01,50000000\n'
    expect(read(clear).questions).toEqual([])
  })

  it('[FMT50] times that count from 0 end now, and their unit is asked for', () => {
    const { series, questions } = read('t,rss_bytes\n0,50000000\n1,50000000\n2,50000000\n')
    expect(questions.map((question) => question.id)).toEqual(['time-unit'])
    expect(series[0]?.samples.t[2]).toBe(NOW)
    expect(series[0]?.samples.t[0]).toBe(NOW - 2000)
  })

  it('[FMT51] the recipe of one import reads the next without questions', () => {
    const text = 'time,memory\n2026-11-23 10:00:00,48123\n2026-11-23 10:00:01,48130\n'
    const first = read(text, { 'unit:memory': 'kib', zone: '0' }, 345)
    const again = read(text, { ...first.recipe.answers }, 345)
    expect(again.questions).toEqual([])
    expect([...(again.series[0]?.samples.v ?? [])]).toEqual([...(first.series[0]?.samples.v ?? [])])
  })

  it('[FMT52] two pids at the same moment are two processes, one after the other are one', () => {
    const both = read(
      'time,pid,rss_bytes\n1795426942,1,50000000\n1795426942,2,60000000\n1795426943,1,50000000\n1795426943,2,6e7\n',
    )
    expect(both.series.map((one) => one.process)).toEqual(['1', '2'])
    const after = read('time,pid,rss_bytes\n1795426942,1,50000000\n1795426943,2,60000000\n')
    expect(after.series).toHaveLength(1)
    expect([...(after.series[0]?.samples.pids ?? [])]).toEqual([1, 2])
  })

  it('[FMT53] a text without times is refused with what is missing', () => {
    expect(() => read('name,value\na,1\nb,2\nc,3\n')).toThrow(/no column is named time/)
  })

  it('[FMT54] the preview converts three samples', () => {
    const { series } = previewOf(
      read('time,rss_kb\n1795426942,63500\n1795426943,63504\n'),
      'table of samples',
    )
    expect(series[0]?.examples[0]).toEqual({ written: '63500', means: '62.0 MiB' })
  })
})

describe('pidstat', () => {
  it('[FMT55] reads KiB and keeps the five node processes apart', () => {
    const { series } = read(fixture('pidstat-r.txt'))
    const rss = series.filter((one) => one.name === 'rss')
    expect(rss.map((one) => one.process)).toEqual(
      [25591, 25592, 25593, 25594, 25595].map((pid) => `node ${pid}`),
    )
    expect(rss[0]?.samples.v[0]).toBe(62_012 * 1024)
  })

  it('[FMT56] plain output: day from the first line, headers repeat, midnight passes', () => {
    const text = `Linux 6.1.0 (host) \t11/23/2026 \t_x86_64_\t(2 CPU)

11:59:59 PM   UID       PID  minflt/s  majflt/s     VSZ     RSS   %MEM  Command
12:00:00 AM     0         7      0.00      0.00    9000    4000   0.10  ruby
11:59:59 PM   UID       PID  minflt/s  majflt/s     VSZ     RSS   %MEM  Command
12:00:01 AM     0         7      0.00      0.00    9000    4004   0.10  ruby
Average:        0         7      0.00      0.00    9000    4002   0.10  ruby
`
    const late = text.replace('12:00:00 AM', '11:59:59 PM')
    const { samples } = read(late).series[0]!
    expect([...samples.t].map(iso)).toEqual(['2026-11-23T23:59:59.000Z', '2026-11-24T00:00:01.000Z'])
    expect([...samples.v]).toEqual([4000 * 1024, 4004 * 1024])
  })
})

describe('ps', () => {
  it('[FMT57] takes times from a date line before each block', () => {
    const text = `Mon Nov 23 10:00:00 UTC 2026
  PID   RSS    VSZ COMMAND
   12  5000  90000 ruby app.rb
Mon Nov 23 10:00:10 UTC 2026
  PID   RSS    VSZ COMMAND
   12  5004  90000 ruby app.rb
`
    const { series, format } = read(text)
    expect(format).toBe('ps')
    expect([...series[0]!.samples.t].map(iso)).toEqual([
      '2026-11-23T10:00:00.000Z',
      '2026-11-23T10:00:10.000Z',
    ])
    expect([...series[0]!.samples.v]).toEqual([5000 * 1024, 5004 * 1024])
    expect([...series[0]!.samples.pids!]).toEqual([12, 12])
  })

  it('[FMT58] takes times from the front of each row', () => {
    const { series } = read('  PID   RSS    VSZ\n1795426942 12 5000 90000\n1795426943 12 5004 90000\n')
    expect(iso(series[0]!.samples.t[1])).toBe('2026-11-23T09:42:23.000Z')
  })

  it('[FMT59] without times asks for the interval', () => {
    const text = '  PID   RSS\n   12  5000\n  PID   RSS\n   12  5004\n'
    expect(read(text).questions.map((question) => question.id)).toEqual(['interval'])
    const { samples } = read(text, { interval: '10' }).series[0]!
    expect([...samples.t]).toEqual([NOW - 10_000, NOW])
  })
})

describe('Prometheus', () => {
  it('[FMT60] exposition: five jobs, RSS and virtual size, milliseconds', () => {
    const { series } = read(fixture('exposition.prom'))
    expect(series).toHaveLength(10)
    expect(series.filter((one) => one.name === 'rss').map((one) => one.process)).toEqual([
      'healthy',
      'sawtooth',
      'slownoise',
      'step',
      'fastleak',
    ])
    expect(iso(series[0]?.samples.t[0])).toBe('2026-11-23T09:42:22.554Z')
  })

  it('[FMT61] OpenMetrics writes seconds; a label may hold a brace and a quote', () => {
    const line = (t: string) => `process_resident_memory_bytes{job="a}\\"b"} 5e7 ${t}`
    const { series } = read(`# TYPE x gauge\n${line('1795426942.5')}\n${line('1795426943.5')}\n# EOF\n`)
    expect(iso(series[0]?.samples.t[0])).toBe('2026-11-23T09:42:22.500Z')
    expect(series[0]?.process).toBe('a}"b')
  })

  it('[FMT62] one scrape without times is refused with the reason', () => {
    expect(() => read('# TYPE rss gauge\nrss{job="a"} 5\n')).toThrow(/carry no times/)
  })

  const answer = (result: unknown) =>
    JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } })
  it('[FMT63] query_range: values are strings, NaN is no sample, pids one after the other are restarts', () => {
    const one = (pid: string, values: unknown) => ({
      metric: { __name__: 'process_resident_memory_bytes', job: 'app', pid },
      values,
    })
    const { series } = read(
      answer([
        one('7', [
          [1795426942, '5e7'],
          [1795426943, 'NaN'],
        ]),
        one('9', [
          [1795426950, '4e7'],
          [1795426951.5, '4.1e7'],
        ]),
      ]),
    )
    expect(series).toHaveLength(1)
    expect([...series[0]!.samples.v]).toEqual([5e7, 4e7, 4.1e7])
    expect([...series[0]!.samples.pids!]).toEqual([7, 9, 9])
  })

  it('[FMT64] a vector, an error and half an answer are told apart', () => {
    expect(() => read('{"status":"success","data":{"resultType":"vector","result":[]}}')).toThrow(
      /query_range/,
    )
    expect(() => read('{"status":"error","error":"bad query"}')).toThrow(/bad query/)
    expect(() => read(answer([]).slice(0, -3))).toThrow(/stops short/)
  })
})
