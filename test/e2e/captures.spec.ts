import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { memprofDump } from '#test/build/memprof-dump'
import { leakTrio } from '#test/build/v8-snapshot'
import { type App, startApp } from './build/app.ts'
import { arrive, attach, invite, openRoom, type Person, saved, welcome } from './build/people.ts'

/* Every format of heap dumps, from the file to the planted cause by clicking. Allocation stacks: stacks.spec.ts. */
test.describe.configure({ mode: 'serial' })

const RUBY = 'prisma/demo/ruby-small'

let app: App
let mika: Person
let folder: string
let room: string
let axe: string

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000)
  axe = await readFile('node_modules/axe-core/axe.min.js', 'utf8')
  folder = await mkdtemp(join(tmpdir(), 'leakroom-captures-'))
  for (const [name, bytes] of leakTrio(1000)) await writeFile(join(folder, `${name}.heapsnapshot`), bytes)
  for (const [name, entries] of [
    ['m1', 300],
    ['m2', 900],
    ['m3', 1500],
  ] as const)
    await writeFile(join(folder, `${name}.json`), memprofDump({ entries, cached: 200 }))

  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  await welcome(mika, app.url)
  await openRoom(mika, app.url, 'From the dump to the cause')
  room = mika.page.url().replace(/\?.*/, '')
})
test.afterAll(async () => {
  await app?.stop()
  await rm(folder, { recursive: true, force: true })
})

const card = (page: Page, name: string) => page.getByRole('listitem', { name: new RegExp(`, ${name}`) })
const inspector = (page: Page) => page.getByRole('region', { name: 'The selected object' })
const suspects = (page: Page) => page.getByRole('region', { name: 'Suspects' }).getByRole('listitem')

/** Attaches files and waits until each is read. */
async function attachAll(names: readonly string[], files: readonly string[]): Promise<void> {
  const { page } = mika
  await page.goto(`${room}?tab=snapshots`)
  await saved(page)
  await attach(mika, ...files)
  for (const name of names) await expect(card(page, name)).toContainText(/read in/, { timeout: 90_000 })
}

/** Opens a capture by its card. */
async function openCapture(page: Page, name: string): Promise<void> {
  await page.goto(`${room}?tab=snapshots`)
  await card(page, name).getByRole('link').first().click()
  await expect(page.getByRole('navigation', { name: 'Views of this capture' })).toBeVisible()
}

const openTab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Views of this capture' }).getByRole('link', { name }).click()

/** axe's serious and critical findings of what is shown. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((running) => running.finished.catch(() => {}))),
  )
  await page.evaluate(axe)
  const found = await page.evaluate<
    { id: string; impact: string | null; nodes: { html: string; failureSummary?: string }[] }[]
  >(`axe.run('html', { resultTypes: ['violations'] }).then((result) => result.violations)`)
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
}

test('three Ruby dumps: exactly the two planted causes are suspects, with who holds them', async () => {
  test.setTimeout(180_000)
  const { page } = mika
  await attachAll(
    ['trace-1-warm', 'trace-2-after-4000', 'trace-3-after-8000'],
    ['trace-1-warm', 'trace-2-after-4000', 'trace-3-after-8000'].map((name) => `${RUBY}/${name}.json.gz`),
  )
  await page.getByRole('tab', { name: /Growth/ }).click()
  await expect(suspects(page)).toHaveCount(2, { timeout: 60_000 })
  await expect(suspects(page).first()).toContainText('module AuditTrail → Array of 10,500')
  await expect(suspects(page).nth(1)).toContainText('module QuoteMemo')
  await expect(page.getByRole('region', { name: 'Suspects' })).not.toContainText('FragmentLru')
})

test('from a suspect to the object that holds it, and the way from the root to it', async () => {
  const { page } = mika
  await suspects(page).first().getByRole('link', { name: 'See what it holds' }).click()
  const panel = inspector(page)
  await expect(panel.getByRole('heading', { name: 'Array of 10,500' })).toBeVisible({ timeout: 30_000 })
  await expect(panel.getByRole('listitem').filter({ hasText: 'module AuditTrail' }).first()).toBeVisible()
  await expect(panel).toContainText('5.6 MiB')
  await expect(panel.getByRole('row').filter({ hasText: 'AuditTrail::Entry' })).toContainText('10,500')
})

test('a link brings a colleague to the same object; down and up the treemap by keyboard', async () => {
  const { page } = mika
  const link = page.url()
  await page.goto('about:blank')
  await page.goto(link)
  await expect(inspector(page).getByRole('heading', { name: 'Array of 10,500' })).toBeVisible()
  const path = page.getByRole('navigation', { name: 'Owner path' })
  await path.getByRole('button', { name: 'root' }).click()
  const tile = page.getByRole('button', { name: /^module AuditTrail, / })
  await tile.focus()
  await page.keyboard.press('Enter')
  await expect(path).toContainText('module AuditTrail')
  await page.getByRole('button', { name: /^Array, / }).focus()
  await page.keyboard.press('Backspace')
  await expect(tile).toBeVisible()
})

test('a class’s objects, one of them, its neighbours, and its value only when asked for, which the timeline tells', async () => {
  const { page } = mika
  await openCapture(page, 'trace-3-after-8000')
  await page.getByRole('searchbox', { name: /Filter by class/ }).fill('QuoteMemo')
  await page.getByRole('row').filter({ hasText: 'QuoteMemo::Quote' }).click()
  const row = page.getByRole('region', { name: 'The selected row' })
  await expect(row).toContainText('1,050')
  await row
    .getByRole('button', { name: /QuoteMemo::Quote/ })
    .first()
    .click()
  await expect(inspector(page)).toContainText('module QuoteMemo', { timeout: 30_000 })
  await inspector(page).getByText('Refers to').click()
  await inspector(page)
    .getByRole('listitem')
    .getByRole('button', { name: /^String/ })
    .first()
    .click()
  await inspector(page).getByRole('button', { name: 'Show value' }).click()
  await expect(inspector(page).getByRole('region', { name: /The value/ })).toContainText('"type"')
  await page.goto(`${room}?tab=timeline`)
  await page.getByLabel('Also small changes').check()
  await expect(page.getByRole('tabpanel', { name: 'Timeline' })).toContainText(
    /looked at the value of String/,
  )
})

test('an object is found by the address that another tool tells', async () => {
  const { page } = mika
  await openCapture(page, 'trace-3-after-8000')
  await openTab(page, 'Dominators')
  await page.getByRole('button', { name: 'Single objects' }).click()
  const item = page.getByRole('treeitem', { name: /^module AuditTrail,/ })
  await item.click()
  const heading = inspector(page).getByRole('heading', { name: 'module AuditTrail' })
  await expect(heading).toBeVisible({ timeout: 30_000 })
  const key = /0x[0-9a-f]+/.exec((await inspector(page).textContent()) ?? '')?.[0] ?? ''
  await inspector(page)
    .getByRole('button', { name: /^Close/ })
    .click()
  await page.getByLabel('Find an object by its address or id').fill(key)
  await page.keyboard.press('Enter')
  await expect(heading).toBeVisible()
})

test('duplicate strings say what one copy of each would save', async () => {
  const { page } = mika
  await openTab(page, 'Duplicate strings')
  await expect(page.getByText(/texts are in this heap more than once/)).toBeVisible()
  await page.getByRole('row').filter({ hasText: 'quote_memo.rb:6' }).first().click()
  await expect(inspector(page)).toContainText('module QuoteMemo')
})

test('what the team expects is folded away, with its reason, in its next comparison too', async ({
  browser,
}) => {
  const { page } = mika
  await page.goto(`${room}?tab=growth`)
  await page.getByRole('row').filter({ hasText: 'quote_memo.rb:6' }).first().click()
  await page.getByRole('button', { name: 'Mark as expected' }).click()
  const dialog = page.getByRole('dialog', { name: 'Mark as expected' })
  await expect(dialog.getByRole('button', { name: 'Mark', exact: true })).toBeDisabled()
  await dialog.getByLabel('Because').fill('A memo that a nightly job empties.')
  await dialog.getByRole('button', { name: 'Mark', exact: true }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('button', { name: /Show \d+ expected/ })).toBeVisible()

  const wes = await invite(browser, mika, 'Wes', 'viewer')
  await wes.page.goto(`${room}?tab=growth`)
  await wes.page.getByRole('button', { name: /Show \d+ expected/ }).click()
  await wes.page.getByRole('row').filter({ hasText: 'expected' }).first().click()
  await expect(wes.page.getByText('A memo that a nightly job empties.')).toBeVisible()
  await wes.page.getByRole('button', { name: 'Ledger' }).click()
  await expect(wes.page.getByRole('dialog')).toContainText('Mika')
  await wes.context.close()
})

test('three V8 snapshots: the map, the listeners and the timers, by the names of their properties', async () => {
  test.setTimeout(120_000)
  const { page } = mika
  await attachAll(
    ['1-warm', '2-later', '3-last'],
    ['1-warm', '2-later', '3-last'].map((name) => join(folder, `${name}.heapsnapshot`)),
  )
  await page.goto(`${room}?tab=growth`)
  await expect(suspects(page).first()).toContainText('map (Map)', { timeout: 60_000 })
  await suspects(page).first().getByRole('link', { name: 'See what it holds' }).click()
  await expect(inspector(page)).toContainText('Session', { timeout: 30_000 })
  await expect(inspector(page)).toContainText('What keeps it alive')
})

test('three memprof dumps: the constant that keeps the entries', async () => {
  test.setTimeout(120_000)
  const { page } = mika
  await attachAll(
    ['m1', 'm2', 'm3'],
    ['m1', 'm2', 'm3'].map((name) => join(folder, `${name}.json`)),
  )
  await page.goto(`${room}?tab=growth`)
  await expect(suspects(page).first()).toContainText('ENTRIES', { timeout: 60_000 })
  await suspects(page).first().getByRole('link', { name: 'See what it holds' }).click()
  await expect(inspector(page)).toContainText('AuditTrail', { timeout: 30_000 })
})

test('a room that hides values shows none, to nobody', async () => {
  const { page } = mika
  await page.goto(room)
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  // It follows the room, which the server tells: no click ticks it by itself.
  const hidden = page.getByLabel('Hide values of heap dumps in this room')
  await hidden.click()
  await expect(hidden).toBeChecked()
  await page.keyboard.press('Escape')
  await openCapture(page, 'trace-3-after-8000')
  await page.goto(`${page.url().replace(/\?.*/, '')}?object=1000`)
  await expect(inspector(page).getByText('This room hides values.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Show value' })).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'Download the file' })).toHaveCount(0)
})

test('no view of a capture has a serious barrier, in light and dark and on a phone', async () => {
  test.setTimeout(120_000)
  const { page } = mika
  await openCapture(page, 'trace-3-after-8000')
  const base = page.url().replace(/\?.*/, '')
  for (const view of [
    '?object=1000',
    '?tab=dominators',
    '?tab=dominators&by=object',
    '?tab=strings',
    '?row=String',
  ]) {
    await page.goto(base + view)
    await page.waitForLoadState('networkidle')
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect.soft(await violations(page), `${colorScheme} ${view}`).toEqual([])
    }
  }
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${base}?tab=dominators`)
  await expect(page.getByRole('button', { name: /^module AuditTrail, / })).toBeVisible()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  expect.soft(await violations(page), 'phone').toEqual([])
  await page.setViewportSize({ width: 1440, height: 900 })
})

test('no page broke on the way', () => {
  expect(mika.errors).toEqual([])
})
