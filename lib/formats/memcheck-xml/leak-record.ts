import type { StackKind } from '#lib/stacks/stack-profile'

/** One frame as Valgrind writes it; only `ip` is always there. */
export interface XmlFrame {
  ip: string
  obj: string
  fn: string
  dir: string
  file: string
  line: string
}

/** One `<error>`, as far as it has been read. */
export interface ErrorRecord {
  unique: string
  kind: string
  /** `<what>`, or `<xwhat><text>`. */
  text: string
  leakedBytes: string
  leakedBlocks: string
  frames: XmlFrame[]
  /** Stacks so far: only the first one says where memory was allocated. */
  stacks: number
}

export const emptyRecord = (): ErrorRecord => ({
  unique: '',
  kind: '',
  text: '',
  leakedBytes: '',
  leakedBlocks: '',
  frames: [],
  stacks: 0,
})

export const emptyFrame = (): XmlFrame => ({ ip: '', obj: '', fn: '', dir: '', file: '', line: '' })

const KINDS = new Map<string, StackKind>([
  ['Leak_DefinitelyLost', 'definitely-lost'],
  ['Leak_IndirectlyLost', 'indirectly-lost'],
  ['Leak_PossiblyLost', 'possibly-lost'],
  ['Leak_StillReachable', 'still-reachable'],
])

/** A leak record's numbers. */
export interface Leak {
  readonly kind: StackKind
  /** Definitely lost: with the indirectly lost bytes behind them. */
  readonly bytes: number
  readonly blocks: number
  /** Of `bytes`, those of the blocks themselves and of what hangs below them; only where Valgrind tells them apart. */
  readonly direct: number | undefined
  readonly indirect: number | undefined
  /** "loss record N of M": a number that does not rise begins another leak check. */
  readonly lossRecord: number | undefined
}

/**
 * The leak that a record tells; 'other' for errors of other kinds, undefined for a leak without readable numbers.
 * "3,175,500 (120,000 direct, 3,055,500 indirect) bytes in 3,000 blocks …" has thousands separators; the elements do not.
 */
export function leakOf(record: ErrorRecord): Leak | 'other' | undefined {
  const kind = KINDS.get(record.kind)
  if (kind === undefined) return record.kind.startsWith('Leak_') ? undefined : 'other'
  const parts = /([\d,]+) direct, ([\d,]+) indirect/.exec(record.text)
  const words = /^\s*([\d,]+)(?: \([^)]*\))? bytes in ([\d,]+) blocks/.exec(record.text)
  const bytes = wholeNumber(record.leakedBytes) ?? wholeNumber(words?.[1])
  const blocks = wholeNumber(record.leakedBlocks) ?? wholeNumber(words?.[2])
  if (bytes === undefined || blocks === undefined) return undefined
  const direct = wholeNumber(parts?.[1])
  const lossRecord = wholeNumber(/loss record ([\d,]+) of/.exec(record.text)?.[1])
  return { kind, bytes, blocks, direct, indirect: wholeNumber(parts?.[2]), lossRecord }
}

/** "1,234" and "1234"; undefined for anything else. */
export function wholeNumber(text: string | undefined): number | undefined {
  const digits = text?.trim().replaceAll(',', '')
  return digits !== undefined && /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}

/** A path as Valgrind splits it: the directory is shown only where the file alone would not tell. */
export function sourceOf({ dir, file }: XmlFrame): string {
  if (file === '') return ''
  // Paths of packages (gems, crates, modules) name their library; others stay short, as Valgrind's own text shows them.
  return /\/(?:gems|node_modules|registry\/src|pkg\/mod|site-packages|dist-packages)\//.test(`${dir}/`)
    ? `${dir}/${file}`
    : file
}
