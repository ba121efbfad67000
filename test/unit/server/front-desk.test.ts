import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FrontDesk } from '#lib/server/front-desk'

let desk: FrontDesk
let server: Server
let said: string[]
let agent: Agent
let handle: () => Promise<void>

beforeEach(async () => {
  said = []
  desk = new FrontDesk(pino({ level: 'warn' }, { write: (line) => void said.push(line) }))
  agent = new Agent({ keepAlive: true, maxSockets: 1 })
  server = createServer((asked, response) =>
    desk.take(asked, response, async () => {
      await handle()
      response.end('done')
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  agent.destroy()
  server.closeAllConnections()
  server.close()
})

async function ask(): Promise<IncomingMessage & { text: string }> {
  // reason: a server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ port, host: '127.0.0.1', agent }, resolve).once('error', reject).end()
  })
  return Object.assign(answer, { text: (await buffer(answer)).toString() })
}

describe('the front desk of a node', () => {
  it('turns requests away when it is closed, with 503 and when to come again', async () => {
    handle = async () => {}
    expect((await ask()).text).toBe('done')
    desk.close()
    const { statusCode, headers, text } = await ask()
    expect(statusCode).toBe(503)
    expect(headers).toMatchObject({ 'retry-after': '2', connection: 'close', 'cache-control': 'no-store' })
    expect(JSON.parse(text)).toEqual({
      code: 'server/restarting',
      sentence: 'The server restarts. Try again in a few seconds.',
    })
    expect(await desk.idle(1000)).toBe(0)
  })

  it('waits for what it has taken, and no longer than it is told', async () => {
    let goOn = () => {}
    const begun = new Promise<void>((isBegun) => {
      handle = () =>
        new Promise((resolve) => {
          goOn = resolve
          isBegun()
        })
    })
    const answer = ask()
    await begun
    desk.close()
    expect(await desk.idle(5)).toBe(1)
    goOn()
    expect((await answer).text).toBe('done')
    expect(await desk.idle(10_000)).toBe(0)
  })

  it('is not held up by a request that breaks, and logs it once', async () => {
    handle = () => Promise.reject(new Error('broken'))
    await expect(ask()).rejects.toThrow()
    expect(await desk.idle(10_000)).toBe(0)
    expect(said).toHaveLength(1)
    expect(said[0]).toContain('a request broke')
  })
})
