import { expect, test } from '@playwright/test'
import { type App, startApp } from './build/app.ts'
import {
  arrive,
  attach,
  goToEnd,
  hypothesis,
  joinByLink,
  openRoom,
  openText,
  type Person,
  saved,
  shareLink,
  welcome,
} from './build/people.ts'

/*
 * The story of the product, in one piece: two people, one memory graph, three captures, one suspect, one hypothesis with
 * evidence, and a server that is killed in the middle. Each step needs the one before it.
 */
test.describe.configure({ mode: 'serial' })

const DUMPS = ['1-warm', '2-after-4000', '3-after-8000'].map(
  (name) => `prisma/demo/ruby-small/trace-${name}.json.gz`,
)
const GRAPH = 'prisma/demo/article/rss-3phase.csv'
const CLAIM = 'The audit trail keeps an entry per request'

let app: App
let mika: Person
let wes: Person

test.beforeAll(async ({ browser }) => {
  app = await startApp({ SEED_DEMO: '0' })
  mika = await arrive(browser, 'Mika')
  wes = await arrive(browser, 'Wes')
})
test.afterAll(async () => {
  await app?.stop()
})

test('one opens a room and shares the link, the other joins and both see each other', async () => {
  await welcome(mika, app.url)
  await openRoom(mika, app.url, 'App servers grow past 16 GiB')
  await joinByLink(wes, await shareLink(mika, 'editor'))
  await expect(wes.page.getByRole('heading', { name: 'App servers grow past 16 GiB' })).toBeVisible()
  await expect(mika.page.getByRole('button', { name: /Here now:.*Wes/ })).toBeVisible()
  await expect(wes.page.getByRole('button', { name: /Here now:.*Mika/ })).toBeVisible()
})

test('one attaches three real dumps, the other sees them become ready without a reload', async () => {
  await wes.page.getByRole('tab', { name: /Snapshots/ }).click()
  await attach(mika, ...DUMPS)
  for (const name of ['trace-1-warm', 'trace-2-after-4000', 'trace-3-after-8000']) {
    await expect(wes.page.getByText(name).first()).toBeVisible()
  }
  await wes.page.getByRole('tab', { name: /Growth/ }).click()
  const rows = wes.page.getByRole('row').filter({ hasText: 'Grows every time' })
  await expect(rows).toHaveCount(9, { timeout: 60_000 })
  for (const row of await rows.all()) {
    await expect(row).toContainText(/audit_trail\.rb|quote_memo\.rb|timev|journey\/router\/utils\.rb:65/)
  }
})

test('one attaches a real memory graph, and it appears on the other page with its reading', async () => {
  await attach(mika, GRAPH)
  await mika.page
    .getByRole('dialog')
    .getByRole('button', { name: /^(Add|Store|Attach|Put)/ })
    .click()
  await expect(
    wes.page.getByRole('group', { name: 'Series' }).getByRole('button', { name: 'RSS', exact: true }),
  ).toBeVisible()
  await expect(wes.page.getByRole('region', { name: 'Memory graph' })).toContainText('highest 113.1 MiB')
  await expect(wes.page.getByText('Grew, then stopped')).toBeVisible()
})

test('both type in the same hypothesis, and each reads the other', async () => {
  await mika.page.getByRole('button', { name: /^New hunch/ }).click()
  await mika.page.getByRole('textbox', { name: 'New hunch' }).fill(CLAIM)
  await mika.page.keyboard.press('Enter')
  await expect(hypothesis(wes.page, CLAIM)).toBeVisible()

  const hers = await openText(mika.page, CLAIM, 'Why we think so')
  const his = await openText(wes.page, CLAIM, 'Why we think so')
  await hers.click()
  await mika.page.keyboard.type('One entry per request. ')
  await expect(his).toContainText('One entry per request.')
  await goToEnd(his)
  await wes.page.keyboard.type('None is ever freed.')
  await expect(hers).toContainText('None is ever freed.')
  await saved(mika.page)
  await saved(wes.page)
})

test('one pins a growth row and a range of the graph as evidence, the other sees both', async () => {
  const { page } = mika
  await page.getByRole('tab', { name: /Growth/ }).click()
  await page.getByRole('row').filter({ hasText: 'AuditTrail::Entry' }).first().click()
  await page.keyboard.press('p')
  await page
    .getByRole('dialog')
    .getByRole('radio', { name: new RegExp(CLAIM) })
    .check()
  await page.getByRole('dialog').getByRole('button', { name: 'Pin', exact: true }).click()
  await expect(page.getByRole('dialog')).toBeHidden()

  await page.getByRole('button', { name: /Drag selects a range/ }).click()
  const graph = await page.getByRole('application').boundingBox()
  if (!graph) throw new Error('the graph is not on the page')
  await page.mouse.move(graph.x + graph.width * 0.4, graph.y + graph.height / 2)
  await page.mouse.down()
  await page.mouse.move(graph.x + graph.width * 0.7, graph.y + graph.height / 2, { steps: 8 })
  await page.mouse.up()
  await page
    .getByRole('region', { name: 'Memory graph' })
    .getByRole('button', { name: 'Pin as evidence' })
    .click()
  await page
    .getByRole('dialog')
    .getByRole('radio', { name: new RegExp(CLAIM) })
    .check()
  await page
    .getByRole('dialog')
    .getByRole('textbox', { name: 'What it shows' })
    .fill('RSS climbs while memcached is down')
  await page.getByRole('dialog').getByRole('radio', { name: 'Against' }).check()
  await page.getByRole('dialog').getByRole('button', { name: 'Pin', exact: true }).click()

  // Closed, the card shows its evidence as chips with their stance.
  await hypothesis(wes.page, CLAIM).getByRole('button').click()
  const board = wes.page.getByRole('region', { name: 'Hypotheses' })
  await expect(board.getByRole('button', { name: /AuditTrail::Entry.*speaks for it/ })).toBeVisible()
  await expect(board.getByRole('button', { name: /RSS climbs.*speaks against it/ })).toBeVisible()
})

test('the server is killed with -9 in the middle of it: nothing that was saved is lost, and what was typed meanwhile arrives', async () => {
  const hers = await openText(mika.page, CLAIM, 'Why we think so')
  await goToEnd(hers)
  await mika.page.keyboard.type(' Written before the crash.')
  await saved(mika.page)
  await app.kill9()
  await expect(mika.page.getByRole('status').filter({ hasText: /Offline/ })).toBeVisible()
  await goToEnd(hers)
  await mika.page.keyboard.type(' Written while it was down.')
  await app.restart()

  await saved(mika.page)
  const his = await openText(wes.page, CLAIM, 'Why we think so')
  await expect(his).toContainText('Written before the crash. Written while it was down.')

  await wes.page.reload()
  const again = await openText(wes.page, CLAIM, 'Why we think so')
  await expect(again).toContainText('One entry per request.')
  await expect(again).toContainText('None is ever freed.')
  await expect(again).toContainText('Written while it was down.')
  await expect(wes.page.getByRole('row').filter({ hasText: 'Grows every time' })).toHaveCount(9)
})

test('the discussion keeps its order, survives a reload, and the timeline tells who did what', async () => {
  const say = async ({ page }: Person, words: string) => {
    await page.getByRole('combobox', { name: 'Message' }).fill(words)
    await page.keyboard.press('Enter')
  }
  await say(mika, 'The pattern vanished once my stack matched production.')
  await expect(wes.page.getByText('The pattern vanished once')).toBeVisible()
  await say(wes, 'Shut memcached down: RSS spiked at once.')
  await expect(mika.page.getByText('RSS spiked at once')).toBeVisible()
  await mika.page.reload()
  const words = mika.page.getByText(/The pattern vanished once|RSS spiked at once/)
  await expect(words).toHaveText([/pattern vanished/, /spiked at once/])
  await mika.page.getByRole('tab', { name: 'Timeline' }).click()
  await expect(mika.page.getByRole('tabpanel', { name: 'Timeline' })).toContainText('Wes')
  await expect(mika.page.getByRole('tabpanel', { name: 'Timeline' })).toContainText(CLAIM)
})

test('a pin is a permanent link that brings anyone to the same view', async () => {
  await openText(mika.page, CLAIM, 'Why we think so')
  const evidence = mika.page.getByRole('region', { name: 'Evidence' }).getByRole('listitem')
  const row = evidence.filter({ hasText: 'AuditTrail::Entry' })
  await row.getByRole('button', { name: 'Copy the permanent link' }).click()
  const link = await mika.page.evaluate(() => navigator.clipboard.readText())
  expect(link).toContain('?pin=')
  await wes.page.goto(link)
  await expect(wes.page.getByRole('tab', { name: /Growth/ })).toHaveAttribute('aria-selected', 'true')
  await expect(wes.page.getByRole('row', { selected: true })).toContainText('AuditTrail::Entry')
})

test('no page broke on the way', () => {
  expect([...mika.errors, ...wes.errors]).toEqual([])
})
