import { expect, type Page, test } from '@playwright/test'
import { type App, startApp } from './build/app.ts'
import { arrive, attach, openRoom, type Person, welcome } from './build/people.ts'

/* Allocation stacks of a native leak: from the file to the line that lost the memory, by clicking. */
test.describe.configure({ mode: 'serial' })

const FOLDER = 'test/fixtures/stacks'
const FILES = [
  `${FOLDER}/valgrind/memcheck-driver.xml`,
  `${FOLDER}/valgrind/massif-driver.out`,
  `${FOLDER}/pprof/go-base.pb.gz`,
  `${FOLDER}/pprof/go-later.pb.gz`,
  `${FOLDER}/jemalloc/je-final.heap`,
  `${FOLDER}/gperftools/tc.0007.heap`,
]

let app: App
let mika: Person

test.beforeAll(async ({ browser }) => {
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  await welcome(mika, app.url)
  await openRoom(mika, app.url, 'Lost natively')
  await mika.page.getByRole('tab', { name: /Snapshots/ }).click()
  await attach(mika, ...FILES)
})
test.afterAll(async () => {
  await app?.stop()
})

const card = (page: Page, name: string) => page.getByRole('listitem', { name: new RegExp(`, ${name}`) })
const home = () =>
  mika.page
    .url()
    .replace(/\/captures\/.*$/, '')
    .replace(/\?.*$/, '')

/** Opens a capture's page by its card. */
async function openCapture(name: string): Promise<void> {
  const { page } = mika
  await page.goto(`${home()}?tab=snapshots`)
  await card(page, name).getByRole('link').first().click()
  await expect(page.getByRole('navigation', { name: 'Views of this capture' })).toBeVisible()
}

test('every format of allocation stacks is read', async () => {
  for (const name of ['memcheck-driver', 'massif-driver', 'go-base', 'go-later', 'je-final', 'tc.0007'])
    await expect(card(mika.page, name)).toContainText(/stacks|lost|in use|MiB/i)
})

test('Valgrind’s word stands on top, with the function that lost the memory; the cache is no suspect', async () => {
  const { page } = mika
  await openCapture('memcheck-driver')
  const suspects = page.getByRole('list', { name: 'Suspects' })
  await expect(suspects.getByRole('listitem').first()).toContainText('mc_make_error (leakyclient.c:36)')
  await expect(suspects).not.toContainText('warm_cache')
})

test('the flame graph is drawn, searched and walked with the keys', async () => {
  const { page } = mika
  const flame = page.getByRole('group', { name: /^Flame graph of/ })
  await expect(flame.locator('g.frame', { hasText: 'mc_make_error' }).first()).toBeVisible()
  await page.getByRole('searchbox', { name: 'Mark boxes' }).fill('mc_make')
  await expect(page.getByText(/^\d+ box(es)?, \d+ %$/)).toBeVisible()
  await flame.focus()
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key)
  await expect(page.getByRole('paragraph').filter({ hasText: /^mc_set \(.*100 %/ })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('paragraph').filter({ hasText: /^all stacks/ })).toBeVisible()
})

test('the table and the call tree say the same, and the address keeps what is shown', async () => {
  const { page } = mika
  await page.getByRole('searchbox', { name: 'Mark boxes' }).fill('')
  // The address follows the typing a moment later.
  await expect(page).not.toHaveURL(/[?&]q=/)
  await page.getByRole('link', { name: 'Table' }).click()
  const table = page.getByRole('grid', { name: /^Functions of/ })
  await expect(table.getByRole('row').nth(1)).toContainText('mc_make_error')
  await page.getByLabel('Kind').selectOption('still-reachable')
  await expect(table.getByRole('row').nth(1)).toContainText('warm_cache')
  await page.reload()
  await expect(table.getByRole('row').nth(1)).toContainText('warm_cache')
  await page.getByRole('link', { name: 'Call tree' }).click()
  await expect(page.getByRole('treegrid')).toContainText('warm_cache')
})

test('two captures are laid over each other: what grew came by way of openTicket', async () => {
  const { page } = mika
  await page.goto(`${home()}?tab=snapshots`)
  const base = await card(page, 'go-base').getByRole('link').first().getAttribute('href')
  const id = /captures\/([0-9a-f-]{36})/.exec(base ?? '')?.[1] ?? ''
  await openCapture('go-later')
  await page.goto(`${page.url()}?tab=table&since=${id}`)
  const table = page.getByRole('grid', { name: /^Functions of/ })
  await expect(table.getByRole('columnheader', { name: 'Change' })).toBeVisible()
  await expect(table.getByRole('row').filter({ hasText: 'main.openTicket' })).toContainText(/\+\d+\.\d MiB/)
  await page.getByRole('link', { name: 'Flame graph' }).click()
  await expect(page.getByRole('list', { name: 'Colors' })).toContainText('more than before')
})

test('nothing broke in the browser', () => {
  expect(mika.errors).toEqual([])
})
