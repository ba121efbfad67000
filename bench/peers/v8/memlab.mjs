/** Reads a snapshot with memlab: indexes, dominators and retained sizes. */
import { getFullHeapFromFile } from '@memlab/heap-analysis'

const heap = await getFullHeapFromFile(process.argv[2])
const peakBytes = process.resourceUsage().maxRSS * 1024
console.log(JSON.stringify({ peakBytes, found: `${heap.nodes.length.toLocaleString('en-US')} nodes` }))
process.exit(0)
