import { expect, type Page, test } from '@playwright/test'
import { type App, startApp } from './build/app.ts'
import {
  addHunch,
  arrive,
  clearNotes,
  expectWords,
  goToEnd,
  invite,
  openNotes,
  openRoom,
  openText,
  type Person,
  saved,
  selectAll,
  welcome,
  wordsOf,
} from './build/people.ts'

/* The shared text as the two who write it see it. */
test.describe.configure({ mode: 'serial' })

let app: App
let mika: Person
let wes: Person

test.beforeAll(async ({ browser }) => {
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  await welcome(mika, app.url)
  await openRoom(mika, app.url, 'The notes')
  wes = await invite(browser, mika, 'Wes')
})
test.afterAll(async () => {
  await app?.stop()
})

/** Types lines with the Enter key between them. */
async function typeLines(page: Page, ...lines: string[]): Promise<void> {
  for (const [at, line] of lines.entries()) {
    if (at > 0) await page.keyboard.press('Enter')
    await page.keyboard.type(line)
  }
}

test('Markdown that is typed becomes formatting, for both', async () => {
  const { page } = mika
  await clearNotes(page)
  await typeLines(page, '# What we know', 'It **grows** by `1.00` per request', '- first', 'second', '', '')
  await typeLines(page, '[ ] take a dump', 'compare', '', '')
  await typeLines(page, '> said Wes', '', '')
  await page.keyboard.type('```ruby ')
  await page.keyboard.type('Cache.get("x")')
  const notes = await openNotes(wes.page)
  await expect(notes.getByRole('heading', { name: 'What we know', level: 1 })).toBeVisible()
  await expect(notes.locator('strong')).toHaveText('grows')
  await expect(notes.locator('p code')).toHaveText('1.00')
  await expect(notes.locator('ul:not([data-type]) > li')).toHaveText(['first', 'second'])
  await expect(notes.locator('ul[data-type="taskList"] > li > div')).toHaveText(['take a dump', 'compare'])
  await expect(notes.locator('blockquote')).toHaveText('said Wes')
  await expect(notes.locator('pre code')).toContainText('Cache.get("x")')
  await expect(notes.locator('pre code .hljs-string')).toHaveText('"x"')
})

test('a ticked box is ticked for both', async () => {
  const notes = await openNotes(wes.page)
  await notes.getByRole('checkbox').first().check()
  await expect((await openNotes(mika.page)).getByRole('checkbox').first()).toBeChecked()
})

test('[#5] formatted text that said Saved is there after the server was killed', async ({ browser }) => {
  await saved(mika.page)
  await saved(wes.page)
  await app.kill9()
  await app.restart()
  await saved(mika.page)
  const edu = await invite(browser, mika, 'Edu')
  const notes = await openNotes(edu.page)
  await expect(notes.locator('strong')).toHaveText('grows')
  await expect(notes.locator('p code')).toHaveText('1.00')
  await expect(notes.getByRole('checkbox').first()).toBeChecked()
  await edu.context.close()
})

test('somebody is mentioned with the keyboard alone', async () => {
  const { page } = mika
  const notes = await clearNotes(page)
  await page.keyboard.type('Ask @we')
  await expect(page.getByRole('listbox', { name: 'People' }).getByRole('option')).toHaveText(/Wes/)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('listbox', { name: 'People' })).toBeHidden()
  await page.keyboard.type(' about it')
  await expect(notes.locator('.mention')).toHaveText('@Wes')
  await expect((await openNotes(wes.page)).locator('.mention')).toHaveText('@Wes')
  await expectWords(notes, 'Ask @Wes  about it')

  await page.keyboard.type(' @mi')
  await expect(page.getByRole('listbox', { name: 'People' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('listbox', { name: 'People' })).toBeHidden()
  await expect(notes).toContainText('@mi')
})

test('a table is made, filled with the Tab key and grows by a row', async () => {
  const { page } = mika
  const notes = await clearNotes(page)
  await page.getByRole('toolbar', { name: 'Formatting' }).getByRole('button', { name: 'Table' }).click()
  for (const word of ['run', 'requests', 'RSS', '1', '4000', '96 MiB']) {
    await page.keyboard.type(word)
    await page.keyboard.press('Tab')
  }
  await page.getByRole('button', { name: 'Row below' }).click()
  const his = (await openNotes(wes.page)).getByRole('table')
  await expect(his.getByRole('row')).toHaveCount(4)
  await expect(his.getByRole('columnheader')).toHaveText(['run', 'requests', 'RSS'])
  await expect(his.getByRole('row').nth(1).getByRole('cell')).toHaveText(['1', '4000', '96 MiB'])
  await page.getByRole('button', { name: 'Remove table' }).click()
  await expect(notes.getByRole('table')).toHaveCount(0)
  await expect(his).toHaveCount(0)
})

test('undo takes back one’s own words and leaves the other’s', async () => {
  const hers = await clearNotes(mika.page)
  await mika.page.keyboard.type('Mika wrote this.')
  const his = await openNotes(wes.page)
  await expectWords(his, 'Mika wrote this.')
  await goToEnd(his)
  await wes.page.keyboard.press('Enter')
  await wes.page.keyboard.type('Wes wrote this.')
  await expect(hers).toContainText('Wes wrote this.')

  await hers.getByText('Mika wrote this.').click()
  await mika.page.keyboard.press('ControlOrMeta+z')
  await expect(hers).not.toContainText('Mika wrote')
  await expect(his).not.toContainText('Mika wrote')
  await expect(his).toContainText('Wes wrote this.')
  await mika.page.keyboard.press('ControlOrMeta+Shift+z')
  await expect(his).toContainText('Mika wrote this.')
  await his.click()
  await wes.page.keyboard.press('ControlOrMeta+z')
  await expectWords(hers, 'Mika wrote this.')
})

test('[#24] what others write neither scrolls my view nor moves my text cursor', async () => {
  const hers = await clearNotes(mika.page)
  await mika.page.keyboard.insertText('')
  for (let line = 0; line < 60; line++) {
    await mika.page.keyboard.insertText(`Line ${line}.`)
    if (line < 59) await mika.page.keyboard.press('Enter')
  }
  const his = await openNotes(wes.page)
  await expect(his).toContainText('Line 59.')

  const mine = hers.getByText('Line 30.', { exact: true })
  await mine.scrollIntoViewIfNeeded()
  await mine.click()
  await mika.page.keyboard.press('Home')
  await mika.page.keyboard.press('ArrowRight')
  const top = async () => (await mine.boundingBox())?.y ?? Number.NaN
  const before = await top()

  // Far below, in the first line, and new lines above.
  await goToEnd(his)
  await typeLines(wes.page, ' And more.', 'A line at the end.')
  await expect(hers).toContainText('A line at the end.')
  expect(Math.abs((await top()) - before)).toBeLessThan(2)
  await wes.page.keyboard.press('ControlOrMeta+Home')
  await typeLines(wes.page, 'New first line.', 'New second line.', '')
  await expect(hers).toContainText('New second line.')
  expect(Math.abs((await top()) - before)).toBeLessThan(2)
  // A selection of his over everything, too.
  await wes.page.keyboard.press('ControlOrMeta+a')
  await expect(
    hers.locator('.ProseMirror-yjs-selection, .collaboration-carets__selection').first(),
  ).toBeAttached()
  expect(Math.abs((await top()) - before)).toBeLessThan(2)

  await mika.page.keyboard.type('X')
  await expect.poll(() => wordsOf(his)).toContain('LXine 30. ')
})

test('[#19] opening and leaving the notes twenty times keeps the text once', async () => {
  const hers = await clearNotes(mika.page)
  await mika.page.keyboard.type('Once, and only once.')
  for (let round = 0; round < 20; round++) {
    await mika.page.getByRole('tab', { name: round % 2 ? 'Timeline' : 'Growth' }).click()
    await mika.page.getByRole('tab', { name: 'Notes' }).click()
  }
  await expectWords(hers, 'Once, and only once.')
  await goToEnd(hers)
  await mika.page.keyboard.insertText(' Or twice?')
  await expectWords(hers, 'Once, and only once. Or twice?')
  await mika.page.keyboard.press('ControlOrMeta+z')
  await expectWords(hers, 'Once, and only once.')
  await saved(mika.page)
  await expectWords(await openNotes(wes.page), 'Once, and only once.')
})

test('[#19] a hypothesis that is opened and closed twenty times keeps its text once', async () => {
  const { page } = mika
  await addHunch(page, 'Opened often')
  const text = await openText(page, 'Opened often', 'Why we think so')
  await text.click()
  await page.keyboard.type('Because of the graph.')
  const card = page.getByRole('heading', { name: 'Opened often', level: 3 }).getByRole('button')
  for (let round = 0; round < 20; round++) {
    await card.click()
    await expect(text).toBeHidden()
    await card.click()
    await expectWords(text, 'Because of the graph.')
  }
  await expectWords(await openText(wes.page, 'Opened often', 'Why we think so'), 'Because of the graph.')
})

test('[#21] what somebody deleted comes back in two clicks, for everybody', async () => {
  const hers = await clearNotes(mika.page)
  await typeLines(mika.page, '# Weeks of work', 'and what came of it')
  await saved(mika.page)
  const history = mika.page.getByRole('button', { name: 'History of the text' })
  await history.click()
  const dialog = mika.page.getByRole('dialog', { name: 'History of the text' })
  await dialog.getByLabel('Keep the text as it stands now').fill('Before Friday')
  await dialog.getByRole('button', { name: 'Keep' }).click()
  const kept = dialog.getByRole('listitem').filter({ hasText: 'Before Friday' })
  await expect(kept).toContainText('by Mika')
  await mika.page.keyboard.press('Escape')

  const his = await openNotes(wes.page)
  await selectAll(his)
  await wes.page.keyboard.press('Delete')
  await expectWords(hers, '')

  await history.click()
  await kept.getByRole('button', { name: 'Restore' }).click()
  await expect(dialog).toBeHidden()
  await expect(his.getByRole('heading', { name: 'Weeks of work' })).toBeVisible()
  await expectWords(hers, 'Weeks of work and what came of it')

  await wes.page.getByRole('button', { name: 'History of the text' }).click()
  await expect(
    wes.page.getByRole('dialog').getByText('Before restoring "Before Friday"').first(),
  ).toBeVisible()
  await wes.page.keyboard.press('Escape')
})

test('no page broke on the way', () => {
  expect([...mika.errors, ...wes.errors]).toEqual([])
})
