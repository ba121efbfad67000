import { textLines } from '../bytes/text-lines.ts'

/** One moment of a massif file. */
export interface MassifSnapshot {
  time: number
  heapBytes: number
  extraBytes: number
  stackBytes: number
  /** Stacks come with `detailed` and `peak` ones. */
  tree: 'empty' | 'detailed' | 'peak'
  /** Lines of its tree as they stand in the file; dropped again for all but the last one and some before it. */
  lines: string[]
}

export interface MassifFile {
  readonly header: ReadonlyMap<string, string>
  readonly snapshots: readonly MassifSnapshot[]
  readonly skipped: number
  readonly endsMidway: boolean
}

/** Massif itself keeps at most 1,000 (--max-snapshots); heaptrack writes one a second or so. */
const MAX_SNAPSHOTS = 100_000
const MAX_TREE_LINES = 2_000_000

const HEADER = /^(desc|cmd|time_unit): ?(.*)$/
const FIELD = /^(snapshot|time|mem_heap_B|mem_heap_extra_B|mem_stacks_B|heap_tree)=(.*)$/
const TREE_LINE = /^ *n\d+: /

/**
 * Reads a file into moments. The header may stand anywhere (heaptrack's -M writes it last); of the trees the last
 * one is kept and an even choice of those before it, for a file of a long run has hundreds.
 */
export function readSnapshots(content: Uint8Array): MassifFile {
  const header = new Map<string, string>()
  const snapshots: MassifSnapshot[] = []
  let now: MassifSnapshot | undefined
  const trees = new KeptTrees()
  let skipped = 0
  let lastLine = ''
  for (const line of textLines(content)) {
    lastLine = line
    if (TREE_LINE.test(line)) {
      if (now && now.lines.length < MAX_TREE_LINES) now.lines.push(line)
      else skipped++
      if (now) trees.sawLineOf(now)
      continue
    }
    const field = FIELD.exec(line)
    if (field) {
      const [, name = '', value = ''] = field
      if (name === 'snapshot') {
        now = { time: 0, heapBytes: 0, extraBytes: 0, stackBytes: 0, tree: 'empty', lines: [] }
        if (snapshots.length < MAX_SNAPSHOTS) snapshots.push(now)
        else skipped++
      } else if (!now || !setField(now, name, value)) skipped++
      continue
    }
    const head = HEADER.exec(line)
    if (head) header.set(head[1] ?? '', head[2] ?? '')
    else if (line !== '' && !line.startsWith('#')) skipped++
  }
  return { header, snapshots, skipped, endsMidway: isMidway(content, lastLine, now, header) }
}

/** Trees kept beside the last one: as many as a course over the run needs, of together as many lines as are read at once. */
const MAX_TREES = 64
const MAX_KEPT_LINES = 200_000

/** Drops the lines of every other tree whenever there are too many, as massif itself does with its moments. */
class KeptTrees {
  private kept: MassifSnapshot[] = []
  private last: MassifSnapshot | undefined
  private lines = 0
  /** Only every so many trees are kept from here on. */
  private step = 1
  private seen = 0

  sawLineOf(snapshot: MassifSnapshot): void {
    if (snapshot === this.last) return
    if (this.last) this.finish(this.last)
    this.last = snapshot
  }

  private finish(tree: MassifSnapshot): void {
    if (this.seen++ % this.step !== 0) {
      tree.lines = []
      return
    }
    this.kept.push(tree)
    this.lines += tree.lines.length
    while (this.kept.length > 0 && (this.kept.length > MAX_TREES || this.lines > MAX_KEPT_LINES)) this.halve()
  }

  private halve(): void {
    this.step *= 2
    for (const [index, tree] of this.kept.entries())
      if (index % 2 === 1 || this.kept.length === 1) tree.lines = []
    this.kept = this.kept.filter(({ lines }) => lines.length > 0)
    this.lines = this.kept.reduce((sum, { lines }) => sum + lines.length, 0)
  }
}

function setField(snapshot: MassifSnapshot, name: string, value: string): boolean {
  if (name === 'heap_tree') {
    if (value !== 'empty' && value !== 'detailed' && value !== 'peak') return false
    snapshot.tree = value
    return true
  }
  const number = /^\d{1,18}(?:\.\d+)?$/.test(value) ? Number(value) : undefined
  if (number === undefined) return false
  if (name === 'time') snapshot.time = number
  else if (name === 'mem_heap_B') snapshot.heapBytes = number
  else if (name === 'mem_heap_extra_B') snapshot.extraBytes = number
  else snapshot.stackBytes = number
  return true
}

/** Every line is written with its end, and every moment ends with its tree, which says how many lines it has. */
function isMidway(
  content: Uint8Array,
  lastLine: string,
  last: MassifSnapshot | undefined,
  header: ReadonlyMap<string, string>,
): boolean {
  if (!header.has('time_unit') || last === undefined) return true
  if (content.at(-1) !== 0x0a || lastLine.startsWith('#-')) return true
  return last.tree === 'empty'
    ? !/^(?:heap_tree=empty|desc: |cmd: |time_unit: )/.test(lastLine)
    : last.lines.length === 0 || (header.get('time_unit') !== HEAPTRACK_UNIT && isShort(last.lines))
}

/** heaptrack announces children that it does not write. */
const HEAPTRACK_UNIT = 's'

/** Each line says how many follow below it, so a whole tree has one more line than all of them announce. */
function isShort(lines: readonly string[]): boolean {
  let announced = 1
  for (const line of lines) announced += Number(/^ *n(\d{1,9}): /.exec(line)?.[1] ?? 0)
  return lines.length < Math.min(announced, MAX_TREE_LINES)
}
