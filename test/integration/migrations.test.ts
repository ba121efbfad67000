import { spawnSync } from 'node:child_process'
import { expect, inject, it } from 'vitest'
import { cloneDatabase } from '#test/build/postgres'

it('the migrations make exactly the database that the models describe', async () => {
  const { url, drop } = await cloneDatabase(inject('templateUrl'))
  const diff = spawnSync(
    'node_modules/.bin/prisma',
    ['migrate', 'diff', '--from-config-datasource', '--to-schema', 'prisma', '--exit-code'],
    { env: { ...process.env, DATABASE_URL: url }, encoding: 'utf8', timeout: 60_000 },
  )
  await drop()
  expect(`${diff.stdout}${diff.stderr}`).toContain('No difference detected')
  expect(diff.status).toBe(0)
}, 90_000)
