/** Which file is mapped where, from lines of /proc/PID/maps. */
export interface MemoryMap {
  /** Adds a line; false when it is none. Mappings without a file are known, too: they end their neighbours. */
  add(line: string): boolean
  /** The mapped file and the offset in it; undefined outside of all mappings. */
  at(address: number): { readonly object: string; readonly offset: number } | undefined
}

const LINE = /^\s*([0-9a-f]{1,16})-([0-9a-f]{1,16})\s+[-rwxsp]{4}\s+([0-9a-f]{1,16})\s+\S+\s+\d+\s*(.*)$/

/** At most so many mappings are kept: no process has more (vm.max_map_count is 65,530). */
const MAX_MAPPINGS = 200_000

/** An empty map. Addresses are doubles: exact below 2^53, which user space is. */
export function memoryMap(): MemoryMap {
  const mappings: { start: number; end: number; offset: number; object: string }[] = []
  let isSorted = true
  return {
    add(line) {
      const match = LINE.exec(line)
      if (!match) return false
      const [, start = '', end = '', offset = '', object = ''] = match
      if (mappings.length < MAX_MAPPINGS)
        mappings.push({
          start: Number.parseInt(start, 16),
          end: Number.parseInt(end, 16),
          offset: Number.parseInt(offset, 16),
          object: object.trim(),
        })
      isSorted = false
      return true
    },
    at(address) {
      if (!isSorted) {
        mappings.sort((a, b) => a.start - b.start)
        isSorted = true
      }
      let low = 0
      let high = mappings.length
      while (low < high) {
        const middle = (low + high) >> 1
        if (mappings[middle]!.start <= address) low = middle + 1
        else high = middle
      }
      const found = mappings[low - 1]
      if (!found || address >= found.end) return undefined
      return { object: found.object, offset: address - found.start + found.offset }
    },
  }
}
