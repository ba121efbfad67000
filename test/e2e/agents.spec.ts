import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { startPrometheus, type TestPrometheus } from '#test/build/prometheus'
import { type App, startApp } from './build/app.ts'
import { arrive, openRoom, type Person, welcome } from './build/people.ts'

/*
 * Memory from elsewhere. The line that the room gives, pasted into a shell: the process shows up, and brings a snapshot when
 * it is asked. And a Prometheus, which the server asks.
 */
let app: App
let mika: Person
let folder: string
let prometheus: TestPrometheus
const pasted: ChildProcess[] = []

test.beforeAll(async ({ browser }) => {
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  await welcome(mika, app.url)
  prometheus = await startPrometheus()
  folder = await mkdtemp(join(tmpdir(), 'leakroom-pasted-'))
  await writeFile(
    join(folder, 'app.js'),
    'globalThis.kept = new Array(1000).fill({})\nsetInterval(() => {}, 1000)\n',
  )
})
test.afterAll(async () => {
  for (const { pid } of pasted) if (pid) process.kill(-pid, 'SIGTERM')
  await app?.stop()
  await prometheus?.close()
  await rm(folder, { recursive: true, force: true })
})

const paste = (line: string) =>
  pasted.push(spawn('sh', ['-c', line], { cwd: folder, detached: true, stdio: 'ignore' }))

test('a pasted line brings a process into the room within seconds, and a snapshot of it when somebody asks', async () => {
  await openRoom(mika, app.url, 'Workers grow')
  const { page } = mika
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByRole('tab', { name: 'Machines' }).click()
  await expect(page.getByText('No agent has been heard of')).toBeVisible()
  await page.getByRole('button', { name: 'Make a token' }).click()
  const line = page.getByRole('dialog').locator('pre')

  await page.getByRole('button', { name: 'Node', exact: true }).click()
  paste((await line.textContent()) ?? '')
  const agents = page.getByRole('region', { name: 'Agents of this room' })
  const inside = agents.getByRole('listitem').filter({ hasText: 'app.js' })
  await expect(inside).toContainText('alive')

  await page.getByRole('button', { name: 'Any process (Linux)' }).click()
  paste(((await line.textContent()) ?? '').replace('--pid PID', `--pid ${process.pid} --process outside`))
  await expect(agents.getByRole('listitem').filter({ hasText: 'outside' })).toContainText('alive')

  await inside.getByRole('button', { name: 'Ask for a snapshot' }).click()
  await expect(inside).toContainText('the last snapshot is here', { timeout: 60_000 })
  await page.keyboard.press('Escape')
  await expect(page.getByText(/app\.js \d\d:\d\d:\d\d UTC/).first()).toBeVisible()
  expect(mika.errors).toEqual([])
})

test('a Prometheus is asked for the room: what it answers is shown first, then fetched, and what is wrong with it is said', async () => {
  const labels = { __name__: 'ruby_memory', job: 'shop', instance: 'a:1' }
  // In KiB, which its name does not say.
  prometheus.answers.set('ruby_memory', [{ labels, value: (ms) => 400_000 + ((ms / 1000) % 86_400) }])
  await openRoom(mika, app.url, 'Asked of Prometheus')
  const { page } = mika
  const dialog = page.getByRole('dialog', { name: 'From Prometheus' })
  await page.getByRole('button', { name: 'From Prometheus' }).click()
  await dialog.getByLabel('Address of Prometheus').fill('http://169.254.169.254')
  await dialog.getByLabel('Query (PromQL)').fill('ruby_memory')
  const ask = dialog.getByRole('button', { name: 'Show what it answers' })
  await ask.click()
  await expect(dialog.getByRole('alert')).toContainText('cloud metadata address')

  await dialog.getByLabel('Address of Prometheus').fill(prometheus.url)
  await ask.click()
  const row = dialog.getByRole('row').filter({ hasText: 'ruby_memory' })
  await row.getByLabel(/^What ruby_memory/).selectOption('RSS')
  await row.getByLabel(/^Unit of RSS/).selectOption('KiB')
  await expect(row).toContainText(/→ \d{3}\.\d MiB/)
  await dialog.getByRole('button', { name: 'Fetch 1 series' }).click()
  const source = dialog.getByRole('list', { name: 'Sources of this room' }).getByRole('listitem')
  await expect(source).toContainText('fetched up to')

  prometheus.authorization = 'Bearer of something else'
  await source.getByRole('button', { name: 'Pause' }).click()
  await source.getByRole('button', { name: 'Resume' }).click()
  await expect(source.getByText('does not let us in (401)')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'A source fails' })).toBeVisible()
  await expect(page.getByText('RSS shop · a:1').first()).toBeVisible()
  expect(mika.errors).toEqual([])
})
