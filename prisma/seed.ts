// npx tsx prisma/seed.ts      Gives every team that has no demo investigation one. Needs DATABASE_URL and DATA_DIR.
import { asTeamWriter, teamAccessOf } from '#lib/auth/gate'
import { connectDatabase } from '#lib/db/client'
import { restoreDemo, seedDemo } from '#lib/demo/seed-demo'
import { UserId } from '#lib/investigation/ids'

const url = process.env.DATABASE_URL
if (!url) throw new Error('Set DATABASE_URL to the database that the server runs on.')
const make = process.argv.includes('--restore') ? restoreDemo : seedDemo

const say = (line: string) => process.stdout.write(`${line}\n`)

const database = connectDatabase(url)
try {
  const owners = await database.prisma.member.findMany({ where: { role: 'owner' }, include: { user: true } })
  const teams = new Map(owners.map((member) => [member.organizationId, member.user]))
  if (teams.size === 0) say('There is no team yet: the first visitor’s team gets its demo by itself.')
  for (const [teamId, owner] of teams) {
    const access = await teamAccessOf({ userId: UserId.parse(owner.id), name: owner.name }, teamId)
    if (!access) continue
    // No reader runs here: the captures wait in their rows, and the next start of the server reads them.
    const id = await make(asTeamWriter(access), { enqueue: async () => {} })
    say(`${teamId}: ${id}`)
  }
} finally {
  await database.close()
}
