import { captureTables } from '#lib/findings/capture'
import { growth } from '#lib/findings/growth'
import { arraySource } from '#lib/formats/bytes/source'
import { scanSource } from '#lib/formats/format'
import { rubyObjspace } from '#lib/formats/ruby-objspace/index'
import { retention } from '#lib/heap/retention'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import { answer } from '#lib/questions/answer'
import { OpenedHeap } from '#lib/questions/opened-heap'

const TYPES = ['STRING', 'ARRAY', 'HASH', 'OBJECT', 'DATA', 'IMEMO'] as const
const OBJECTS = 20_000

/**
 * Text that looks like a Ruby dump, so that a worker's scanner is compiled before the first real file comes: without
 * it a first file takes about twice as long. Made, not stored: 3 MB would be a lot to carry for this.
 */
export function warmDump(objects = OBJECTS): Uint8Array {
  const lines = ['{"type":"ROOT", "root":"vm", "references":["0x7f0000000028", "0x7f0000000050"]}']
  for (let object = 1; object <= objects; object++) {
    const address = `0x${(0x7f0000000000 + object * 40).toString(16)}`
    const target = `0x${(0x7f0000000000 + ((object * 7919) % objects) * 40).toString(16)}`
    const type = TYPES[object % TYPES.length]!
    const value = type === 'STRING' ? `"bytesize":12, "value":"key ${String(object).padStart(8, '0')}", ` : ''
    lines.push(
      `{"address":"${address}", "type":"${type}", "class":"${target}", ${value}"references":["${target}"], "file":"app/models/item_${object % 50}.rb", "line":${object % 300}, "method":"call", "generation":${20 + (object % 9)}, "memsize":${40 + (object % 5) * 8}, "flags":{"wb_protected":true, "old":true, "uncollectible":true, "marked":true}}`,
    )
  }
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}

const scanned = (dump: Uint8Array): HeapSnapshot =>
  scanSource(arraySource(dump, 1 << 18), rubyObjspace.scanner({ plainBytes: dump.length }))

/**
 * One small file's scanner, graph and tables, kept as long as the thread. V8 throws optimized code away with the last
 * object of a shape that it was compiled for: without these, each collection between two files made the next one start
 * cold (measured: 60–100 ms of 1,050 for a dump of 545 MB).
 */
const kept: unknown[] = []
const KEPT_OBJECTS = 300

/** Reads such a dump from end to end once, up to its tables. About 40 ms when warm. */
export function warmUp(dump: Uint8Array): void {
  if (kept.length === 0) keepShapes()
  const snapshot = scanned(dump)
  captureTables(snapshot, retention(snapshot))
}

function keepShapes(): void {
  const dump = warmDump(KEPT_OBJECTS)
  const scanner = rubyObjspace.scanner({ plainBytes: dump.length })
  const snapshot = scanSource(arraySource(dump, 1 << 18), scanner)
  const dominators = retention(snapshot)
  kept.push(scanner, snapshot, dominators, captureTables(snapshot, dominators))
}

/** Asks such a dump what people ask first, and compares it with itself. About 60 ms when warm. */
export function warmUpQuestions(dump: Uint8Array): void {
  const snapshot = scanned(dump)
  const heap = new OpenedHeap(snapshot, retention(snapshot))
  const page = { offset: 0, limit: 50 }
  answer(heap, { ask: 'object', object: 1 })
  answer(heap, { ask: 'largest', ...page })
  answer(heap, {
    ask: 'members',
    table: 'classes',
    group: snapshot.strings.text(snapshot.className[1]!),
    ...page,
  })
  const { groups, identities, owners } = captureTables(snapshot, heap.retention)
  growth([
    { groups, identities, owners },
    { groups, identities, owners },
  ])
}
