import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A line between clients and a node that a test can cut. */
export interface Line {
  readonly url: string
  /** Ends every connection and takes no new one. */
  cut(): void
  /** Ends every connection; new ones get through. */
  drop(): void
  mend(): void
  close(): Promise<void>
}

/** Puts a line before `target`, which may change later (a node that starts again elsewhere). */
export async function lineTo(target: () => string): Promise<Line> {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((client) => {
    if (isCut) return void client.destroy()
    const { hostname, port } = new URL(target())
    const far = connect(Number(port), hostname)
    for (const [socket, other] of [
      [client, far],
      [far, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    client.pipe(far).pipe(client)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  // reason: a server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${port}`,
    drop,
    cut() {
      isCut = true
      drop()
    },
    mend() {
      isCut = false
    },
    async close() {
      isCut = true
      drop()
      await new Promise((closed) => server.close(closed))
    },
  }
}
