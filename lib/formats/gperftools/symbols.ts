import type { FrameFacts } from '#lib/stacks/builder'
import { frameAt } from '../bytes/addresses.ts'
import type { MemoryMap } from '../bytes/memory-map.ts'

/**
 * The part that `jeprof --raw` and `pprof --raw` put before a profile: "--- symbol", "binary=…", one line per address
 * ("0x000055a63c075568 mc_make_error<000000000000154b>", inlined functions joined by "--"), "---", "--- heap".
 */
export interface SymbolReader {
  /** Takes a line before the profile's own header; false when it is none of this part. */
  add(line: string): boolean
  /** Addresses that have names. */
  readonly count: number
  readonly binary: string
  /** Was there such a part at all? */
  readonly wasSeen: boolean
  /** The frame at the first of these addresses that has a name, else where the first one is mapped. */
  frameAt(map: MemoryMap, addresses: readonly [number, ...number[]]): FrameFacts
}

const SYMBOL = /^0x([0-9a-f]{1,16}) (\S.*)$/i
const MAX_SYMBOLS = 2_000_000

export function symbolReader(): SymbolReader {
  const names = new Map<number, string>()
  let binary = ''
  let wasSeen = false
  return {
    get count() {
      return names.size
    },
    get binary() {
      return binary
    },
    get wasSeen() {
      return wasSeen
    },
    add(line) {
      if (/^--- ?(?:symbol|heap|growth)?\s*$/.test(line)) {
        wasSeen ||= line.includes('symbol')
        return true
      }
      if (line.startsWith('binary=')) {
        binary = line.slice(7).trim()
        return true
      }
      const match = SYMBOL.exec(line)
      if (!match) return false
      if (names.size < MAX_SYMBOLS) names.set(Number.parseInt(match[1] ?? '', 16), nameOf(match[2] ?? ''))
      return true
    },
    frameAt(map, addresses) {
      const found = addresses.find((address) => names.has(address))
      const name = found === undefined ? undefined : names.get(found)
      const object = map.at(found ?? addresses[0])?.object
      if (name === undefined) return frameAt(map, addresses[0])
      return object === undefined ? { name } : { name, object }
    },
  }
}

/** The innermost of inlined functions, without the start address that jeprof adds when it guessed. */
const nameOf = (text: string): string =>
  (text.split('--', 1)[0] ?? '').replace(/<[0-9a-f]{8,16}>\s*$/, '').trim()
