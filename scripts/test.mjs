// `npm test`: everything that decides whether a change is good, from fast to slow. Stops at nothing: every stage runs,
// and the last line counts what passed and what failed over all of them.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { requireChromium } from './chromium.mjs'

const RESULTS = 'test-results'
rmSync(RESULTS, { recursive: true, force: true })
mkdirSync(RESULTS, { recursive: true })

let passed = 0
let failed = 0
const started = Date.now()

/** Runs one stage. A stage with a report counts its tests; one without counts as a single test. */
function stage(title, command, args, { report, env = {} } = {}) {
  const from = Date.now()
  console.log(`\n▸ ${title}`)
  const result = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } })
  const counts =
    report && existsSync(report.file) ? report.read(JSON.parse(readFileSync(report.file, 'utf8'))) : undefined
  const isGood = result.status === 0
  passed += counts?.passed ?? (isGood ? 1 : 0)
  failed += counts ? Math.max(counts.failed, isGood ? 0 : 1) : isGood ? 0 : 1
  console.log(`${isGood ? '✓' : '✗'} ${title} (${((Date.now() - from) / 1000).toFixed(1)} s)`)
}

const node = process.execPath
const bin = (name) => `node_modules/.bin/${name}`
const vitest = (project) => {
  const file = `${RESULTS}/${project}.json`
  const report = { file, read: (json) => ({ passed: json.numPassedTests, failed: json.numFailedTests }) }
  stage(
    `${project} tests`,
    bin('vitest'),
    ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile=${file}`],
    { report },
  )
}

stage('lint', bin('biome'), ['check', '.'])
stage('lock file is installable on every platform', node, ['scripts/fix-lock.mjs', '--check'])
stage('build', node, ['scripts/build.mjs'])
stage('types', bin('tsc'), ['--noEmit'])
vitest('unit')
// Not a stage: without them the story is told from its recording, and its tests' titles say so.
spawnSync(bin('tsx'), ['scripts/story-packages.ts'], { stdio: 'inherit' })
vitest('integration')
const chromium = await requireChromium()
const e2e = `${RESULTS}/e2e.json`
stage('browser tests', bin('playwright'), ['test'], {
  env: { CHROMIUM_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_NAME: e2e },
  report: {
    file: e2e,
    read: ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected }),
  },
})

console.log(`\n${((Date.now() - started) / 1000).toFixed(0)} s`)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
