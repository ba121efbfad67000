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
/** Of this room, for whoever sends samples. */
let token = ''

test.beforeAll(async ({ browser }) => {
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
})
test.afterAll(async () => {
  await app?.stop()
})

const result = (page: Page) => page.getByRole('region', { name: 'Result' })
const runs = (page: Page) => page.getByRole('region', { name: 'Runs' }).getByRole('listitem')

async function send(body: string): Promise<void> {
  const answer = await fetch(`${app.url}/api/ingest`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body,
  })
  expect(answer.ok, await answer.text()).toBe(true)
}

/** Sends one run as `leakroom watch` does. */
async function makeRun(position: number, condition: 'A' | 'B'): Promise<void> {
  const body = runLines(`1/${position}`, {
    seed: position,
    perSecond: condition === 'A' ? GROWTH : 0,
    startMs: RUN_START + position * HOUR_MS,
    condition,
  })
  await send(body)
}

/** Half an hour of a process that belongs to no run, with the count of what it does. */
const anHourBefore = (process: string, perSecond: number): string =>
  runLines('1/1', { seed: 99, perSecond, seconds: 1800, startMs: RUN_START - HOUR_MS, hasEnd: false })
    .replaceAll('experiment 1/1', process)
    .replaceAll(',"run":"1/1"', '')

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
  token = /--token (\S+)/.exec((await line.textContent()) ?? '')?.[1] ?? ''
  const order = await runs(page).evaluateAll((items) =>
    items.map((item) => (item.textContent?.includes('memcached stopped') ? 'A' : 'B')),
  )
  expect(order.filter((condition) => condition === 'A')).toHaveLength(4)
  for (const [index, condition] of order.entries()) await makeRun(index + 1, condition === 'A' ? 'A' : 'B')

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

test('its words change, production is named, a pair is added, and a range of a graph becomes a run', async () => {
  const { page } = mika
  await send(anHourBefore('shop', GROWTH))
  await page.getByRole('button', { name: 'More about this experiment' }).click()
  await page.getByRole('menuitem', { name: 'Change the words…' }).click()
  const form = page.getByRole('dialog', { name: 'Change the experiment' })
  await form.getByLabel('Title').fill('Memcached is away')
  await form.getByRole('button', { name: 'Save' }).click()
  for (const { page: shown } of [mika, vera])
    await expect(shown.getByRole('article', { name: 'Memcached is away' })).toBeVisible()

  // Both at once: nobody was faster than oneself.
  await page.getByLabel('Production’s memory').selectOption('shop · RSS')
  await page.getByLabel('Count of what one iteration is').selectOption('shop · iterations')
  for (const { page: shown } of [mika, vera])
    await expect(result(shown)).toContainText(/Production\. .*explains/)

  await page.getByRole('button', { name: 'Add a pair' }).dblclick()
  for (const { page: shown } of [mika, vera]) await expect(runs(shown)).toHaveCount(10)
  await expect(page.getByText('was faster')).toHaveCount(0)

  const attach = async (position: number) => {
    await page.getByRole('button', { name: `Change run ${position}` }).click()
    await page.getByRole('menuitem', { name: 'Attach a graph…' }).click()
    return page.getByRole('dialog', { name: `Attach a graph as run ${position}` })
  }
  const dialog = await attach(9)
  await expect(dialog.getByLabel('Memory graph').locator('option:checked')).toHaveText('shop · RSS')
  await expect(dialog.getByLabel('Count of iterations').locator('option:checked')).toHaveText(
    'shop · iterations',
  )
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Attach' }).click()
  for (const { page: shown } of [mika, vera])
    await expect(runs(shown).nth(8)).toContainText(/B per iteration.*29 min 59 s/)
  // The same range once more is pointed out.
  const again = await attach(10)
  await again.getByLabel('Memory graph').selectOption('shop · RSS')
  await expect(again.getByText(/A part of it is run 9/)).toBeVisible()
  await again.getByRole('button', { name: 'Cancel' }).click()
  expect([...mika.errors, ...vera.errors]).toEqual([])
})
