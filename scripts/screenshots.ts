// npx tsx scripts/screenshots.ts      Takes the pictures of the docs from the demo investigation: home, room and capture
// page, light, dark and on a phone, with two people inside. Needs a build (npm run build) and a Chromium.
import { mkdir } from 'node:fs/promises'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { startApp } from '#test/e2e/build/app'
import { requireChromium } from './chromium.mjs'

const FOLDER = 'docs/images'
const SCREENS = [
  { name: 'light', viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  { name: 'dark', viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  { name: 'phone', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
] as const

await mkdir(FOLDER, { recursive: true })
const app = await startApp()
const browser = await chromium.launch({
  executablePath: await requireChromium(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
})
try {
  const owner = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const room = await enter(owner)
  const guest = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  await join(guest, await shareLink(await owner.newPage(), room))
  const state = await owner.storageState()
  for (const { name, viewport, colorScheme } of SCREENS) {
    const context = await browser.newContext({ viewport, colorScheme, storageState: state })
    const page = await context.newPage()
    await take(page, app.url, `home-${name}`)
    await take(page, room, `room-${name}`)
    if (name !== 'phone') {
      await page.getByRole('tab', { name: 'Notes' }).click()
      await page.getByRole('textbox', { name: 'Notes' }).waitFor()
      await take(page, undefined, `notes-${name}`)
    }
    const capture = page.locator('a[href*="/captures/"]').last()
    await page.goto(`${room}?tab=snapshots`)
    await page.goto(new URL((await capture.getAttribute('href')) ?? '', app.url).href)
    await page.getByRole('grid').waitFor()
    await take(page, undefined, `capture-${name}`)
    await openHolder(page)
    await take(page, undefined, `dominators-${name}`)
    await context.close()
  }
} finally {
  await browser.close()
  await app.stop()
}

/** The first visitor; gives the address of the demo room once its captures have been read. */
async function enter(context: BrowserContext): Promise<string> {
  const page = await context.newPage()
  await page.goto(app.url)
  await page.getByLabel('Your name').fill('Ada')
  await page.keyboard.press('Enter')
  const link = page.locator('a[href^="/i/"]').first()
  await link.waitFor({ timeout: 60_000 })
  await link.click()
  await page.getByRole('row').filter({ hasText: 'Grows every time' }).first().waitFor({ timeout: 90_000 })
  return new URL(page.url()).origin + new URL(page.url()).pathname
}

/** The treemap of the dominators, coloured by growth, with the array that keeps the audit trail beside it. */
async function openHolder(page: Page): Promise<void> {
  const since = await page
    .getByLabel('Compare with another capture')
    .locator('option')
    .nth(4)
    .getAttribute('value')
  await page.goto(`${page.url().replace(/\?.*/, '')}?tab=dominators&since=${since ?? ''}`)
  await page.getByRole('button', { name: /^module AuditTrail, / }).waitFor()
  const row = page.getByRole('row').filter({ hasText: 'module AuditTrail' })
  await row.getByRole('button', { name: 'Go into module AuditTrail' }).click()
  await page.getByRole('row').filter({ hasText: 'Array' }).first().click()
  await page.getByRole('heading', { name: 'Array of 10,500' }).waitFor()
  await page.getByRole('navigation', { name: 'Owner path' }).getByRole('button', { name: 'root' }).click()
}

async function shareLink(page: Page, room: string): Promise<string> {
  await page.goto(room)
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByRole('button', { name: 'Make a link' }).click()
  const link = await page.getByLabel('The link', { exact: true }).inputValue()
  await page.close()
  return link
}

async function join(context: BrowserContext, link: string): Promise<void> {
  const page = await context.newPage()
  await page.goto(link)
  await page.getByLabel('Your name').fill('Grace')
  await page.locator('form button[type=submit]').click()
  const graph = page.getByRole('application')
  await graph.waitFor()
  const box = await graph.boundingBox()
  if (box) await page.mouse.move(box.x + box.width * 0.55, box.y + box.height * 0.5)
}

async function take(page: Page, address: string | undefined, name: string): Promise<void> {
  if (address) await page.goto(address)
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(() => document.fonts.status === 'loaded')
  if (name.startsWith('room') && !name.endsWith('phone'))
    await page.getByRole('row').filter({ hasText: 'Grows every time' }).first().waitFor()
  await page.mouse.move(0, 0)
  await page.screenshot({ path: `${FOLDER}/${name}.png`, animations: 'disabled' })
}
