// node --import tsx test/build/start-embedded.ts FOLDER      Starts the database, says where it is, and stays.
import { startEmbedded } from '#lib/db/embedded'

const { url, adopted, pid } = await startEmbedded(process.argv[2]!)
console.log(JSON.stringify({ url, adopted, pid: pid ?? 0 }))
setInterval(() => {}, 1e6)
