import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { drive } from './drive.mjs'

const [url, plan] = [process.argv[2], JSON.parse(process.argv[3])]
const join = async (room) => {
  const doc = new Y.Doc()
  const provider = new WebsocketProvider(url, `room-${room}-${plan.name}`, doc, {
    WebSocketPolyfill: WebSocket,
    disableBc: true,
  })
  await new Promise((resolve) => provider.on('sync', resolve))
  return { doc, close: () => provider.destroy() }
}
console.log(JSON.stringify(await drive(plan, join)))
process.exit(0)
