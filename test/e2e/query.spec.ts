import { expect, type Page, test } from '@playwright/test'
import { type App, startApp } from './build/app.ts'
import { arrive, type Person, saved, welcome } from './build/people.ts'

/* SQL over a capture of the demo, from the keyboard to the file. */
test.describe.configure({ mode: 'serial' })

let app: App
let mika: Person

test.beforeAll(async ({ browser }) => {
  app = await startApp()
  mika = await arrive(browser, 'Mika')
})
test.afterAll(async () => {
  await app?.stop()
})

const editor = (page: Page) => page.getByLabel('SQL', { exact: true })
const answered = (page: Page) => page.getByRole('status').filter({ hasText: /\d rows?[.,]/ })

async function write(page: Page, sql: string): Promise<void> {
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(sql)
}

test('a statement is written, run, drawn, saved, linked and downloaded', async () => {
  test.setTimeout(180_000)
  const { page } = mika
  await page.goto(app.url)
  await welcome(mika, app.url)
  await page.getByRole('listitem').getByRole('link').first().click()
  await saved(page)
  await page.goto(`${page.url().replace(/\?.*/, '')}?tab=snapshots`)
  const link = page.locator('a[href*="/captures/"]').last()
  const capture = new URL((await link.getAttribute('href')) ?? '', app.url)
  await page.goto(`${capture.origin}${capture.pathname}`)
  await page.getByRole('link', { name: 'Query', exact: true }).click()

  await write(
    page,
    `SELECT class, count(*) AS objects, min(object) AS object FROM objects
     WHERE class = 'String' GROUP BY class`,
  )
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(answered(page)).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole('grid')).toContainText(/String[\d,]{5,}/)
  await page.getByRole('grid').getByRole('button', { name: /^\d+$/ }).click()
  await expect(page.getByText('What keeps it alive')).toBeVisible({ timeout: 30_000 })

  await page.getByRole('button', { name: 'Chart' }).click()
  await expect(page.getByText('objects by class')).toBeVisible()

  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByLabel('What it asks').fill('How many strings')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('button', { name: 'How many strings', exact: true })).toBeVisible()
  await expect(page).toHaveURL(/query=/)
  await page.reload()
  await expect(page.getByText('objects by class')).toBeVisible({ timeout: 60_000 })

  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV' }).click(),
  ])
  expect(csv.suggestedFilename()).toMatch(/query\.csv$/)
})

test('a fault has its place, an escape its refusal, and what takes too long can be cancelled', async () => {
  test.setTimeout(120_000)
  const { page } = mika
  await write(page, 'SELECT nothing\nFROM objects')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(page.getByText('Line 1, column 8:')).toBeVisible({ timeout: 30_000 })
  await write(page, `SELECT * FROM read_text('/etc/passwd')`)
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(page.getByText(/“read_text” cannot be used here/)).toBeVisible({ timeout: 30_000 })
  await write(page, 'SELECT count(*) FROM range(1000000000000) WHERE range % 7 = 8')
  await page.keyboard.press('ControlOrMeta+Enter')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByText('Cancelled.')).toBeVisible()
})
