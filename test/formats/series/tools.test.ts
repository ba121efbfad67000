import { describe, expect, it } from 'vitest'
import { previewOf } from '#lib/formats/series/preview'
import { importSeries, SERIES_FORMATS, seriesFormatOf } from '#lib/formats/series-index'
import { SERIES_TEXTS } from '#test/build/series-texts'

const NOW = Date.UTC(2026, 10, 23, 12)
const KIB = 1024
const MIB = 1024 ** 2
const read = (text: string, answers: Record<string, string> = {}, zoneMinutes = 0) =>
  importSeries(text, 'memory.txt', { nowMs: NOW, zoneMinutes, answers })
const formatOf = (text: string) => seriesFormatOf(text, 'memory.txt')?.id
const iso = (t: number | undefined) => new Date(t ?? Number.NaN).toISOString()
const named = (imported: ReturnType<typeof read>, name: string, process = '') =>
  imported.series.find((one) => one.name === name && one.process === process)
const asked = (imported: ReturnType<typeof read>) => imported.questions.map((question) => question.id)

describe('every tool’s file', () => {
  it.each(Object.entries(SERIES_TEXTS))(
    '[FMT41] %s is taken by one format only, the generic table aside',
    (name, text) => {
      const own = SERIES_FORMATS.filter(
        (format) => format.id !== 'series-csv' && format.recognises(text, name),
      )
      expect(own).toHaveLength(1)
      expect(importSeries(text, name, { nowMs: NOW, zoneMinutes: 0, answers: {} }).format).toBe(own[0]?.id)
    },
  )
})

const topBlock = (
  clock: string,
  rows: string[],
) => `top - ${clock} up 3 days,  2:11,  1 user,  load average: 0.50, 0.44
Tasks: 212 total,   1 running
%Cpu(s):  3.1 us,  1.0 sy
MiB Mem :  15944.1 total,    803.4 free,   6712.7 used,   8427.9 buff/cache
MiB Swap:   2048.0 total,   2048.0 free,      0.0 used.   8894.9 avail Mem

    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND
${rows.join('\n')}
`
const topRow = (pid: number, virt: string, res: string, command: string) =>
  `   ${pid} app       20   0 ${virt} ${res}   9216 S   1.0   0.6   1:02.03 ${command}`

describe('top -b', () => {
  const text = [
    topBlock('23:59:58', [topRow(41, '123456', '7890', 'ruby'), topRow(42, '1.5g', '1.2g', 'node')]),
    topBlock('00:00:03', [topRow(41, '123456', '7894', 'ruby'), topRow(42, '1.5g', '1.3g', 'node')]),
  ].join('\n')

  it('[FMT65] reads KiB and sizes with a suffix, per process, whatever the summary’s scale', () => {
    expect(formatOf(text)).toBe('top')
    const imported = read(text)
    expect([...(named(imported, 'rss', 'ruby')?.samples.v ?? [])]).toEqual([7890 * KIB, 7894 * KIB])
    expect(named(imported, 'rss', 'node')?.samples.v[0]).toBeCloseTo(1.2 * KIB ** 3, -1)
    expect(named(imported, 'vsz', 'node')?.unit).toBe('bytes')
    const shown = previewOf(imported, 'top').series.find((one) => one.label === 'RSS node')
    expect(shown?.examples).toContainEqual({ written: '1.2g', means: '1.2 GiB' })
  })

  it('[FMT66] rolls over midnight, takes the latest day that is not ahead, and asks for the day', () => {
    const imported = read(text)
    expect(asked(imported)).toEqual(['day'])
    const t = named(imported, 'rss', 'ruby')?.samples.t
    expect([iso(t?.[0]), iso(t?.[1])]).toEqual(['2026-11-22T23:59:58.000Z', '2026-11-23T00:00:03.000Z'])
    const earlier = read(text, { day: '3' })
    expect(earlier.questions).toEqual([])
    expect(iso(named(earlier, 'rss', 'ruby')?.samples.t[1])).toBe('2026-11-20T00:00:03.000Z')
    // Later than now: that was yesterday.
    const evening = read(topBlock('18:00:00', [topRow(41, '1', '7890', 'ruby')]))
    expect(iso(evening.series[0]?.samples.t[0])).toBe('2026-11-22T18:00:00.000Z')
    const east = read(topBlock('13:30:00', [topRow(41, '1', '7890', 'ruby')]), {}, 120)
    expect(iso(east.series[0]?.samples.t[0])).toBe('2026-11-23T11:30:00.000Z')
    expect(asked(east)).toEqual(['day', 'zone'])
  })

  it('[FMT67] a date before each block answers the question', () => {
    const dated = `Mon Nov 16 10:00:00 UTC 2026\n${topBlock('10:00:00', [topRow(41, '1', '7890', 'ruby')])}`
    const imported = read(dated)
    expect(imported.questions).toEqual([])
    expect(iso(imported.series[0]?.samples.t[0])).toBe('2026-11-16T10:00:00.000Z')
  })

  it('[FMT68] of a whole machine only the largest processes are ticked', () => {
    const rows = Array.from({ length: 40 }, (_, i) => topRow(100 + i, '99999', String(1000 + i), `p${i}`))
    const ticked = read(topBlock('10:00:00', rows)).series.filter((one) => one.suggested)
    expect(new Set(ticked.map((one) => one.process)).size).toBe(8)
    expect(ticked.some((one) => one.process === 'p39')).toBe(true)
  })
})

describe('docker stats', () => {
  const table = (
    a: string,
    b: string,
  ) => `CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT     MEM %     NET I/O       BLOCK I/O   PIDS
9db7aa4d986d   web       0.07%     ${a} / 1.944GiB   0.35%     1.2kB / 0B    0B / 0B     5
3f9d8c2b1a00   worker 2  9.10%     ${b} / 1.944GiB   1.35%     1.2kB / 0B    0B / 0B     9
`
  it('[FMT69] reads use and limit per container, and asks for the interval', () => {
    const text = `\u001b[2J\u001b[H${table('7.5MiB', '512KiB')}\u001b[2J\u001b[H${table('8MiB', '1.5GiB')}`
    expect(formatOf(text)).toBe('docker-stats')
    const imported = read(text, { interval: '5' })
    expect(asked(read(text))).toEqual(['interval'])
    const web = named(imported, 'memory', 'web')
    expect([...(web?.samples.v ?? [])]).toEqual([7.5 * MIB, 8 * MIB])
    expect(iso(web?.samples.t[0])).toBe('2026-11-23T11:59:55.000Z')
    expect(named(imported, 'memory', 'worker 2')?.samples.v[1]).toBe(1.5 * KIB ** 3)
    expect(imported.series.filter((one) => one.suggested).map((one) => one.column)).toEqual([
      'mem usage',
      'mem usage',
    ])
    expect(previewOf(imported, 'x').series[0]?.examples[0]).toEqual({ written: '7.5MiB', means: '7.5 MiB' })
  })

  it('[FMT70] JSON lines, times in front, and podman’s decimal units', () => {
    const json = '{"BlockIO":"0B / 0B","MemUsage":"7.5MiB / 1GiB","Name":"web","PIDs":"5"}'
    const lines = `2026-11-23T10:00:00Z ${json}\n2026-11-23T10:00:05Z ${json}\n`
    const imported = read(lines)
    expect([formatOf(lines), asked(imported)]).toEqual(['docker-stats', []])
    expect(iso(named(imported, 'memory', 'web')?.samples.t[1])).toBe('2026-11-23T10:00:05.000Z')
    expect(read(table('7.5MB', '8MB')).series[0]?.samples.v[0]).toBe(7_500_000)
  })
})

describe('sar', () => {
  it('[FMT71] -r: KiB of the machine, days from the first line, restarts and averages passed over', () => {
    const text = `Linux 6.1.0-18-amd64 (web-01) \t11/22/26 \t_x86_64_\t(2 CPU)

11:50:01 PM kbmemfree   kbavail kbmemused  %memused kbbuffers  kbcached  kbcommit   %commit
11:55:01 PM    803400   8894900   6712700     41.00    120000   4000000   9000000     50.00
12:05:01 AM    803400   8894800   6712800     41.00    120000   4000000   9000000     50.00

12:06:00 AM  LINUX RESTART\t(2 CPU)
Average:       803400   8894850   6712750     41.00    120000   4000000   9000000     50.00
`
    expect(formatOf(text)).toBe('sar')
    const imported = read(text)
    const used = named(imported, 'host-used', 'web-01')
    expect([...(used?.samples.v ?? [])]).toEqual([6_712_700 * KIB, 6_712_800 * KIB])
    expect([...(used?.samples.t ?? [])].map(iso)).toEqual([
      '2026-11-22T23:55:01.000Z',
      '2026-11-23T00:05:01.000Z',
    ])
    expect(imported.badLines).toBe(0)
    expect(imported.series.find((one) => one.column === '%memused')?.unit).toBe('ratio')
  })

  it('[FMT72] sadf -j: the flag tells whether times are UTC', () => {
    const sample = (time: string, utc: number, used: number) => ({
      timestamp: { date: '2026-11-23', time, utc, interval: 600 },
      memory: { memfree: 1000, memused: used, 'memused-percent': 41.5 },
    })
    const json = (utc: number) =>
      JSON.stringify({
        sysstat: {
          hosts: [
            {
              nodename: 'web-01',
              statistics: [sample('10:00:00', utc, 2000), sample('10:10:00', utc, 2004)],
            },
          ],
        },
      })
    expect(formatOf(json(1))).toBe('sadf')
    const used = named(read(json(1), {}, 120), 'host-used', 'web-01')
    expect([...(used?.samples.v ?? [])]).toEqual([2000 * KIB, 2004 * KIB])
    expect(iso(used?.samples.t[0])).toBe('2026-11-23T10:00:00.000Z')
    const naive = read(json(0), {}, 120)
    expect(asked(naive)).toEqual(['zone'])
    expect(iso(naive.series[0]?.samples.t[0])).toBe('2026-11-23T08:00:00.000Z')
    expect(() => read(json(1).slice(0, 200))).toThrow(/stops/)
  })
})

describe('/proc', () => {
  const status = (pid: number, rss: number) =>
    `Name:\truby\nPid:\t${pid}\nVmPeak:\t  90000 kB\nVmSize:\t  80000 kB\nVmRSS:\t   ${rss} kB\nRssAnon:\t   ${rss - 100} kB\nVmSwap:\t       0 kB\n`

  it('[FMT73] status: kB are KiB, peaks are left out, a new pid is a restart', () => {
    const text = `2026-11-23T10:00:00Z\n${status(7, 5000)}2026-11-23T10:00:05Z\n${status(8, 4000)}`
    expect(formatOf(text)).toBe('proc-status')
    const imported = read(text)
    expect(imported.questions).toEqual([])
    const rss = named(imported, 'rss', 'ruby')
    expect([...(rss?.samples.v ?? [])]).toEqual([5000 * KIB, 4000 * KIB])
    expect([...(rss?.samples.pids ?? [])]).toEqual([7, 8])
    expect(named(imported, 'rss-anon', 'ruby')?.samples.v[0]).toBe(4900 * KIB)
    expect(imported.series.some((one) => one.column === 'VmPeak')).toBe(false)
  })

  it('[FMT74] one field a line, without times, asks for the interval', () => {
    const imported = read('VmRSS:\t  5000 kB\nVmRSS:\t  5004 kB\nVmRSS:\t  5008 kB\n')
    expect(asked(imported)).toEqual(['interval'])
    expect(imported.series[0]?.samples.t.length).toBe(3)
    expect(imported.series[0]?.samples.t[2]).toBe(NOW)
  })

  it('[FMT75] statm: pages, whose size is asked for', () => {
    const text = '1795426942 20000 5000 900 1 0 4000 0\n1795426943 20000 5001 900 1 0 4000 0\n'
    expect(formatOf(text)).toBe('proc-statm')
    const imported = read(text)
    expect(asked(imported)).toEqual(['page-size'])
    expect([...(named(imported, 'rss')?.samples.v ?? [])]).toEqual([5000 * 4096, 5001 * 4096])
    const large = read(text, { 'page-size': '65536' })
    expect(asked(large)).toEqual([])
    expect(named(large, 'rss')?.samples.v[0]).toBe(5000 * 65_536)
  })
})

describe('a column of numbers', () => {
  it('[FMT76] derailed: MiB, five seconds apart unless answered, the pid where it is told', () => {
    const text = 'Booting: production\nEndpoint: "/"\nPID: 78675\n103.55078125\n178.45703125\n179.140625\n'
    expect(formatOf(text)).toBe('derailed')
    const imported = read(text)
    expect(asked(imported)).toEqual(['interval'])
    const rss = named(imported, 'rss')
    expect(rss?.samples.v[0]).toBe(103.55078125 * MIB)
    expect(rss?.samples.t[0]).toBe(NOW - 10_000)
    expect(rss?.samples.pids?.[0]).toBe(78_675)
  })

  it('[FMT77] whole numbers may be anything plausible: the unit is asked for', () => {
    expect(asked(read('50123\n50200\n50301\n50400\n'))).toContain('unit:rss')
  })
})

describe('Grafana', () => {
  it('[FMT78] wide panels: legends name processes, GiB are binary and GB decimal', () => {
    const text =
      'sep=,\n"Time","web-01","web-02"\n"2026-11-23 10:00:00","1.5 GiB","1.5 GB"\n"2026-11-23 10:00:30","1.6 GiB",\n'
    expect(formatOf(text)).toBe('grafana-csv')
    const imported = read(text, {}, 60)
    expect(asked(imported)).toEqual(['zone'])
    expect(named(imported, 'memory', 'web-01')?.samples.v[0]).toBe(1.5 * KIB ** 3)
    expect([...(named(imported, 'memory', 'web-02')?.samples.v ?? [])]).toEqual([1.5e9])
    expect(iso(imported.series[0]?.samples.t[0])).toBe('2026-11-23T09:00:00.000Z')
    expect(previewOf(imported, 'x').series[0]?.examples[0]).toEqual({ written: '1.5 GiB', means: '1.5 GiB' })
    expect(read(text, { ...imported.recipe.answers }, 60).questions).toEqual([])
    expect(formatOf('"Time","pid","rss_kb"\n1795426942,7,50000\n1795426943,7,50004\n')).toBe('series-csv')
  })

  it('[FMT79] selectors and the long form', () => {
    const legend = '"process_resident_memory_bytes{instance=""a:1"", job=""shop""}"'
    const wide = read(`"Time",${legend}\n1795426942000,47898624\n1795426957000,47902720\n`)
    expect(named(wide, 'rss', 'shop')?.samples.v[1]).toBe(47_902_720)
    const long = read(
      'Series;Time;Value\nrss;2026-11-23T10:00:00+01:00;48,5 MiB\nrss;2026-11-23T10:00:10+01:00;49 MiB\n',
    )
    expect(named(long, 'rss')?.samples.v[0]).toBe(48.5 * MIB)
    expect(iso(named(long, 'rss')?.samples.t[0])).toBe('2026-11-23T09:00:00.000Z')
  })
})

describe('line protocol', () => {
  it('[FMT80] fields are series, tags name the process, times are nanoseconds', () => {
    const row = (ns: string, rss: number) =>
      `procstat,host=web\\ 01,process_name=ruby,pid=7 memory_rss=${rss}i,cpu_usage=1.5,status="ok, fine" ${ns}`
    const text = `${row('1795426942000000000', 47_898_624)}\n${row('1795426952000000000', 47_902_720)}\n`
    expect(formatOf(text)).toBe('line-protocol')
    const rss = named(read(text), 'rss', 'ruby')
    expect([...(rss?.samples.v ?? [])]).toEqual([47_898_624, 47_902_720])
    expect(iso(rss?.samples.t[0])).toBe('2026-11-23T09:42:22.000Z')
    expect(rss?.samples.pids?.[0]).toBe(7)
  })
})

describe('OTLP JSON', () => {
  it('[FMT81] sums and gauges in bytes, 64-bit numbers as strings, one request a line', () => {
    const request = (second: number, bytes: string) =>
      JSON.stringify({
        resourceMetrics: [
          {
            resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
            scopeMetrics: [
              {
                metrics: [
                  {
                    name: 'process.memory.usage',
                    unit: 'By',
                    sum: {
                      aggregationTemporality: 2,
                      dataPoints: [{ timeUnixNano: `${1_795_426_942 + second}000000000`, asInt: bytes }],
                    },
                  },
                ],
              },
            ],
          },
        ],
      })
    const text = `${request(0, '47898624')}\n${request(10, '47902720')}\n${request(20, '1').slice(0, 60)}`
    expect(formatOf(text)).toBe('otlp-json')
    const imported = read(text)
    const rss = named(imported, 'rss', 'shop')
    expect([...(rss?.samples.v ?? [])]).toEqual([47_898_624, 47_902_720])
    expect(imported.badLines).toBe(1)
  })
})
