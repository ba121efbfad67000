import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, type Page, type Route, test } from '@playwright/test'
import { type App, startApp } from './build/app.ts'
import { arrive, attach, invite, openRoom, type Person, welcome } from './build/people.ts'

/* Files on good and bad lines, good and bad files. One request carries 16 MiB, so the large dump takes three. */
test.describe.configure({ mode: 'serial' })

const DUMP = 'prisma/demo/article/1-end-of-up.json.gz'

let app: App
let mika: Person
let wes: Person
let folder: string
/** The first 36 MiB of a real dump, whole lines. */
let large: string

test.beforeAll(async ({ browser }) => {
  folder = await mkdtemp(join(tmpdir(), 'leakroom-e2e-'))
  large = join(folder, 'large.json')
  const whole = gunzipSync(await readFile('prisma/demo/ruby-small/trace-3-after-8000.json.gz'))
  await writeFile(large, whole.subarray(0, whole.indexOf('\n', 36 * 1024 * 1024) + 1))
  const plain = gunzipSync(await readFile(DUMP))
  await writeFile(join(folder, 'cut.json'), plain.subarray(0, Math.floor(plain.length * 0.6)))
  await writeFile(join(folder, 'cut.json.gz'), (await readFile(DUMP)).subarray(0, 100_000))
  await writeFile(
    join(folder, 'core.4711'),
    Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01'), Buffer.alloc(5000, 7)]),
  )
  await writeFile(join(folder, 'notes.txt'), 'Dear diary the heap grew again today.\n'.repeat(50))

  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  await welcome(mika, app.url)
  await openRoom(mika, app.url, 'Files on a bad line')
  wes = await invite(browser, mika, 'Wes')
  for (const { page } of [mika, wes]) await page.getByRole('tab', { name: /Snapshots/ }).click()
})
test.afterAll(async () => {
  await app?.stop()
  await rm(folder, { recursive: true, force: true })
})

const card = (page: Page, name: string) => page.getByRole('listitem', { name: new RegExp(`, ${name}`) })
const tray = (page: Page) => page.getByRole('region', { name: 'Your uploads' })

/** Holds every chunk after the first `free` ones until `open()`; `cut()` breaks the held ones instead. */
async function holdChunks(page: Page, free: number) {
  const offsets: number[] = []
  let held: Route[] = []
  let left = free
  let isOpen = false
  await page.route('**/uploads/*', async (route) => {
    const request = route.request()
    if (request.method() !== 'PATCH') return route.fallback()
    offsets.push(Number(request.headers()['upload-offset']))
    if (isOpen || left-- > 0) return route.continue()
    held.push(route)
  })
  const release = async (act: (route: Route) => Promise<void>) => {
    isOpen = true
    const waiting = held
    held = []
    for (const route of waiting) await act(route)
  }
  return {
    /** Where each chunk began, as the browser sent them. */
    offsets,
    holds: () => expect.poll(() => held.length).toBe(1),
    open: () => release((route) => route.continue()),
    cut: () => release((route) => route.abort('connectionreset')),
    end: () => page.unroute('**/uploads/*'),
  }
}

test('several files at once: good ones become ready, each bad one gets a sentence that says what it is', async () => {
  await attach(
    mika,
    DUMP,
    'test/fixtures/dumps/ruby-objspace/3.1.7/weird.json.gz',
    ...['cut.json', 'cut.json.gz', 'core.4711', 'notes.txt'].map((name) => join(folder, name)),
  )
  for (const { page } of [wes, mika]) {
    await expect(card(page, '1-end-of-up')).toContainText(/objects · .* heap/, { timeout: 60_000 })
    await expect(card(page, 'weird')).toContainText(/objects/)
    await expect(card(page, 'cut').filter({ hasText: 'cut.json.gz' })).toContainText(/gzip|\.gz|archive/i)
    await expect(card(page, 'core')).toContainText('Leakroom reads')
    await expect(card(page, 'notes')).toContainText('Leakroom reads')
  }
  const cut = card(mika.page, 'cut').filter({ hasNotText: 'cut.json.gz' })
  await expect(cut).toContainText('partial')
  await cut.getByRole('link', { name: 'cut' }).click()
  await expect(mika.page.getByText('The file stops in the middle of a line')).toBeVisible()
  await mika.page.goBack()
})

test('the others see who uploads and how far it is, while it is under way', async () => {
  const line = await holdChunks(mika.page, 1)
  await attach(mika, large)
  await line.holds()
  await expect(card(wes.page, 'large')).toContainText(/Mika is uploading · \d+\.\d MiB of 36\.0 MiB/)
  await expect(card(wes.page, 'large').getByRole('progressbar')).toBeVisible()
  await expect(tray(wes.page)).toBeHidden()
  await line.open()
  await expect(card(wes.page, 'large')).toContainText(/objects · .* heap/, { timeout: 60_000 })
  expect(line.offsets[1]).toBe(16 * 1024 * 1024)
  await line.end()
})

test('the same file again is recognised: nothing is sent, and it is ready at once', async () => {
  const sent: string[] = []
  mika.page.on('request', (request) => request.method() === 'PATCH' && sent.push(request.url()))
  await attach(mika, large)
  await expect(tray(mika.page).getByText('known already, nothing was sent')).toBeVisible()
  await expect(card(wes.page, 'large')).toHaveCount(2)
  await expect(card(wes.page, 'large').nth(1)).toContainText(/objects · .* heap/)
  expect(sent).toEqual([])
})

test('a line that breaks midway goes on where it stopped', async () => {
  const file = await anotherLarge('broken-line.json')
  const line = await holdChunks(mika.page, 1)
  await attach(mika, file)
  await line.holds()
  await line.cut()
  await expect(card(wes.page, 'broken-line')).toContainText(/objects · .* heap/, { timeout: 60_000 })
  // The first chunk was sent once; what was cut was sent again from its beginning.
  expect(line.offsets.filter((offset) => offset === 0)).toHaveLength(1)
  expect(line.offsets.filter((offset) => offset === 16 * 1024 * 1024)).toHaveLength(2)
  await line.end()
})

test('an upload goes on after a reload, when the same file is chosen again', async () => {
  const file = await anotherLarge('reloaded.json')
  const line = await holdChunks(mika.page, 1)
  await attach(mika, file)
  await line.holds()
  await mika.page.reload()
  await line.end()
  const offsets: number[] = []
  mika.page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']))
  })
  await expect(card(mika.page, 'reloaded')).toBeVisible()
  await attach(mika, file)
  await expect(card(wes.page, 'reloaded')).toContainText(/objects · .* heap/, { timeout: 60_000 })
  await expect(card(wes.page, 'reloaded')).toHaveCount(1)
  expect(offsets[0]).toBe(16 * 1024 * 1024)
})

test('a cancelled upload stops for everybody and leaves the tray', async () => {
  const file = await anotherLarge('cancelled.json')
  const line = await holdChunks(mika.page, 1)
  await attach(mika, file)
  await line.holds()
  await tray(mika.page).getByRole('button', { name: 'Cancel the upload of cancelled.json' }).click()
  await expect(tray(mika.page)).toBeHidden()
  await expect(card(wes.page, 'cancelled')).toContainText('Was cancelled.')
  await line.open().catch(() => {})
  await line.end()
})

test('a colleague stops an upload that is not hers', async () => {
  const file = await anotherLarge('stopped.json')
  const line = await holdChunks(mika.page, 1)
  await attach(mika, file)
  await line.holds()
  await card(wes.page, 'stopped').getByRole('button', { name: 'Cancel' }).click()
  await expect(card(wes.page, 'stopped')).toContainText('Was cancelled.')
  await line.open()
  await expect(tray(mika.page)).toContainText('This upload was cancelled or has ended')
  await tray(mika.page).getByRole('button', { name: 'Close stopped.json' }).click()
  await line.end()
})

test('a removed capture can be had back for a moment, and is gone for everybody after it', async () => {
  await card(mika.page, 'notes')
    .getByRole('button', { name: /More about/ })
    .click()
  await mika.page.getByRole('menuitem', { name: 'Remove' }).click()
  await expect(card(mika.page, 'notes')).toHaveCount(0)
  await mika.page.getByRole('button', { name: 'Undo' }).click()
  await expect(card(mika.page, 'notes')).toHaveCount(1)
  await expect(card(wes.page, 'notes')).toHaveCount(1)
  expect([...mika.errors, ...wes.errors]).toEqual([])
})

/** A large dump with content of its own, so that it is not recognised. */
async function anotherLarge(name: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(
    path,
    Buffer.concat([await readFile(large), Buffer.from(`{"type":"ROOT","root":"${name}","references":[]}\n`)]),
  )
  return path
}
