import { readFile } from 'node:fs/promises'
import { expect, type Page, test } from '@playwright/test'
import { type App, startApp } from './build/app.ts'
import { addHunch, arrive, hypothesis, type Person, saved, welcome } from './build/people.ts'

/* Everything by keyboard, and axe's rules on every page in light and dark. The demo brings pages that are full. */
test.describe.configure({ mode: 'serial' })

let app: App
let mika: Person
let room: string
let axe: string

test.beforeAll(async ({ browser }) => {
  axe = await readFile('node_modules/axe-core/axe.min.js', 'utf8')
  app = await startApp()
  mika = await arrive(browser, 'Mika')
})
test.afterAll(async () => {
  await app?.stop()
})

interface Violation {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** Serious and critical violations of the page (or of what `within` selects) as it is shown now, as lines that can be acted on. */
async function violations(page: Page, within: string): Promise<string[]> {
  // Colours that are still on their way would be judged half way.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((running) => running.finished.catch(() => {}))),
  )
  // Evaluated, not added as a script: the page's own policy allows no foreign script.
  await page.evaluate(axe)
  const found = await page.evaluate<Violation[]>(
    `axe.run('${within}', { resultTypes: ['violations'] }).then((result) => result.violations)`,
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(
        (node) =>
          `${id}: ${node.html.slice(0, 160)} | ${node.failureSummary?.split('\n')[1]?.trim().slice(0, 160)}`,
      ),
    )
}

/** Judges the page in both themes. */
async function expectAccessible(page: Page, within = 'html'): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect.soft(await violations(page, within), `${colorScheme}: ${page.url()}`).toEqual([])
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

test('the greeting of a fresh installation has no serious barrier', async () => {
  await mika.page.goto(app.url)
  await expect(mika.page.getByLabel('Your name')).toBeFocused()
  await expectAccessible(mika.page)
})

test('the list of investigations and the settings have no serious barrier', async () => {
  const { page } = mika
  await welcome(mika, app.url)
  await expect(page.getByRole('listitem').first()).toBeVisible()
  await expectAccessible(page)
  await page.goto(`${app.url}/settings`)
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible()
  await expectAccessible(page)
})

test('the room has no serious barrier, whichever tab is open', async () => {
  const { page } = mika
  await page.goto(app.url)
  await page.getByRole('listitem').getByRole('link').first().click()
  await saved(page)
  room = page.url().replace(/\?.*/, '')
  await expect(page.getByRole('row').filter({ hasText: 'Grows every time' }).first()).toBeVisible()
  for (const tab of [/Growth/, /Snapshots/, 'Notes', 'Timeline']) {
    await page.getByRole('tab', { name: tab }).click()
    await expect(page.getByRole('tabpanel', { name: tab })).toBeVisible()
    await expect(page.getByText(/^(Loading|Opening) /)).toHaveCount(0)
    await expectAccessible(page)
  }
})

test('an opened hypothesis and the dialogs have no serious barrier', async () => {
  const { page } = mika
  await page
    .getByRole('region', { name: 'Hypotheses' })
    .getByRole('heading', { level: 3 })
    .first()
    .getByRole('button')
    .click()
  await expect(page.getByRole('textbox', { name: 'Why we think so' })).toBeVisible()
  await expectAccessible(page)
  for (const key of ['?', 'ControlOrMeta+k', 'm', 'l']) {
    await page.locator('body').press(key)
    await expect(page.getByRole('dialog')).toBeVisible()
    await expectAccessible(page, '[role=dialog]')
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toBeHidden()
  }
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByRole('dialog').getByText('No link is open')).toBeVisible()
  await expectAccessible(page, '[role=dialog]')
  await page.keyboard.press('Escape')
})

test('a capture’s page has no serious barrier', async () => {
  const { page } = mika
  await page.getByRole('tab', { name: /Snapshots/ }).click()
  await page
    .getByRole('tabpanel', { name: /Snapshots/ })
    .getByRole('link')
    .first()
    .click()
  await expect(page).toHaveURL(/captures/)
  await expect(page.getByRole('row').nth(3)).toBeVisible()
  await expectAccessible(page)
})

test('single keys do what the help says, and nothing while somebody types', async () => {
  const { page } = mika
  await page.goto(room)
  await saved(page)
  await page.locator('body').press('h')
  const hunch = page.getByRole('textbox', { name: 'New hunch' })
  await expect(hunch).toBeFocused()
  await page.keyboard.type('hp?n')
  await expect(hunch).toHaveValue('hp?n')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(hunch).toBeHidden()

  for (const [key, tab] of [
    ['s', /Snapshots/],
    ['n', 'Notes'],
    ['t', 'Timeline'],
    ['g', /Growth/],
  ] as const) {
    await page.locator('body').press(key)
    await expect(page.getByRole('tab', { name: tab })).toHaveAttribute('aria-selected', 'true')
  }
  await page.locator('body').press('d')
  await expect(page.getByRole('combobox', { name: 'Message' })).toBeFocused()
  await page.keyboard.type('Written with keys alone')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('log').getByText('Written with keys alone')).toBeVisible()
})

test('the palette finds and does by keyboard alone', async () => {
  const { page } = mika
  await page.locator('body').press('ControlOrMeta+k')
  await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused()
  await page.keyboard.type('theme: dark')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.locator('body').press('ControlOrMeta+k')
  await page.keyboard.type('theme: as the system')
  await page.keyboard.press('Enter')
  await page.locator('body').press('ControlOrMeta+k')
  await page.keyboard.type('timeline')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('tab', { name: 'Timeline' })).toHaveAttribute('aria-selected', 'true')
})

test('a row of the growth table is pinned as evidence by keyboard alone', async () => {
  const { page } = mika
  await addHunch(page, 'Pinned by keyboard')
  await page.locator('body').press('g')
  const rows = page.getByRole('tabpanel', { name: /Growth/ }).getByRole('row')
  await expect(rows.filter({ hasText: 'Grows every time' }).first()).toBeVisible()
  await tabTo(page, (focused) => focused.role === 'row' || focused.role === 'grid')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('p')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toBeVisible()
  await dialog.getByRole('radio', { name: /Pinned by keyboard/ }).focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  const board = page.getByRole('region', { name: 'Hypotheses' })
  await expect(
    board
      .getByRole('listitem')
      .or(board.getByRole('article'))
      .or(board)
      .getByRole('button', { name: /speaks for it/ })
      .last(),
  ).toBeVisible()
  await expect(hypothesis(page, 'Pinned by keyboard')).toBeVisible()
})

interface Focused {
  readonly role: string | null
  readonly name: string
  /** Can it be seen that it has the focus? */
  readonly isMarked: boolean
}

const focused = (page: Page): Promise<Focused> =>
  page.evaluate(() => {
    const element = document.activeElement
    if (!(element instanceof HTMLElement) || element === document.body)
      return { role: null, name: 'body', isMarked: true }
    const marks = (one: HTMLElement | null) => {
      if (!one) return false
      const style = getComputedStyle(one)
      return (
        (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0) ||
        style.boxShadow !== 'none'
      )
    }
    return {
      role: element.getAttribute('role') ?? element.tagName.toLowerCase(),
      name: (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 60),
      // A field may be marked by the frame around it.
      isMarked:
        marks(element) ||
        marks(element.parentElement) ||
        marks(element.closest('form, [class*=focus-within]')),
    }
  })

/** Presses Tab until `isIt`, at most 120 times. */
async function tabTo(page: Page, isIt: (one: Focused) => boolean): Promise<void> {
  for (let press = 0; press < 120; press++) {
    await page.keyboard.press('Tab')
    if (isIt(await focused(page))) return
  }
  throw new Error('the Tab key does not come there')
}

test('the Tab key reaches header, graph, tabs, tables, hypotheses and discussion in this order, and shows where it is', async () => {
  const { page } = mika
  await page.goto(`${room}?tab=growth`)
  await saved(page)
  await expect(page.getByRole('row').filter({ hasText: 'Grows every time' }).first()).toBeVisible()
  const seen: Focused[] = []
  for (let press = 0; press < 200; press++) {
    await page.keyboard.press('Tab')
    const one = await focused(page)
    if (one.name === 'body' && seen.length > 20) break
    seen.push(one)
  }
  expect(seen.filter((one) => !one.isMarked).map((one) => `${one.role} ${one.name}`)).toEqual([])
  const at = (is: (one: Focused) => boolean) => seen.findIndex(is)
  const places = [
    at((one) => one.name === 'Share'),
    at((one) => one.role === 'application'),
    at((one) => one.role === 'tab'),
    at((one) => one.role === 'row' || one.role === 'grid'),
    at((one) => one.name.startsWith('New hunch')),
    at((one) => one.name === 'Message'),
  ]
  expect(places).not.toContain(-1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
})

test('a dialog keeps the Tab key inside and gives the focus back', async () => {
  const { page } = mika
  const share = page.getByRole('button', { name: 'Share', exact: true })
  await share.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeVisible()
  for (let press = 0; press < 12; press++) {
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null)).toBe(true)
  }
  await page.keyboard.press('Escape')
  await expect(share).toBeFocused()

  // Opened by a key, the palette gives it back to wherever somebody was.
  const message = page.getByRole('combobox', { name: 'Message' })
  await message.fill('half a sentence')
  await page.keyboard.press('ControlOrMeta+k')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(message).toBeFocused()
  expect(mika.errors).toEqual([])
})
