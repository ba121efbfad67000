import { basename } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { attach, openRoom, type Person, saved } from './people.ts'

/** A room's card of the capture that came from a file. */
export const card = (page: Page, file: string) =>
  page
    .getByRole('tabpanel', { name: /Snapshots/ })
    .getByRole('listitem')
    .filter({ has: page.getByTitle(basename(file), { exact: true }) })

export const inspector = (page: Page) => page.getByRole('region', { name: 'The selected object' })

/** What the growth tab accuses. */
export const suspects = (page: Page) => page.getByRole('region', { name: 'Suspects' }).getByRole('listitem')

/** Hands files to a room as the file chooser would, and waits until each is read. */
export async function attachRead(person: Person, room: string, files: readonly string[]): Promise<void> {
  const { page } = person
  await page.goto(`${room}?tab=snapshots`)
  await saved(page)
  await attach(person, ...files)
  for (const file of files) await expect(card(page, file)).toContainText(/read in/, { timeout: 60_000 })
}

/** Opens a room with captures that are read, and gives its address. */
export async function roomWith(
  person: Person,
  url: string,
  title: string,
  files: readonly string[],
): Promise<string> {
  await openRoom(person, url, title)
  const room = person.page.url().replace(/\?.*/, '')
  await attachRead(person, room, files)
  return room
}

/** Opens the growth tab by clicking, and waits for its answer. */
export async function openGrowth(page: Page): Promise<void> {
  await page.getByRole('tab', { name: /Growth/ }).click()
  await expect(page.getByText(/^The whole heap:/)).toBeVisible({ timeout: 60_000 })
}

/** Opens the capture of a file by its card. */
export async function openCapture(page: Page, room: string, file: string): Promise<void> {
  await page.goto(`${room}?tab=snapshots`)
  await card(page, file).getByRole('link').first().click()
  await expect(page.getByRole('navigation', { name: 'Views of this capture' })).toBeVisible()
}

export const openView = (page: Page, name: string) =>
  page
    .getByRole('navigation', { name: 'Views of this capture' })
    .getByRole('link', { name, exact: true })
    .click()
