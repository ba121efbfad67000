import { type Browser, type BrowserContext, expect, type Locator, type Page } from '@playwright/test'
import type { Editor } from '@tiptap/core'

/** A person at her own browser. */
export interface Person {
  readonly name: string
  readonly context: BrowserContext
  readonly page: Page
  /** What the page logged as an error; the tests expect none. */
  readonly errors: string[]
}

export interface Screen {
  readonly viewport?: { width: number; height: number }
  readonly colorScheme?: 'light' | 'dark'
}

/** A new browser with nothing remembered. */
export async function arrive(browser: Browser, name: string, screen: Screen = {}): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...screen })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  return { name, context, page, errors }
}

/** The first visitor of a fresh installation: gives her name and owns the first team. */
export async function welcome(person: Person, url: string): Promise<void> {
  await person.page.goto(url)
  await person.page.getByLabel('Your name').fill(person.name)
  await person.page.getByRole('button', { name: 'Come in' }).click()
  await expect(person.page.getByRole('heading', { name: 'What is growing?' })).toBeVisible()
}

/** Opens a new room by its title. */
export async function openRoom({ page }: Person, url: string, title: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('textbox').first().fill(title)
  await page.getByRole('button', { name: 'Open a room' }).click()
  await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible()
  await saved(page)
}

/** Makes a share link in the room that is open, and gives it. */
export async function shareLink({ page }: Person, role: 'editor' | 'viewer'): Promise<string> {
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByLabel('Whoever has the link can').selectOption(role)
  await page.getByRole('button', { name: 'Make a link' }).click()
  const link = await page.getByLabel('The link', { exact: true }).inputValue()
  await page.keyboard.press('Escape')
  return link
}

/** Comes in by a share link, with no account. */
export async function joinByLink({ page, name }: Person, link: string): Promise<void> {
  await page.goto(link)
  await page.getByLabel('Your name').fill(name)
  await page.locator('form button[type=submit]').click()
  await expect(page.getByRole('region', { name: 'Hypotheses' })).toBeVisible()
}

/** Everything is committed: the word that the whole product stands for. */
export const saved = (page: Page) =>
  expect(page.getByRole('status').filter({ hasText: /^Saved/ })).toBeVisible()

/** Hands files to the room as the file chooser would. */
export const attach = ({ page }: Person, ...paths: string[]) =>
  page.getByTestId('attach-files').setInputFiles(paths)

/** The card of a hypothesis. */
export const hypothesis = (page: Page, title: string) =>
  page.getByRole('region', { name: 'Hypotheses' }).getByRole('heading', { name: title, level: 3 })

/** Opens a hypothesis's card and gives the editor of one of its texts. */
export async function openText(page: Page, title: string, text: 'Why we think so' | 'Next') {
  const editor = page.getByRole('textbox', { name: text, exact: true })
  if (!(await editor.isVisible())) await hypothesis(page, title).getByRole('button').click()
  await expect(editor).toBeVisible()
  return editor
}

/** Brings somebody in by a fresh share link of the room that `host` looks at. */
export async function invite(
  browser: Browser,
  host: Person,
  name: string,
  role: 'editor' | 'viewer' = 'editor',
  screen: Screen = {},
): Promise<Person> {
  const guest = await arrive(browser, name, screen)
  await joinByLink(guest, await shareLink(host, role))
  return guest
}

/** Opens the notes and gives their editor. */
export async function openNotes(page: Page): Promise<Locator> {
  await page.getByRole('tab', { name: 'Notes' }).click()
  const editor = page.getByRole('textbox', { name: 'Notes', exact: true })
  await expect(editor).toBeVisible()
  return editor
}

/** The words of a shared text, without the name flags of the carets in it; blocks are joined by a space. */
export const wordsOf = (editor: Locator): Promise<string> =>
  editor.evaluate((element) => {
    const copy = element.cloneNode(true)
    if (!(copy instanceof Element)) return ''
    for (const flag of copy.querySelectorAll('[class*=caret]')) flag.remove()
    const blocks = [...copy.children].map((block) => block.textContent ?? '')
    return blocks
      .join(' ')
      .replace(/[\u2060\uFEFF]/g, '')
      .trim()
  })

export const expectWords = (editor: Locator, words: string) =>
  expect.poll(() => wordsOf(editor), { timeout: 15_000 }).toBe(words)

/** From where to where an editor takes the selection to be, and how long its text is. It hears of a click a little later. */
const selectionOf = (editor: Locator): Promise<{ from: number; to: number; size: number }> =>
  editor.evaluate((element) => {
    // reason: Tiptap puts itself there for everybody's tools.
    const { editor: own } = element as HTMLElement & { editor: Editor }
    const { selection, doc } = own.state
    return { from: selection.from, to: selection.to, size: doc.content.size }
  })

/** Clicks into a text and goes to its end; on return, what is typed next goes there. */
export async function goToEnd(editor: Locator): Promise<void> {
  await editor.click()
  await expect(async () => {
    await editor.press('ControlOrMeta+End')
    const { from, size } = await selectionOf(editor)
    expect(from).toBeGreaterThanOrEqual(size - 1)
  }).toPass()
}

/** Clicks into a text and selects all of it. */
export async function selectAll(editor: Locator): Promise<void> {
  await editor.click()
  await expect(async () => {
    await editor.press('ControlOrMeta+a')
    const { from, to, size } = await selectionOf(editor)
    expect(from).toBeLessThanOrEqual(1)
    expect(to).toBeGreaterThanOrEqual(size - 1)
  }).toPass()
}

/** Empties the notes and leaves the text cursor in them. */
export async function clearNotes(page: Page): Promise<Locator> {
  const editor = await openNotes(page)
  await selectAll(editor)
  await page.keyboard.press('Delete')
  await expectWords(editor, '')
  // A heading or a list at the start outlives the deletion of its words.
  await page.keyboard.press('Backspace')
  return editor
}

/** Adds a hypothesis by its title. */
export async function addHunch(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: /^New hunch/ }).click()
  await page.getByRole('textbox', { name: 'New hunch' }).fill(title)
  await page.keyboard.press('Enter')
  await expect(hypothesis(page, title)).toBeVisible()
  await page.keyboard.press('Escape')
}

/** What the header says about saving. */
export const saveState = (page: Page) => page.getByTestId('save-state')
