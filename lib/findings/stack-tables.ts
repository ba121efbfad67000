import { frameWords, ownNodes } from '#lib/stacks/own-frame'
import { kindWords, STACK_KINDS, type StackProfile } from '#lib/stacks/stack-profile'
import type { GroupTable } from './group-table.ts'

/** Allocation stacks as groups. */
export interface StackTables {
  /**
   * type = kind in words ("in use", "definitely lost"; "allocated" where nothing is known to be in use), class = the
   * function of the first frame that is not the platform's, site = its place. Count = blocks, 0 in profiles of bytes only.
   */
  readonly groups: GroupTable
  /** Does the profile count blocks? Without, growth is judged by bytes. */
  readonly hasCounts: boolean
}

const MAX_COUNT = 0xffffffff

/**
 * Boils a profile down to the table that growth compares. Indirectly lost records are left out: their bytes are in
 * the definitely lost ones. Groups without bytes are left out. O(nodes).
 */
export function stackTables(profile: StackProfile): StackTables {
  const { nodes, measures } = profile
  const isInUse = measures.some((measure) => measure.startsWith('in-use'))
  const bytesOf = nodes.self[isInUse ? 'in-use-bytes' : 'allocated-bytes']
  const blocksOf = nodes.self[isInUse ? 'in-use-blocks' : 'allocated-blocks']
  const own = ownNodes(profile)
  const rows = new Rows()
  for (let node = 1; node < nodes.count; node++) {
    const bytes = bytesOf[node] ?? 0
    const blocks = blocksOf[node] ?? 0
    const kind = STACK_KINDS[nodes.kind[node]!]!
    if ((bytes === 0 && blocks === 0) || kind === 'indirectly-lost') continue
    const type = kind === 'live' && !isInUse ? 'allocated' : kindWords(kind)
    const { name, file, line, library } = frameWords(profile, nodes.frame[own[node]!]!)
    rows.add({
      type,
      className: name || '(unknown)',
      file: file || library,
      line: file === '' ? 0 : line,
      blocks,
      bytes,
    })
  }
  return { groups: rows.table(), hasCounts: blocksOf.length > 0 }
}

interface Row {
  readonly type: string
  readonly className: string
  readonly file: string
  readonly line: number
  blocks: number
  bytes: number
}

/** Sums rows that are one group, and interns their words. */
class Rows {
  private readonly rows = new Map<string, Row>()

  add(row: Row): void {
    const key = `${row.type}\0${row.className}\0${row.file}\0${row.line}`
    const known = this.rows.get(key)
    if (known) {
      known.blocks += row.blocks
      known.bytes += row.bytes
    } else this.rows.set(key, row)
  }

  table(): GroupTable {
    // A difference of two profiles may sum below zero: the table knows no negative counts, and says so by 0.
    const rows = [...this.rows.values()].filter(({ bytes, blocks }) => bytes > 0 || blocks > 0)
    const types = new Words()
    const classes = new Words()
    const files = new Words([''])
    const sites = new Words(['\0\0'])
    const siteFile = [0]
    const siteLine = [0]
    const site = rows.map(({ file, line }) => {
      if (file === '') return 0
      const index = sites.of(`${file}\0${line}`)
      siteFile[index] = files.of(file)
      siteLine[index] = line
      return index
    })
    return {
      groups: rows.length,
      type: Uint8Array.from(rows, ({ type }) => types.of(type)),
      className: Uint32Array.from(rows, ({ className }) => classes.of(className)),
      site: Uint32Array.from(site),
      count: Uint32Array.from(rows, ({ blocks }) => Math.max(0, Math.min(MAX_COUNT, Math.round(blocks)))),
      bytes: Float64Array.from(rows, ({ bytes }) => Math.max(0, bytes)),
      typeNames: types.list(),
      classNames: classes.list(),
      files: files.list(),
      methods: [''],
      siteFile: Uint32Array.from(siteFile),
      siteLine: Int32Array.from(siteLine),
      siteMethod: new Uint32Array(siteFile.length),
    }
  }
}

class Words {
  private readonly ids: Map<string, number>

  constructor(first: readonly string[] = []) {
    this.ids = new Map(first.map((word, id) => [word, id]))
  }

  of(word: string): number {
    const known = this.ids.get(word)
    if (known !== undefined) return known
    const id = this.ids.size
    this.ids.set(word, id)
    return id
  }

  list(): string[] {
    return [...this.ids.keys()]
  }
}
