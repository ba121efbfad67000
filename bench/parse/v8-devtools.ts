/** Reads a snapshot with all that DevTools does before it shows one; Chrome does it on two threads, this on one. */
import { closeSync, openSync, readSync } from 'node:fs'
import { devToolsHeap } from '#test/build/devtools'

function* pieces(path: string): Iterable<string> {
  const file = openSync(path, 'r')
  const buffer = new Uint8Array(1 << 22)
  const decoder = new TextDecoder()
  for (;;) {
    const count = readSync(file, buffer, 0, buffer.length, null)
    if (count === 0) break
    yield decoder.decode(buffer.subarray(0, count), { stream: true })
  }
  closeSync(file)
}

const heap = await devToolsHeap(pieces(process.argv[2]!), { movesSizes: true, infersInterfaces: true })
const peakBytes = process.resourceUsage().maxRSS * 1024
console.log(JSON.stringify({ peakBytes, found: `${heap.nodeCount.toLocaleString('en-US')} nodes` }))
