import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { type App, startApp } from './build/app.ts'
import { arrive, openRoom, type Person, welcome } from './build/people.ts'

/* The line that the room gives, pasted into a shell: the process shows up, and brings a snapshot when it is asked. */
let app: App
let mika: Person
let folder: string
const pasted: ChildProcess[] = []

test.beforeAll(async ({ browser }) => {
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  folder = await mkdtemp(join(tmpdir(), 'leakroom-pasted-'))
  await writeFile(
    join(folder, 'app.js'),
    'globalThis.kept = new Array(1000).fill({})\nsetInterval(() => {}, 1000)\n',
  )
})
test.afterAll(async () => {
  for (const { pid } of pasted) if (pid) process.kill(-pid, 'SIGTERM')
  await app?.stop()
  await rm(folder, { recursive: true, force: true })
})

const paste = (line: string) =>
  pasted.push(spawn('sh', ['-c', line], { cwd: folder, detached: true, stdio: 'ignore' }))

test('a pasted line brings a process into the room within seconds, and a snapshot of it when somebody asks', async () => {
  await welcome(mika, app.url)
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
