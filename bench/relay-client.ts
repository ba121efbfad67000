import { connectDatabase } from '#lib/db/client'
import { buildRoom, type TestRoom } from '#test/build/room'
import { isSaved, joinSynced } from '#test/build/sockets'
import { drive } from './relay/drive.mjs'

const [url = '', text = '{}', databaseUrl = ''] = process.argv.slice(2)
const plan = JSON.parse(text)
const database = connectDatabase(databaseUrl)
const rooms: TestRoom[] = []
for (let i = 0; i < plan.rooms; i++) rooms.push(await buildRoom(`bench ${i}`))
const join = async (index: number) => {
  const room = await joinSynced({ url }, rooms[index]!.owner)
  return {
    doc: room.document.doc,
    saved: (tell: () => void) => room.document.status.subscribe(() => isSaved(room) && tell()),
    close: () => room.close(),
  }
}
console.log(JSON.stringify(await drive(plan, join)))
await database.close()
process.exit(0)
