import { expect, test } from '@playwright/test'
import { z } from 'zod'
import { type App, startApp } from './build/app.ts'
import {
  addHunch,
  arrive,
  clearNotes,
  expectWords,
  goToEnd,
  hypothesis,
  invite,
  openNotes,
  openRoom,
  type Person,
  saved,
  saveState,
  welcome,
} from './build/people.ts'

/* What load balancers and deployments see, and what people see of a deployment. */
test.describe.configure({ mode: 'serial' })

let app: App
let mika: Person
let wes: Person

test.beforeAll(async ({ browser }) => {
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  wes = await arrive(browser, 'Wes')
})
test.afterAll(async () => {
  await app?.stop()
})

const Health = z.object({
  ok: z.boolean(),
  parts: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string() })),
})

test('the health page tells of database, readers and disk, to anybody and without a cache', async ({
  request,
}) => {
  const answer = await request.get(`${app.url}/api/health`)
  expect(answer.status()).toBe(200)
  expect(answer.headers()['cache-control']).toBe('no-store')
  const health = Health.parse(await answer.json())
  expect(health.ok).toBe(true)
  expect(Object.keys(health.parts)).toEqual(expect.arrayContaining(['database', 'disk']))
  expect(Object.keys(health.parts).join()).toMatch(/worker|pool|reader/)
})

test('no page of ours asks another host for anything', async ({ browser }) => {
  const elsewhere: string[] = []
  mika.page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== app.url) elsewhere.push(request.url())
  })
  await welcome(mika, app.url)
  await openRoom(mika, app.url, 'Restarted while we worked')
  await openNotes(mika.page)
  await wes.context.close()
  wes = await invite(browser, mika, 'Wes')
  expect(elsewhere).toEqual([])
})

test('a deployment in the middle of a sentence loses no word and needs no reload', async () => {
  const hers = await clearNotes(mika.page)
  await mika.page.keyboard.type('Before the deployment. ')
  await saved(mika.page)
  await mika.page.keyboard.insertText('In its last moment. ')
  await app.terminate()
  for (const { page } of [mika, wes]) {
    await expect(saveState(page)).toHaveText(/The server restarts|Offline/)
  }
  await goToEnd(hers)
  await mika.page.keyboard.insertText('While it was away.')
  await addHunch(wes.page, 'Added while it was away')
  await app.restart()

  await saved(mika.page)
  await saved(wes.page)
  const words = 'Before the deployment. In its last moment. While it was away.'
  await expectWords(hers, words)
  await expectWords(await openNotes(wes.page), words)
  await expect(hypothesis(mika.page, 'Added while it was away')).toHaveCount(1)
  await expect(mika.page.getByRole('button', { name: /Here now:.*Wes/ })).toBeVisible()
})

test('a session outlives the restart, also for a guest', async () => {
  await wes.page.reload()
  await expect(hypothesis(wes.page, 'Added while it was away')).toBeVisible()
  await saved(wes.page)
  expect([...mika.errors, ...wes.errors]).toEqual([])
})
