import { expect, type Page, test } from '@playwright/test'
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

/* What happens to words and rows when the line or the page goes away. */
test.describe.configure({ mode: 'serial' })

let app: App
let mika: Person
let wes: Person
let room: string

test.beforeAll(async ({ browser }) => {
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  await welcome(mika, app.url)
  await openRoom(mika, app.url, 'Grows while nobody looks')
  room = mika.page.url()
  wes = await invite(browser, mika, 'Wes')
})
test.afterAll(async () => {
  await app?.stop()
})

const isOffline = (page: Page) => expect(saveState(page)).toHaveText(/^Offline/, { timeout: 40_000 })

test('a hypothesis that is added offline waits on this device, says so, and arrives once', async () => {
  await mika.context.setOffline(true)
  await isOffline(mika.page)
  await addHunch(mika.page, 'Thought of on the train')
  await expect(saveState(mika.page)).toHaveText('Offline, 1 change on this device')
  await expect(hypothesis(wes.page, 'Thought of on the train')).toHaveCount(0)
  await mika.context.setOffline(false)
  await saved(mika.page)
  await expect(hypothesis(wes.page, 'Thought of on the train')).toHaveCount(1)
  await expect(hypothesis(mika.page, 'Thought of on the train')).toHaveCount(1)
})

test('the edits of two people who were both offline merge, and both read the same', async () => {
  const hers = await clearNotes(mika.page)
  await mika.page.keyboard.type('middle')
  await saved(mika.page)
  const his = await openNotes(wes.page)
  await expectWords(his, 'middle')

  await Promise.all([mika.context.setOffline(true), wes.context.setOffline(true)])
  await Promise.all([isOffline(mika.page), isOffline(wes.page)])
  await hers.click()
  await mika.page.keyboard.press('ControlOrMeta+Home')
  await mika.page.keyboard.type('before ')
  await goToEnd(his)
  await wes.page.keyboard.type(' after')
  await expect(saveState(mika.page)).toHaveText(/^Offline, \d+ changes on this device$/)
  await expectWords(hers, 'before middle')
  await expectWords(his, 'middle after')

  await mika.context.setOffline(false)
  await saved(mika.page)
  await wes.context.setOffline(false)
  await saved(wes.page)
  await expectWords(hers, 'before middle after')
  await expectWords(his, 'before middle after')
})

test('what was typed while the server was down survives closing the tab', async () => {
  const hers = await clearNotes(mika.page)
  await mika.page.keyboard.type('Known to all. ')
  await saved(mika.page)
  await app.kill9()
  await isOffline(mika.page)
  await goToEnd(hers)
  await mika.page.keyboard.type('Typed into the void.')
  await addHunch(mika.page, 'Added into the void')
  await expect(saveState(mika.page)).toHaveText(/^Offline, \d+ changes on this device$/)
  await mika.page.close()
  await app.restart()

  mika = { ...mika, page: await mika.context.newPage() }
  await mika.page.goto(room)
  await saved(mika.page)
  await expectWords(await openNotes(mika.page), 'Known to all. Typed into the void.')
  await expect(hypothesis(mika.page, 'Added into the void')).toHaveCount(1)
  await expectWords(await openNotes(wes.page), 'Known to all. Typed into the void.')
  await expect(hypothesis(wes.page, 'Added into the void')).toHaveCount(1)
})

const EXITS: Record<string, (page: Page) => Promise<unknown>> = {
  'closes the tab': (page) => page.close(),
  'reloads the page': (page) => page.reload(),
  'goes to the list of investigations': (page) => page.getByRole('link', { name: 'Leakroom' }).click(),
  'goes to another site': (page) => page.goto('about:blank'),
  'switches to another tab of the room': (page) => page.getByRole('tab', { name: 'Timeline' }).click(),
}

for (const [exit, leave] of Object.entries(EXITS)) {
  test(`[#5] loses nothing when somebody types and at once ${exit}`, async () => {
    await clearNotes(mika.page)
    await saved(mika.page)
    // One insertion, so that nothing of it was sent before the page goes.
    await mika.page.keyboard.insertText(`The last words of who ${exit}.`)
    await leave(mika.page)

    await expectWords(await openNotes(wes.page), `The last words of who ${exit}.`)
    if (mika.page.isClosed()) mika = { ...mika, page: await mika.context.newPage() }
    await mika.page.goto(room)
    await expectWords(await openNotes(mika.page), `The last words of who ${exit}.`)
    await saved(mika.page)
  })
}

test('no page broke on the way', () => {
  expect([...mika.errors, ...wes.errors]).toEqual([])
})
