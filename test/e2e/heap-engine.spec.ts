import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { leakTrio, snapshotsOf } from '#test/build/v8-snapshot'
import { type App, startApp } from './build/app.ts'
import { violations } from './build/axe.ts'
import { inspector, openCapture, openGrowth, openView, roomWith, suspects } from './build/captures.ts'
import { chromiumTrio } from './build/chromium-heap.ts'
import { arrive, invite, type Person, welcome } from './build/people.ts'

/*
 * The heap engine in two browsers: object graphs of Ruby, Node and Chromium, from the file chooser to what is known of the
 * program, by clicking. What one person alone does with Ruby's dumps and memprof's: captures.spec.ts; allocation stacks:
 * stacks.spec.ts and native-profiles.spec.ts; SQL alone: query.spec.ts.
 */
test.describe.configure({ mode: 'serial' })

const RUBY = ['trace-1-warm', 'trace-2-after-4000', 'trace-3-after-8000'].map(
  (name) => `prisma/demo/ruby-small/${name}.json.gz`,
)
const LAST = 'trace-3-after-8000.json.gz'

let app: App
let folder: string
let mika: Person
let wes: Person
let ruby: string

test.beforeAll(async ({ browser }) => {
  folder = await mkdtemp(join(tmpdir(), 'leakroom-engine-'))
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  await welcome(mika, app.url)
})
test.afterAll(async () => {
  await app?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('what somebody explains is folded away for the other at once, and stays so', async ({ browser }) => {
  ruby = await roomWith(mika, app.url, 'Two of 379 grow', RUBY)
  wes = await invite(browser, mika, 'Wes')
  const warmUp = ({ page }: Person) => page.getByRole('row', { name: /^Proc .*callbacks\.rb:425/ })
  const otherThere = ({ page }: Person) =>
    page.getByRole('row', { name: /^\(internal: closure environment\) .*callbacks\.rb:425/ })
  for (const person of [mika, wes]) {
    await openGrowth(person.page)
    await expect(suspects(person.page)).toHaveCount(2)
    await person.page.getByRole('searchbox', { name: /^Filter by class/ }).fill('callbacks.rb:425')
    await expect(warmUp(person)).toBeVisible()
    await expect(otherThere(person)).toBeVisible()
  }

  await warmUp(mika).click()
  await mika.page.getByRole('button', { name: 'Mark as expected' }).click()
  const dialog = mika.page.getByRole('dialog', { name: 'Mark as expected' })
  await dialog.getByLabel('Because').fill('Callbacks of models that were touched for the first time.')
  await dialog.getByRole('button', { name: 'Mark', exact: true }).click()
  await expect(dialog).toBeHidden()

  await expect(warmUp(wes)).toHaveCount(0)
  await expect(otherThere(wes)).toBeVisible()
  await wes.page.reload()
  const fold = wes.page.getByRole('button', { name: /^Show \d+ expected/ })
  await expect(fold).toBeVisible({ timeout: 30_000 })
  await fold.click()
  await expect(warmUp(wes)).toContainText('expected')
  await warmUp(wes).click()
  await expect(wes.page.getByText('Callbacks of models that were touched for the first time.')).toBeVisible()
  await expect(suspects(wes.page)).toHaveCount(2)
})

test('down the map of what keeps what, coloured by growth, to the array that grew', async () => {
  const { page } = wes
  await openCapture(page, ruby, LAST)
  await openView(page, 'Dominators')
  await page.getByLabel('Compare with another capture').selectOption({ label: 'Since A, trace-1-warm' })
  const trail = page.getByRole('button', { name: /^module AuditTrail, .*\+\d.* since A/ })
  await expect(trail).toBeVisible({ timeout: 30_000 })
  // Neither moved: a cache that is full, and a memo that is small.
  await expect(page.getByRole('row').filter({ hasText: 'module FragmentLru' })).not.toContainText('MiB')
  await trail.click()
  await page.getByRole('button', { name: /^Array, / }).click()
  const path = page.getByRole('navigation', { name: 'Owner path' })
  await expect(path).toContainText('Array')
  await page.getByRole('button', { name: /^AuditTrail::Entry, / }).click()
  await expect(path).toContainText('AuditTrail::Entry')
  await expect(path).toContainText('10,500 objects')
})

test('when the owner hides values, the button is gone for both, and comes back for both', async () => {
  for (const { page } of [mika, wes]) {
    await openCapture(page, ruby, LAST)
    await openView(page, 'Duplicate strings')
    await page.getByRole('row').filter({ hasText: 'quote_memo.rb:6' }).first().click()
    await expect(page.getByRole('button', { name: 'Show value' })).toBeVisible({ timeout: 30_000 })
  }
  const owner = await mika.context.newPage()
  await owner.goto(ruby)
  await owner.getByRole('button', { name: 'Share', exact: true }).click()
  const hide = owner.getByLabel('Hide values of heap dumps in this room')
  await hide.click()
  for (const { page } of [mika, wes]) {
    await expect(inspector(page).getByText('This room hides values.')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Show value' })).toHaveCount(0)
  }
  await hide.click()
  for (const { page } of [mika, wes])
    await expect(page.getByRole('button', { name: 'Show value' })).toBeVisible()
  await owner.close()
})

test('a query that one saves is the other’s too, and the table goes out as Parquet', async () => {
  const { page } = mika
  await openCapture(wes.page, ruby, LAST)
  await openView(wes.page, 'Query')
  await expect(wes.page.getByText('None yet in this room.')).toBeVisible()
  await openCapture(page, ruby, LAST)
  await openView(page, 'Query')
  await page.getByRole('button', { name: 'Paths that own most' }).click()
  await expect(page.getByRole('grid', { name: 'Answer' })).toContainText('module AuditTrail', {
    timeout: 60_000,
  })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByLabel('What it asks').fill('Who owns most')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()

  await wes.page.getByRole('button', { name: 'Who owns most', exact: true }).click()
  await expect(wes.page.getByRole('grid', { name: 'Answer' })).toContainText('module AuditTrail', {
    timeout: 60_000,
  })
  await wes.page.getByText('objects by type, class and allocation site').click()
  const [parquet] = await Promise.all([
    wes.page.waitForEvent('download'),
    wes.page.getByRole('link', { name: 'groups.parquet' }).click(),
  ])
  const bytes = await readFile(await parquet.path())
  expect([bytes.toString('latin1', 0, 4), bytes.toString('latin1', bytes.length - 4)]).toEqual([
    'PAR1',
    'PAR1',
  ])
})

test('the native leak’s Ruby dumps accuse nobody, and point outside of the heap', async () => {
  const { page } = mika
  await roomWith(
    mika,
    app.url,
    'Nothing in Ruby',
    ['1-end-of-up', '2-end-of-down', '3-end-of-up'].map((name) => `prisma/demo/article/${name}.json.gz`),
  )
  await openGrowth(page)
  await expect(page.getByText(/None grew in every interval/)).toBeVisible()
  await expect(page.getByRole('region', { name: 'Suspects' })).toHaveCount(0)
  await expect(page.getByText(/look outside this heap/)).toBeVisible()
  await expect(page.getByRole('row').filter({ hasText: 'Grows every time' })).toHaveCount(0)
})

test('Node: the cache’s map, the listeners and the timers, each by its property; the full ring is no suspect', async () => {
  const { page } = mika
  const files: string[] = []
  for (const [name, bytes] of leakTrio(1000)) {
    files.push(join(folder, `${name}.heapsnapshot`))
    await writeFile(files.at(-1) ?? '', bytes)
  }
  const room = await roomWith(mika, app.url, 'Sessions of Node', files)
  await openGrowth(page)
  await expect(suspects(page)).toHaveCount(3)
  await expect(suspects(page).nth(0)).toContainText('map (Map)')
  await expect(suspects(page).nth(0)).toContainText('1,000 → 2,000 → 3,000 Session')
  await expect(suspects(page).nth(1)).toContainText('bus (EventEmitter) → _events (Object) → tick (Array)')
  await expect(suspects(page).nth(1)).toContainText('250 → 500 → 750')
  await expect(suspects(page).nth(2)).toContainText('timers (Set)')
  await expect(suspects(page).nth(2)).toContainText('10 → 20 → 30')
  await expect(page.getByRole('region', { name: 'Suspects' })).not.toContainText(/LogLine|Ring|routes/)

  await suspects(page).first().getByRole('link', { name: 'See what it holds' }).click()
  const panel = inspector(page)
  await expect(panel.getByRole('listitem').filter({ hasText: 'context cache' })).toContainText('UserCache', {
    timeout: 30_000,
  })
  await expect(panel.getByRole('listitem').filter({ hasText: '.map' })).toContainText('holds it')
  await expect(panel.getByRole('row').filter({ hasText: 'Session' })).toContainText('2,250')

  // The ring has all its 500 lines, and its own way from the root.
  await openCapture(page, room, '3-last.heapsnapshot')
  await page.getByRole('searchbox', { name: /^Filter by class/ }).fill('LogLine')
  await page.getByRole('row').filter({ hasText: 'LogLine' }).click()
  const row = page.getByRole('region', { name: 'The selected row' })
  await expect(row).toContainText('500')
  await row
    .getByRole('button', { name: /LogLine/ })
    .first()
    .click()
  await expect(inspector(page)).toContainText('Ring', { timeout: 30_000 })
})

test('Chromium: panels that left the page, the array that keeps them, and nothing of what the page still shows', async ({
  browser,
}) => {
  const { page } = mika
  const leaky = await browser.newPage()
  const files = [1, 2, 3].map((at) => join(folder, `page-${at}.heapsnapshot`))
  await chromiumTrio(leaky, 400, (at) => files[at - 1] ?? '')
  await leaky.close()
  await roomWith(mika, app.url, 'Panels that were closed', files)
  await openGrowth(page)
  await expect(suspects(page).first()).toContainText('closedPanels (Array)')
  await expect(suspects(page).first()).toContainText('400 → 800 → 1,200 Panel')
  await expect(page.getByRole('region', { name: 'Suspects' })).not.toContainText('shownRows')
  await suspects(page).first().getByRole('link', { name: 'See what it holds' }).click()
  const panel = inspector(page)
  await expect(panel).toContainText('closedPanels', { timeout: 30_000 })
  await expect(panel.getByRole('row').filter({ hasText: 'Detached <section>' })).toContainText('1,200')
})

test('a recording with allocation stacks says where tickets were made', async () => {
  const { page } = mika
  const recording = join(folder, 'recording.heaptimeline')
  for (const bytes of snapshotsOf('test/fixtures/v8/timeline.cjs').values()) await writeFile(recording, bytes)
  const room = await roomWith(mika, app.url, 'Tickets', [recording])
  await openCapture(page, room, recording)
  await openView(page, 'Allocation sites')
  await page.getByRole('searchbox', { name: /^Filter by class/ }).fill('Ticket')
  await expect(page.getByRole('row').filter({ hasText: 'timeline.cjs' }).first()).toContainText('Ticket')
  await expect(page.getByRole('row').filter({ hasText: 'openTicket' }).first()).toContainText('1,200')
})

test('a dump with everything odd is read whole, and its names are shown as text', async () => {
  const { page } = mika
  const weird = 'test/fixtures/dumps/ruby-objspace/3.1.7/weird.json.gz'
  const room = await roomWith(mika, app.url, 'Everything odd', [weird])
  await openCapture(page, room, weird)
  await expect(page.getByText('279,722').first()).toBeVisible()
  for (const view of [
    'Allocation sites',
    'Dominators',
    'Generations',
    'Duplicate strings',
    'Types',
    'All groups',
  ]) {
    await openView(page, view)
    await expect(page.getByRole('grid').getByRole('row').nth(1)).toBeVisible({ timeout: 30_000 })
  }
  await openView(page, 'Allocation sites')
  await page.getByRole('searchbox', { name: /^Filter by class/ }).fill('name é.rb')
  await expect(page.getByRole('row').filter({ hasText: 'weird "file" \\ name é.rb' })).toBeVisible()
})

test('growth and queries have no serious barrier, in light and dark and on a phone', async () => {
  const { page } = mika
  const judge = async (where: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect.soft(await violations(page), `${colorScheme} ${where}`).toEqual([])
    }
  }
  const isNarrow = async (where: string) =>
    expect
      .soft(await page.evaluate(() => document.documentElement.scrollWidth), where)
      .toBeLessThanOrEqual(390)
  await page.goto(`${ruby}?tab=growth`)
  await suspects(page)
    .first()
    .getByRole('button', { name: /^module AuditTrail/ })
    .click()
  await expect(page.getByRole('region', { name: 'The selected group' })).toBeVisible()
  await judge('growth')
  await page.setViewportSize({ width: 390, height: 844 })
  await expect(suspects(page).first()).toBeVisible()
  await judge('growth on a phone')
  await isNarrow('growth')
  await page.setViewportSize({ width: 1440, height: 900 })
  await openCapture(page, ruby, LAST)
  await openView(page, 'Query')
  await page.getByRole('button', { name: 'Who owns most', exact: true }).click()
  await expect(page.getByRole('grid', { name: 'Answer' })).toContainText('module AuditTrail', {
    timeout: 60_000,
  })
  await judge('query')
  await page.setViewportSize({ width: 390, height: 844 })
  await isNarrow('query')
})

test('no page broke on the way', () => {
  expect([...mika.errors, ...wes.errors]).toEqual([])
})
