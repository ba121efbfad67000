import { Server } from '@hocuspocus/server'

const server = new Server({ port: Number(process.env.PORT), quiet: true })
await server.listen()
console.log(`ready ws://127.0.0.1:${process.env.PORT}`)
