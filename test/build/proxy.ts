import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A line between clients and a node that a test can cut. */
export interface Line {
  readonly url: string
  /** Ends every connection and takes no new one. */
  cut(): void
  /** Ends every connection; new ones get through. */
  drop(): void
  /**
   * Lets so many chunks more through in one direction (a chunk is about a frame, the handshake too), swallows the next and
   * ends every connection; once.
   */
  dropAfter(direction: 'up' | 'down', chunks: number): void
  /** Did that drop happen? */
  hasDropped(): boolean
  mend(): void
  close(): Promise<void>
}

/** Puts a line before `target`, which may change later (a node that starts again elsewhere). */
export async function lineTo(target: () => string): Promise<Line> {
  const sockets = new Set<Socket>()
  let isCut = false
  let fuse: { readonly direction: 'up' | 'down'; left: number } | undefined
  const server = createServer((client) => {
    if (isCut) return void client.destroy()
    const { hostname, port } = new URL(target())
    const far = connect(Number(port), hostname)
    for (const [socket, other, direction] of [
      [client, far, 'up'],
      [far, client, 'down'],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.on('data', (chunk) => {
        if (fuse?.direction === direction && fuse.left-- === 0) {
          fuse = undefined
          drop()
        } else other.write(chunk)
      })
    }
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
    dropAfter(direction, chunks) {
      fuse = { direction, left: chunks }
    },
    hasDropped: () => fuse === undefined,
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
