/**
 * SQL over a large capture: making the tables, then statements, each through the whole way (a process per statement):
 * `npx tsx bench/query.ts DUMP [REPETITIONS]`. DUMP: any heap dump, for example one of bench/programs/huge.rb.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readFile } from '#lib/jobs/read-file'
import { type Queryable, QueryDesk } from '#lib/query/query-desk'
import { buildQueryProcess } from '#scripts/build-worker'

const STATEMENTS: readonly (readonly [what: string, sql: string])[] = [
  ['nothing: the process alone', 'SELECT 1'],
  ['count', 'SELECT count(*) FROM objects'],
  [
    'group all by class',
    'SELECT class, count(*), sum(shallow_bytes), max(retained_bytes) FROM objects GROUP BY class ORDER BY 3 DESC LIMIT 50',
  ],
  [
    'group all by site and generation',
    'SELECT file, line, generation, count(*), sum(shallow_bytes) FROM objects GROUP BY ALL ORDER BY 5 DESC LIMIT 50',
  ],
  [
    'join all with their dominators',
    'SELECT h.class, count(*), sum(o.retained_bytes) FROM objects o JOIN objects h ON h.object = o.dominator GROUP BY 1 ORDER BY 3 DESC LIMIT 50',
  ],
  [
    'join all references with objects',
    'SELECT o.class, count(*) FROM refs r JOIN objects o ON o.object = r.to_object GROUP BY 1 ORDER BY 2 DESC LIMIT 50',
  ],
]

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const [path, repetitions = '5'] = process.argv.slice(2)
if (!path) throw new Error('npx tsx bench/query.ts DUMP [REPETITIONS]')
const folder = mkdtempSync(join(tmpdir(), 'leakroom-bench-query-'))
try {
  await measure(path, Number(repetitions))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function measure(dump: string, rounds: number): Promise<void> {
  const size = statSync(dump).size
  const task = {
    kind: 'read',
    path: dump,
    fileName: dump,
    storedBytes: size,
    maxPlainBytes: 2 ** 40,
    workFolder: folder,
  } as const
  const read = await readFile(task, () => {})
  if (read.kind !== 'heap') throw new Error('this is no heap dump')
  const { columns, owners } = read.tables
  const file = await buildQueryProcess(resolve('dist/query-bench.mjs'))
  const capture: Queryable = {
    kind: 'heap',
    sha256: columns.sha256,
    withSource: (work) => work({ kind: 'heap', columns: columns.path, owners: owners.path }),
  }
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}; ${(size / 1e6).toFixed(0)} MB, ${read.totals.objects} objects, ${read.totals.references} references\n`,
  )
  console.log('| what | median | range (ms) | in DuckDB |\n|---|---|---|---|')
  const exports: number[] = []
  for (let round = 0; round < Math.min(3, rounds); round++) {
    const desk = new QueryDesk({ folder: join(folder, `tables-${round}`), childFile: async () => file })
    exports.push((await desk.answer(capture, 'SELECT 1', { key: 'bench' })).exportMs)
  }
  row('making the tables (without refs)', exports, '')
  const desk = new QueryDesk({ folder: join(folder, 'tables-0'), childFile: async () => file })
  row(
    'making refs',
    [(await desk.answer(capture, 'SELECT 1 FROM refs LIMIT 1', { key: 'bench' })).exportMs],
    '',
  )
  for (const [what, sql] of STATEMENTS) {
    const whole: number[] = []
    const inside: number[] = []
    for (let round = 0; round < rounds; round++) {
      const started = performance.now()
      inside.push((await desk.answer(capture, sql, { key: 'bench' })).queryMs)
      whole.push(performance.now() - started)
    }
    row(what, whole, `${median(inside).toFixed(0)} ms`)
  }
  const tables = join(folder, 'tables-0', `${columns.sha256}-v1`)
  for (const name of readdirSync(tables))
    console.log(`${name}: ${(statSync(join(tables, name)).size / 1e6).toFixed(1)} MB`)
  rmSync(file, { force: true })
}

function row(what: string, ms: readonly number[], inside: string): void {
  const range = `${Math.min(...ms).toFixed(0)}–${Math.max(...ms).toFixed(0)}`
  console.log(`| ${what} | ${median(ms).toFixed(0)} ms | ${range} | ${inside} |`)
}
