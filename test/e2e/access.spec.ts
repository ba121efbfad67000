import { expect, test } from '@playwright/test'
import { type App, startApp } from './build/app.ts'
import {
  addHunch,
  arrive,
  expectWords,
  goToEnd,
  hypothesis,
  invite,
  openNotes,
  openRoom,
  type Person,
  saved,
  saveState,
  shareLink,
  welcome,
} from './build/people.ts'

/* Who gets in, who may do what, and what somebody sees who may not. Each step goes on from the one before it. */
test.describe.configure({ mode: 'serial' })

const TITLE = 'Workers grow over night'
const CLAIM = 'The session store never expires'

let app: App
let mika: Person
let room: string

test.beforeAll(async ({ browser }) => {
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
})
test.afterAll(async () => {
  await app?.stop()
})

test('of two first visitors at once one comes in, the other is told whom to ask', async ({ browser }) => {
  const late = await arrive(browser, 'Late')
  await late.page.goto(app.url)
  await expect(late.page.getByRole('heading', { name: 'Welcome to Leakroom' })).toBeVisible()
  await welcome(mika, app.url)
  await late.page.getByLabel('Your name').fill('Late')
  await late.page.getByRole('button', { name: 'Come in' }).click()
  await expect(late.page.getByText('Somebody was here first')).toBeVisible()
  await late.page.goto(app.url)
  await expect(late.page).toHaveURL(/sign-in/)
  await late.context.close()
})

test('somebody without a session is asked to sign in and learns nothing about the room', async ({
  browser,
}) => {
  await openRoom(mika, app.url, TITLE)
  await addHunch(mika.page, CLAIM)
  const notes = await openNotes(mika.page)
  await notes.click()
  await mika.page.keyboard.type('Only members read this.')
  await saved(mika.page)
  room = new URL(mika.page.url()).pathname

  const unknown = await arrive(browser, 'Unknown')
  await unknown.page.goto(app.url + room)
  await expect(unknown.page).toHaveURL(/sign-in/)
  expect(await unknown.page.content()).not.toContain(TITLE)
  for (const path of ['/export', '/growth', '/series']) {
    const answer = await unknown.page.request.get(`${app.url}/api/investigations${room.slice(2)}${path}`)
    expect(answer.status(), path).toBe(401)
  }
  await unknown.context.close()
})

test('a guest of one room finds nothing at the address of another', async ({ browser }) => {
  await openRoom(mika, app.url, 'Another room')
  const gil = await invite(browser, mika, 'Gil')
  await gil.page.goto(app.url + room)
  await expect(gil.page.getByText('There is nothing here')).toBeVisible()
  expect(await gil.page.content()).not.toContain(TITLE)
  const answer = await gil.page.request.get(`${app.url}/api/investigations${room.slice(2)}/export`)
  expect(answer.status()).toBe(404)
  expect(await answer.text()).not.toContain('Only members')
  await gil.context.close()
})

test('a viewer reads everything live and can change nothing', async ({ browser }) => {
  await mika.page.goto(app.url + room)
  const vera = await invite(browser, mika, 'Vera', 'viewer')
  const { page } = vera
  await expect(hypothesis(page, CLAIM)).toBeVisible()
  await expect(saveState(page)).toHaveText('Read only')
  for (const name of [/^New hunch/, 'Share', /^Attach/]) {
    await expect(page.getByRole('button', { name, exact: typeof name === 'string' })).toHaveCount(0)
  }
  await expect(page.getByText('You can read along')).toBeVisible()

  const notes = await openNotes(page)
  await expect(notes).toHaveAttribute('contenteditable', 'false')
  await notes.click()
  await page.keyboard.type('fuzzy')
  await page.keyboard.press('h')
  await expect(page.getByRole('textbox', { name: 'New hunch' })).toBeHidden()
  await expectWords(notes, 'Only members read this.')

  const hers = await openNotes(mika.page)
  await goToEnd(hers)
  await mika.page.keyboard.type(' Live.')
  await expectWords(notes, 'Only members read this. Live.')

  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).not.toContainText('New hunch')
  await page.keyboard.press('Escape')
  await vera.context.close()
})

test('a file of a viewer is refused with a sentence, by the page and by the server', async ({ browser }) => {
  const vera = await invite(browser, mika, 'Vera', 'viewer')
  const { page } = vera
  await page
    .getByTestId('attach-files')
    .setInputFiles({ name: 'heap.json', mimeType: 'application/json', buffer: Buffer.from('{}') })
  await expect(page.getByText('You can look but not change anything here')).toBeVisible()
  const answer = await page.request.post(`${app.url}/api/investigations${room.slice(2)}/uploads`, {
    headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': '2', Origin: app.url },
  })
  expect(answer.status()).toBe(403)
  await page.getByRole('tab', { name: /Snapshots/ }).click()
  await expect(page.getByText('No heap snapshots yet')).toBeVisible()
  expect(vera.errors).toEqual([])
  await vera.context.close()
})

test('revoking a link closes the room at once for whoever came by it, and for nobody else', async ({
  browser,
}) => {
  const wes = await invite(browser, mika, 'Wes', 'editor')
  const vera = await invite(browser, mika, 'Vera', 'viewer')
  await expect(saveState(wes.page)).toHaveText('Saved')

  await mika.page.getByRole('button', { name: 'Share', exact: true }).click()
  const links = mika.page.getByRole('region', { name: 'Links of this room' })
  await links
    .getByRole('listitem')
    .filter({ hasText: 'editor' })
    .first()
    .getByRole('button', { name: 'Revoke' })
    .click()
  await expect(
    wes.page.getByRole('alert').filter({ hasText: 'Your access to this room has ended' }),
  ).toBeVisible()
  await expect(saveState(wes.page)).toHaveText('No access any more')
  await mika.page.keyboard.press('Escape')

  await addHunch(mika.page, 'Said after Wes had gone')
  await expect(hypothesis(vera.page, 'Said after Wes had gone')).toBeVisible()
  await expect(hypothesis(wes.page, 'Said after Wes had gone')).toHaveCount(0)
  await wes.page.reload()
  await expect(wes.page.getByText('There is nothing here')).toBeVisible()
  await wes.context.close()
  await vera.context.close()
})

test('a link that was revoked lets nobody in', async ({ browser }) => {
  const link = await shareLink(mika, 'viewer')
  await mika.page.getByRole('button', { name: 'Share', exact: true }).click()
  const links = mika.page.getByRole('region', { name: 'Links of this room' })
  const revoke = links.getByRole('button', { name: 'Revoke' })
  await expect(revoke.first()).toBeVisible()
  for (let left = await revoke.count(); left > 0; left--) {
    await revoke.first().click()
    await expect(revoke).toHaveCount(left - 1)
  }
  const late = await arrive(browser, 'Late')
  await late.page.goto(link)
  await expect(late.page.getByRole('heading', { name: 'This link has ended' })).toBeVisible()
  await late.context.close()
  expect(mika.errors).toEqual([])
})
