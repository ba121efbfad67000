import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { takeHeapProfile } from '#test/build/stack-files'
import { type App, startApp } from './build/app.ts'
import { violations } from './build/axe.ts'
import { attachRead, openCapture, openGrowth, openView, roomWith, suspects } from './build/captures.ts'
import { arrive, attach, type Person, welcome } from './build/people.ts'

/*
 * Profiles of allocations in every format, from the file chooser to the function that is known to leak, by clicking. How
 * the views themselves behave: stacks.spec.ts.
 */
test.describe.configure({ mode: 'serial' })

const FOLDER = 'test/fixtures/stacks'
const file = (path: string) => `${FOLDER}/${path}`

let app: App
let folder: string
let mika: Person
let native: string

test.beforeAll(async ({ browser }) => {
  folder = await mkdtemp(join(tmpdir(), 'leakroom-profiles-'))
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  await welcome(mika, app.url)
})
test.afterAll(async () => {
  await app?.stop()
  await rm(folder, { recursive: true, force: true })
})

const functions = (page: Page) => page.getByRole('grid', { name: /^Functions of/ }).getByRole('row')

/** Compares the shown capture with an earlier one of the room, by its name. */
const since = (page: Page, name: string) =>
  page
    .getByLabel('Compare with another capture')
    .locator('option', { hasText: name })
    .first()
    .getAttribute('value')
    .then((id) => page.getByLabel('Compare with another capture').selectOption(id))

test('memcheck: what was lost, apart from what is still reachable, and three times as much after three times the requests', async () => {
  const { page } = mika
  native = await roomWith(mika, app.url, 'The native leak', [
    file('valgrind/memcheck-driver.xml'),
    file('valgrind/memcheck-driver-later.xml'),
  ])
  await openCapture(page, native, 'memcheck-driver-later.xml')
  const list = page.getByRole('list', { name: 'Suspects' })
  await expect(list.getByRole('listitem').first()).toContainText('9.1 MiB in 9,000 blocks definitely lost')
  await expect(list.getByRole('listitem').first()).toContainText('mc_make_error (leakyclient.c:36)')
  await expect(list.getByRole('listitem').nth(1)).toContainText('mc_new (leakyclient.c:22)')
  await expect(list).not.toContainText('warm_cache')
  const kind = page.getByLabel('Kind')
  await expect(kind).toContainText('definitely lost: 9.1 MiB in 9,001 blocks')
  await expect(kind).toContainText('still reachable: 1000.0 KiB in 2,000 blocks')

  await openView(page, 'Table')
  await since(page, 'memcheck-driver.xml')
  const row = functions(page).filter({ hasText: 'mc_make_error' })
  await expect(row).toContainText('+6.1 MiB')
  await kind.selectOption('still-reachable')
  await expect(functions(page).filter({ hasText: 'warm_cache' })).toContainText('same')
})

test('memcheck and growth: the same function is the one suspect between two runs', async () => {
  const { page } = mika
  await page.goto(native)
  await openGrowth(page)
  await expect(suspects(page).first()).toContainText('mc_make_error')
  await expect(page.getByRole('region', { name: 'Suspects' })).not.toContainText('warm_cache')
})

test('massif: the same function, over time and at the end, by a click into the flame graph', async () => {
  const { page } = mika
  const room = await roomWith(mika, app.url, 'Massif', [
    file('valgrind/massif-driver.out'),
    file('valgrind/massif-driver-pages.out'),
  ])
  await openCapture(page, room, 'massif-driver.out')
  const flame = page.getByRole('group', { name: /^Flame graph of/ })
  await flame.locator('g.frame', { hasText: 'mc_make_error' }).last().click()
  await expect(
    page.getByRole('paragraph').filter({ hasText: /^mc_make_error .*5\.0 MiB, 84 %/ }),
  ).toBeVisible()
  await openCapture(page, room, 'massif-driver-pages.out')
  await expect(page.getByText(/^Bytes held over the run/)).toBeVisible()
  await openView(page, 'Table')
  await expect(functions(page).filter({ hasText: 'mc_set' })).toBeVisible()
})

test('Go: tickets and goroutines are what grew, with their callers', async () => {
  const { page } = mika
  const room = await roomWith(mika, app.url, 'Tickets of Go', [
    file('pprof/go-base.pb.gz'),
    file('pprof/go-later.pb.gz'),
  ])
  await openGrowth(page)
  await expect(suspects(page)).toHaveCount(2)
  await expect(suspects(page).nth(0)).toContainText('main.newTicket')
  await expect(suspects(page).nth(1)).toContainText('main.leakGoroutine')
  await openCapture(page, room, 'go-later.pb.gz')
  await since(page, 'go-base')
  await openView(page, 'Table')
  await expect(functions(page).filter({ hasText: 'main.openTicket' })).toContainText('+49.1 MiB')
  await page.getByLabel('Measure').selectOption('in-use-blocks')
  await expect(functions(page).filter({ hasText: 'main.newTicket' })).toContainText(/\+2\d\d,\d{3}/)
  await attachRead(mika, room, [file('pprof/go-goroutine.pb.gz')])
  await openCapture(page, room, 'go-goroutine.pb.gz')
  await openView(page, 'Table')
  await expect(functions(page).nth(1)).toContainText('main.leakGoroutine.func1')
  await expect(functions(page).nth(1)).toContainText('4,000')
})

test('gperftools: addresses where there are no names, the function where a converted profile has them', async () => {
  const { page } = mika
  const room = await roomWith(mika, app.url, 'tcmalloc', [
    file('gperftools/tc.0002.heap'),
    file('gperftools/tc.0007.heap'),
  ])
  await openGrowth(page)
  await expect(suspects(page).first()).toContainText('driver.v2+0x158a')
  await openCapture(page, room, 'tc.0007.heap')
  await expect(page.getByText('6.0 MiB').first()).toBeVisible()
  const named = await roomWith(mika, app.url, 'tcmalloc with names', [
    file('pprof/tc-0002.pb.gz'),
    file('pprof/tc-0007.pb.gz'),
  ])
  await openGrowth(page)
  await expect(suspects(page).first()).toContainText(/mc_make_error .*leakyclient\.c:39/)
  await expect(page.getByRole('region', { name: 'Suspects' })).not.toContainText('warm_cache')
  await openCapture(page, named, 'tc-0007.pb.gz')
  await openView(page, 'Table')
  await expect(functions(page).nth(1)).toContainText(/mc_make_error.*5\.0 MiB/)
})

test('jemalloc: names alone are refused with what to do, and doing it names the function', async () => {
  const { page } = mika
  const named = join(folder, 'je-named.heap')
  const raw = file('jemalloc/je-final.raw')
  await writeFile(named, Buffer.concat([await readFile(raw), await readFile(file('jemalloc/je-final.heap'))]))
  const room = await roomWith(mika, app.url, 'jemalloc', [named])
  await attach(mika, raw)
  await expect(page.getByRole('alert').filter({ hasText: 'cat FILE.raw FILE.heap' })).toBeVisible()
  await openCapture(page, room, named)
  await openView(page, 'Table')
  await expect(functions(page).nth(1)).toContainText(/mc_make_error.*5\.3 MiB.*83 %/)
  await expect(functions(page).nth(2)).toContainText('warm_cache')
})

test('V8: a sampled profile of this very process names the function that keeps its records', async () => {
  const { page } = mika
  const profile = join(folder, 'records.heapprofile')
  await writeFile(profile, takeHeapProfile())
  const room = await roomWith(mika, app.url, 'Records', [profile])
  await openCapture(page, room, profile)
  await openView(page, 'Call tree')
  await expect(page.getByRole('treegrid').getByRole('button', { name: 'keepRecords' })).toBeVisible()
  await openView(page, 'Table')
  await expect(functions(page).nth(1)).toContainText('keepRecords')
})

test('stacks can be asked with SQL', async () => {
  const { page } = mika
  await openCapture(page, native, 'memcheck-driver.xml')
  await page.getByRole('button', { name: 'Query', exact: true }).click()
  await page.getByRole('button', { name: 'By kind' }).click()
  const answer = page.getByRole('grid', { name: 'Answer' })
  await expect(answer).toContainText('still-reachable', { timeout: 60_000 })
  await expect(answer.getByRole('row').filter({ hasText: 'definitely-lost' })).toBeVisible()
})

test('no view of a profile has a serious barrier, in light and dark and on a phone', async () => {
  const { page } = mika
  await openCapture(page, native, 'memcheck-driver.xml')
  const address = page.url().replace(/\?.*/, '')
  for (const view of ['', '?tab=table', '?tab=calls']) {
    await page.goto(address + view)
    await expect(page.getByText('mc_make_error').last()).toBeVisible()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect.soft(await violations(page), `${colorScheme} ${view}`).toEqual([])
    }
  }
  await page.setViewportSize({ width: 390, height: 844 })
  for (const view of ['', '?tab=table', '?tab=calls']) {
    await page.goto(address + view)
    await expect(page.getByText('mc_make_error').first()).toBeVisible()
    expect
      .soft(await page.evaluate(() => document.documentElement.scrollWidth), view)
      .toBeLessThanOrEqual(390)
  }
})

test('no page broke on the way', () => {
  expect(mika.errors).toEqual([])
})
