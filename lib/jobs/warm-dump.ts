import { captureTables } from '#lib/findings/capture'
import { arraySource } from '#lib/formats/bytes/source'
import { scanSource } from '#lib/formats/format'
import { rubyObjspace } from '#lib/formats/ruby-objspace/index'

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

/** Reads such a dump from end to end once. About 30 ms when warm. */
export function warmUp(dump: Uint8Array): void {
  captureTables(scanSource(arraySource(dump, 1 << 18), rubyObjspace.scanner({ plainBytes: dump.length })))
}
