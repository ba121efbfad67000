import { UserError } from '#lib/errors/user-error'
import type { GroupTable } from '#lib/findings/group-table'
import { stackTables } from '#lib/findings/stack-tables'
import type { StackProfile } from '#lib/stacks/stack-profile'
import { latin1 } from './bytes/text-lines.ts'
import { describeForeign } from './foreign.ts'
import { SNIFF_BYTES } from './format.ts'
import { gperftools } from './gperftools/index.ts'
import { jemalloc } from './jemalloc/index.ts'
import { massif } from './massif/index.ts'
import { memcheckXml } from './memcheck-xml/index.ts'
import { pprof } from './pprof/index.ts'
import type { StackFormat } from './stack-format.ts'
import { v8Heapprofile } from './v8-heapprofile/index.ts'

/** Every format of allocation stacks that we read. */
export const STACK_FORMATS: readonly StackFormat[] = [
  memcheckXml,
  massif,
  gperftools,
  jemalloc,
  v8Heapprofile,
  pprof,
]

/** "a, b and c": what may be uploaded as allocation stacks, for sentences that end "Leakroom reads …". */
export const readableStackFormats = (): string => {
  const all = STACK_FORMATS.map((format) => format.readable)
  return `${all.slice(0, -1).join(', ')} and ${all.at(-1)}, plain, .gz or .zst`
}

/** The format of a file that starts with these plain bytes; `undefined` when none knows it. Never throws. */
export function stackFormatOf(head: Uint8Array, fileName: string): StackFormat | undefined {
  return STACK_FORMATS.find((format) => format.recognises(head.subarray(0, SNIFF_BYTES), fileName))
}

/** A file of allocation stacks, read. */
export interface StackReading {
  readonly format: { readonly id: string; readonly label: string }
  readonly profile: StackProfile
  /** The groups that growth is computed of, as for heap captures. */
  readonly groups: GroupTable
}

/**
 * Reads a whole plain file of allocation stacks. `head` is its front (SNIFF_BYTES are enough); the name is only a hint.
 * @throws UserError format/unknown, format/empty, format/truncated
 */
export function readStacks(content: Uint8Array, head: Uint8Array, fileName: string): StackReading {
  const format = formatBehindSymbols(content, fileName) ?? stackFormatOf(head, fileName)
  if (!format)
    throw new UserError('format/unknown', {
      looksLike: describeForeign(head),
      readable: readableStackFormats(),
    })
  const profile = format.parse(content)
  return { format: { id: format.id, label: format.label }, profile, groups: stackTables(profile).groups }
}

const HEAP_MARK = new TextEncoder().encode('\n--- heap')

/** Names of addresses may stand before a profile (jeprof --raw): what stands behind them decides what it is. */
function formatBehindSymbols(content: Uint8Array, fileName: string): StackFormat | undefined {
  if (!latin1(content.subarray(0, 10)).startsWith('--- symbol')) return undefined
  for (let at = content.indexOf(0x0a); at >= 0; at = content.indexOf(0x0a, at + 1)) {
    if (HEAP_MARK.every((byte, offset) => content[at + offset] === byte)) {
      const start = content.indexOf(0x0a, at + 1) + 1
      return start === 0 ? undefined : stackFormatOf(content.subarray(start, start + SNIFF_BYTES), fileName)
    }
  }
  return undefined
}
