import { expect, type Page, test } from '@playwright/test'
import { RUN_START, runLines } from '#test/build/run-lines'
import { type App, startApp } from './build/app.ts'
import { violations } from './build/axe.ts'
import { addHunch, arrive, hypothesis, invite, openRoom, type Person, welcome } from './build/people.ts'

/* An experiment from its plan to what it says, for two people at once; its runs come in as machines send them. */
test.describe.configure({ mode: 'serial' })

const CLAIM = 'Failed writes to memcached are kept'
const HOUR_MS = 3600_000
/** Bytes per second of a run with memcached stopped. */
const GROWTH = 100_000

let app: App
let mika: Person
let vera: Person

test.beforeAll(async ({ browser }) => {
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
})
test.afterAll(async () => {
  await app?.stop()
})

const result = (page: Page) => page.getByRole('region', { name: 'Result' })
const runs = (page: Page) => page.getByRole('region', { name: 'Runs' }).getByRole('listitem')

/** Sends one run as `leakroom watch` does. */
async function makeRun(token: string, position: number, condition: 'A' | 'B'): Promise<void> {
  const body = runLines(`1/${position}`, {
    seed: position,
    perSecond: condition === 'A' ? GROWTH : 0,
    startMs: RUN_START + position * HOUR_MS,
    condition,
  })
  const answer = await fetch(`${app.url}/api/ingest`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body,
  })
  expect(answer.ok, await answer.text()).toBe(true)
}

test('two people plan an experiment, see its runs and read the same result; a run that does not count keeps its reason', async ({
  browser,
}) => {
  const { page } = mika
  await welcome(mika, app.url)
  await openRoom(mika, app.url, 'Workers grow')
  await addHunch(page, CLAIM)
  vera = await invite(browser, mika, 'Vera', 'viewer')
  // She looks at it on a phone.
  await vera.page.setViewportSize({ width: 390, height: 844 })

  await page.getByRole('tab', { name: 'Experiments' }).click()
  await page.getByRole('button', { name: 'Use this: A dependency is down' }).click()
  const form = page.getByRole('dialog', { name: 'New experiment' })
  await expect(form.getByLabel('Which hypothesis')).toContainText(CLAIM)
  await form.getByLabel('Title').fill('Memcached down')
  await form.getByLabel('Name of condition A').fill('memcached stopped')
  await form.getByLabel('Name of condition B').fill('memcached running')
  await form.getByLabel('Command').fill('ruby load.rb')
  await form.getByLabel('Length, minutes').fill('5')
  await expect(form.getByRole('region', { name: 'Plan' })).toContainText('4 + 4 runs of 5 min will see')
  await form.getByRole('button', { name: 'Plan it' }).click()

  await expect(runs(page)).toHaveCount(8)
  await expect(page.getByRole('article')).toContainText('4 + 4 runs of 5 min will see')
  await vera.page.getByRole('button', { name: 'Experiments' }).click()
  await expect(runs(vera.page)).toHaveCount(8)
  await expect(vera.page.getByRole('button', { name: /Change run/ })).toHaveCount(0)

  await page.getByRole('button', { name: 'Put a fresh token in' }).click()
  const line = page.getByRole('region', { name: 'Next run' }).locator('pre')
  await expect(line).toContainText('--token lr_')
  const [, token = ''] = /--token (\S+)/.exec((await line.textContent()) ?? '') ?? []
  const order = await runs(page).evaluateAll((items) =>
    items.map((item) => (item.textContent?.includes('memcached stopped') ? 'A' : 'B')),
  )
  expect(order.filter((condition) => condition === 'A')).toHaveLength(4)
  for (const [index, condition] of order.entries())
    await makeRun(token, index + 1, condition === 'A' ? 'A' : 'B')

  for (const { page: shown } of [mika, vera]) {
    await expect(result(shown).getByRole('heading', { name: 'Reproduced', exact: true })).toBeVisible({
      timeout: 60_000,
    })
    await expect(result(shown)).toContainText(
      'Reproduced in 4 of 4 runs with “memcached stopped”, 0 of 4 with “memcached running”',
    )
  }
  await expect(page.getByLabel('Readings', { exact: true })).toContainText('4 of 4 runs')
  // The reading became evidence of the claim by itself, and opens what it came from.
  await page.getByRole('tab', { name: 'Timeline' }).click()
  await page.getByRole('button', { name: /^▲?\s*Experiment 1: Memcached down/ }).click()
  await expect(page).toHaveURL(/tab=experiments&experiment=/)
  await expect(hypothesis(page, CLAIM)).toBeVisible()
  expect(await violations(page)).toEqual([])
  expect(await violations(vera.page)).toEqual([])
})

test('an excluded run stays in sight with its reason, and the result counts without it', async () => {
  const { page } = mika
  const second = runs(page).nth(1)
  await second.getByRole('button', { name: 'Change run 2' }).click()
  await page.getByRole('menuitem', { name: 'Exclude…' }).click()
  await page.getByLabel('Why does run 2 not count?').fill('the load test had died')
  await page.keyboard.press('Enter')
  for (const { page: shown } of [mika, vera]) {
    await expect(runs(shown).nth(1)).toContainText('Does not count, says Mika: the load test had died')
    await expect(result(shown)).toContainText(/of 3/)
  }
  expect([...mika.errors, ...vera.errors]).toEqual([])
})
