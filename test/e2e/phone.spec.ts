import { expect, type Locator, type Page, test } from '@playwright/test'
import { type App, startApp } from './build/app.ts'
import {
  arrive,
  attach,
  expectWords,
  hypothesis,
  openRoom,
  type Person,
  saved,
  shareLink,
  welcome,
} from './build/people.ts'

/* The room on a phone, 390 pixels wide, beside a colleague at a desk. */
test.describe.configure({ mode: 'serial' })

let app: App
let mika: Person
let phone: Person

test.beforeAll(async ({ browser }) => {
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  await welcome(mika, app.url)
  await openRoom(mika, app.url, 'App servers grow past 16 GiB after the deploy on Monday night')
  phone = await arrive(browser, 'Wes', { viewport: { width: 390, height: 844 } })
})
test.afterAll(async () => {
  await app?.stop()
})

/** Each panel by its button in the bar at the thumb, and what must be seen in it. */
const PANELS: readonly (readonly [name: string, content: (page: Page) => Locator])[] = [
  ['Graph', (page) => page.getByRole('application')],
  [
    'Growth',
    (page) =>
      page
        .getByRole('tabpanel', { name: /Growth/ })
        .getByRole('row')
        .first(),
  ],
  ['Snapshots', (page) => page.getByRole('listitem', { name: /1-end-of-up/ })],
  ['Notes', (page) => page.getByRole('textbox', { name: 'Notes', exact: true })],
  ['Hypotheses', (page) => hypothesis(page, 'The cache connection leaks')],
  ['Discussion', (page) => page.getByRole('combobox', { name: 'Message' })],
  ['Timeline', (page) => page.getByText(/attached/).first()],
]

const panels = (page: Page) => page.getByRole('navigation', { name: 'Panels' })
const show = (page: Page, panel: string) =>
  panels(page).getByRole('button', { name: panel, exact: true }).click()

/** The page itself never scrolls sideways; what is wider scrolls inside its own box. */
async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(width).toBeLessThanOrEqual(390)
}

/** Buttons that a thumb would miss: below 32 pixels in height or 24 in width. Handles to drag have their menu beside. */
const tooSmall = (page: Page) =>
  page.evaluate(() =>
    [
      ...document.querySelectorAll<HTMLElement>(
        'button:not(.touch-none), select, input:not([type=checkbox], [type=radio])',
      ),
    ]
      .filter((element) => element.checkVisibility() && !element.closest('.prose-room, p, [hidden]'))
      .flatMap((element) => {
        const { width, height } = element.getBoundingClientRect()
        const name = element.getAttribute('aria-label') ?? element.textContent ?? ''
        if (width === 0 || height === 0 || (height >= 32 && width >= 24)) return []
        return [`${name.trim().slice(0, 40)}: ${Math.round(width)}×${Math.round(height)}`]
      }),
  )

test('a link opens the room on a phone, without scrolling sideways', async () => {
  await phone.page.goto(await shareLink(mika, 'editor'))
  await expectNoSidewaysScroll(phone.page)
  await phone.page.getByLabel('Your name').fill('Wes')
  await phone.page.locator('form button[type=submit]').click()
  await expect(panels(phone.page)).toBeVisible()
  await saved(phone.page)
})

test('every panel is one tap away, fits the width and has buttons for a thumb', async () => {
  const { page } = phone
  await attach(mika, 'prisma/demo/article/1-end-of-up.json.gz', 'prisma/demo/article/2-end-of-down.json.gz')
  await mika.page.getByRole('tab', { name: /Snapshots/ }).click()
  await expect(mika.page.getByText(/objects · .* heap/)).toHaveCount(2, { timeout: 60_000 })
  await attach(mika, 'prisma/demo/article/rss-3phase.csv')
  await mika.page
    .getByRole('dialog')
    .getByRole('button', { name: /^(Add|Store|Attach|Put)/ })
    .click()
  await mika.page.getByRole('button', { name: /^New hunch/ }).click()
  await mika.page.getByRole('textbox', { name: 'New hunch' }).fill('The cache connection leaks')
  await mika.page.keyboard.press('Enter')

  for (const [panel, content] of PANELS) {
    await show(page, panel)
    await expect(content(page)).toBeVisible()
    await expect(panels(page).getByRole('button', { name: panel, exact: true })).toHaveAttribute(
      'aria-current',
      'page',
    )
    await expectNoSidewaysScroll(page)
    expect(await tooSmall(page), panel).toEqual([])
  }
})

test('a message, a hunch and a note are written with the phone', async () => {
  const { page } = phone
  await show(page, 'Discussion')
  await page.getByRole('combobox', { name: 'Message' }).fill('Seen from the train')
  await page.getByRole('button', { name: 'Send' }).click()
  await expect(mika.page.getByText('Seen from the train')).toBeVisible()

  await show(page, 'Hypotheses')
  await page.getByRole('button', { name: /^New hunch/ }).click()
  await page.getByRole('textbox', { name: 'New hunch' }).fill('Thought of on the train')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(hypothesis(mika.page, 'Thought of on the train')).toBeVisible()

  await show(page, 'Notes')
  await page.getByRole('textbox', { name: 'Notes', exact: true }).click()
  await page.keyboard.type('Written on the train')
  await mika.page.getByRole('tab', { name: 'Notes' }).click()
  await expectWords(mika.page.getByRole('textbox', { name: 'Notes', exact: true }), 'Written on the train')
  await saved(page)
})

test('dialogs, the list of investigations and the settings fit the phone', async () => {
  const { page } = phone
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectNoSidewaysScroll(page)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Commands', exact: true }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectNoSidewaysScroll(page)
  await page.keyboard.press('Escape')
  await show(page, 'Snapshots')
  await page.getByRole('link', { name: '1-end-of-up' }).first().click()
  await expect(page).toHaveURL(/captures/)
  await expect(page.getByRole('row').first()).toBeVisible()
  await expectNoSidewaysScroll(page)
  for (const path of ['/', '/settings']) {
    await page.goto(app.url + path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expectNoSidewaysScroll(page)
  }
  expect([...mika.errors, ...phone.errors]).toEqual([])
})
