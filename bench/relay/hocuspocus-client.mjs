import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { drive } from './drive.mjs'

const [url, plan] = [process.argv[2], JSON.parse(process.argv[3])]
const join = async (room) => {
  const websocketProvider = new HocuspocusProviderWebsocket({ url, WebSocketPolyfill: WebSocket })
  const document = new Y.Doc()
  const provider = new HocuspocusProvider({ websocketProvider, name: `room-${room}-${plan.name}`, document })
  provider.attach()
  await new Promise((resolve) => provider.on('synced', resolve))
  return {
    doc: document,
    close() {
      provider.destroy()
      websocketProvider.destroy()
    },
  }
}
console.log(JSON.stringify(await drive(plan, join)))
process.exit(0)
