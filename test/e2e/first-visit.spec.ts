import { expect, test } from '@playwright/test'
import { startApp } from './build/app.ts'

const DEMO = 'Memory climbs when memcached goes away'
const ON_ITS_WAY = 'The demo is being put together …'

test.describe('the first visitor', () => {
  test('does not wait for the demo, and sees it as soon as it is there', async ({ page }) => {
    const app = await startApp()
    try {
      await page.goto(app.url)
      await page.getByRole('textbox').first().fill('Mia')
      await page.getByRole('button', { name: 'Come in' }).click()
      await expect(page.getByRole('heading', { name: 'What is growing?' })).toBeVisible()
      await expect(page.getByText(DEMO)).toBeVisible()
      await expect(page.getByText(ON_ITS_WAY)).toHaveCount(0)
      await expect(page.getByRole('button', { name: 'Restore the demo' })).toHaveCount(0)
    } finally {
      await app.stop()
    }
  })

  test('gets the whole demo from the next start when the server is killed while making it', async ({
    page,
  }) => {
    const app = await startApp()
    try {
      await page.goto(app.url)
      await page.getByRole('textbox').first().fill('Mia')
      await page.getByRole('button', { name: 'Come in' }).click()
      await expect(page.getByText(ON_ITS_WAY)).toBeVisible()
      await app.kill9()
      await app.restart()
      await page.goto(app.url)
      await expect(page.getByText(DEMO)).toBeVisible()
      await expect(page.getByText(ON_ITS_WAY)).toHaveCount(0)
    } finally {
      await app.stop()
    }
  })
})
