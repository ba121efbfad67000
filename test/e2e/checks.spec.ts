import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { type App, startApp } from './build/app.ts'
import { violations } from './build/axe.ts'
import { attachRead } from './build/captures.ts'
import { arrive, hypothesis, joinByLink, openRoom, type Person, shareLink, welcome } from './build/people.ts'

/* Claims in numbers on a hypothesis: tested by the room, again when something comes, and seen by everybody at once. */
let app: App
let mika: Person
let vera: Person
let folder: string

test.beforeAll(async ({ browser }) => {
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  vera = await arrive(browser, 'Vera')
  folder = await mkdtemp(join(tmpdir(), 'leakroom-checks-'))
})
test.afterAll(async () => {
  await app?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A small Ruby heap with so many entries of the audit trail. */
async function dumpOf(entries: number): Promise<string> {
  const address = (number: number) => `0x7f${(0x1000 + 40 * number).toString(16).padStart(10, '0')}`
  const held = Array.from({ length: entries }, (_, i) => address(i + 2))
  const lines = [
    { type: 'ROOT', root: 'vm', references: [address(0), address(1)] },
    { address: address(0), type: 'CLASS', name: 'AuditTrail::Entry', references: [], memsize: 600 },
    { address: address(1), type: 'ARRAY', length: entries, references: held, memsize: 40 + 8 * entries },
    ...held.map((own) => ({ address: own, type: 'OBJECT', class: address(0), ivars: 2, memsize: 40 })),
  ]
  const path = join(folder, `after-${entries}.json`)
  await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return path
}
const checks = (page: Page) => page.getByRole('list', { name: 'Checks' }).getByRole('listitem')

test('a check is made by a form, tested when captures come, corrected, taken away and brought back', async () => {
  await welcome(mika, app.url)
  await openRoom(mika, app.url, 'Ruby grows')
  const room = mika.page.url().replace(/\?.*/, '')
  await joinByLink(vera, await shareLink(mika, 'viewer'))
  const { page } = mika
  await page
    .getByRole('button', { name: /New hunch|Add a hunch/ })
    .first()
    .click()
  await page.getByLabel('New hunch').fill('The audit trail keeps its entries')
  await page.getByLabel('New hunch').press('Enter')
  await page.getByLabel('New hunch').press('Escape')
  await hypothesis(page, 'The audit trail keeps its entries').getByRole('button').click()

  await page.getByRole('button', { name: 'Add a check' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a check' })
  await dialog.getByLabel('What is claimed').selectOption({ label: 'Objects in captures' })
  await dialog.getByRole('button', { name: 'Add the check' }).click()
  await expect(dialog.getByRole('alert')).toHaveText('Say which one.')
  await expect(dialog.getByLabel('Class', { exact: true })).toBeFocused()
  await dialog.getByLabel('Class', { exact: true }).fill('AuditTrail::Entry')
  expect(await violations(page)).toEqual([])
  await expect(dialog).toContainText('The room will test: Count of AuditTrail::Entry grows every time')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  const section = page.getByRole('region', { name: 'Checks' })
  await expect(section).toContainText('Untested Count of AuditTrail::Entry grows every time')
  await expect(section).toContainText('Missing A capture of the process.')
  // Vera looks on: she sees it at once, and changes nothing.
  await expect(checks(vera.page)).toContainText('Untested Count of AuditTrail::Entry grows every time')

  await attachRead(mika, room, await Promise.all([2500, 6500, 10_500].map(dumpOf)))
  await expect(checks(vera.page)).toContainText('Supported Count of AuditTrail::Entry grows every time', {
    timeout: 30_000,
  })
  await hypothesis(vera.page, 'The audit trail keeps its entries').getByRole('button').click()
  const seen = vera.page.getByRole('region', { name: 'Checks' })
  await expect(seen).toContainText('2,500 → 6,500 → 10,500')
  await expect(
    seen.getByRole('button', { name: /Add a check|Change the check|Remove the check/ }),
  ).toHaveCount(0)

  expect(await violations(vera.page)).toEqual([])

  // What it rests on is one click away.
  await seen.getByRole('button', { name: 'Show the 3 captures' }).click()
  await expect(vera.page).toHaveURL(/tab=growth.*q=AuditTrail/)

  await hypothesis(page, 'The audit trail keeps its entries').getByRole('button').click()
  await page.getByRole('button', { name: /Change the check/ }).click()
  await page.getByRole('dialog').getByLabel('Claim', { exact: true }).selectOption({ label: 'does not grow' })
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await expect(seen).toContainText('Contradicted Count of AuditTrail::Entry does not grow')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(seen).toContainText('Supported Count of AuditTrail::Entry grows every time')
  await page.getByRole('button', { name: /Remove the check/ }).click()
  await expect(checks(vera.page)).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await expect(seen).toContainText('Supported Count of AuditTrail::Entry grows every time')

  expect(mika.errors).toEqual([])
  expect(vera.errors).toEqual([])
})
