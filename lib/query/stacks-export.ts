import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { STACK_KINDS, type StackMeasure, type StackProfile } from '#lib/stacks/stack-profile'
import { distinctWords, type Numbers, type RawColumn, writeParquet } from './parquet.ts'
import { sequence } from './sequence.ts'

/** Deeper stacks are cut in `frames`, at the outer end. */
const MAX_DEPTH = 512
/** Characters of all folded stacks together. */
const MAX_CHARACTERS = 256 * 1024 * 1024

const MEASURES: readonly (readonly [column: string, measure: StackMeasure])[] = [
  ['in_use_bytes', 'in-use-bytes'],
  ['in_use_blocks', 'in-use-blocks'],
  ['allocated_bytes', 'allocated-bytes'],
  ['allocated_blocks', 'allocated-blocks'],
]
const PLACE = `nullif(library, '') AS library, nullif(file, '') AS file, nullif(line, 0) AS line`

/** Writes stacks.parquet and frames.parquet: stacks are the nodes at which something was allocated. O(stacks × depth). */
export async function exportStacks(
  to: DuckDBConnection,
  profile: StackProfile,
  folder: string,
): Promise<void> {
  const { nodes, measures } = profile
  const held = MEASURES.map(([, measure]) => nodes.self[measure])
  const stacks: number[] = []
  for (let node = 1; node < nodes.count; node++) if (held.some((of) => of[node] !== 0)) stacks.push(node)

  const frames = framesOf(profile, stacks)
  const leaf = Uint32Array.from(stacks, (node) => nodes.frame[node]!)
  const known = MEASURES.map(([name, measure]) =>
    measures.includes(measure) ? `${name}::BIGINT AS ${name}` : `NULL::BIGINT AS ${name}`,
  )
  await writeParquet(
    to,
    join(folder, 'stacks.parquet'),
    {
      rows: stacks.length,
      columns: [
        { name: 'stack', values: sequence(stacks.length) },
        { name: 'frames', values: sequence(stacks.length), words: frames.folded },
        ...placeColumns(profile, leaf),
        {
          name: 'kind',
          values: Uint32Array.from(stacks, (node) => nodes.kind[node]!),
          words: STACK_KINDS,
        },
        { name: 'depth', values: frames.depths },
        ...MEASURES.map(([name, measure]) => ({
          name,
          values: Float64Array.from(stacks, (node) => nodes.self[measure][node]!),
        })),
      ],
    },
    `stack, frames, function, ${PLACE}, kind, depth, ${known.join(', ')}`,
  )
  await writeParquet(
    to,
    join(folder, 'frames.parquet'),
    {
      rows: frames.frame.length,
      columns: [
        { name: 'stack', values: frames.stack },
        { name: 'depth', values: frames.depth },
        ...placeColumns(profile, frames.frame),
      ],
    },
    `stack, depth, function, ${PLACE}`,
  )
}

/** The frames of each stack, outermost first, and the same as one text. */
function framesOf({ nodes, frames, strings }: StackProfile, stacks: readonly number[]) {
  const folded: string[] = []
  const depths = new Uint32Array(stacks.length)
  const stack: number[] = []
  const depth: number[] = []
  const frame: number[] = []
  let characters = 0
  for (const [at, node] of stacks.entries()) {
    const chain: number[] = []
    for (let above = node; above !== 0 && chain.length < MAX_DEPTH; above = nodes.parent[above]!)
      chain.push(nodes.frame[above]!)
    chain.reverse()
    depths[at] = chain.length
    for (const [step, of] of chain.entries()) {
      stack.push(at)
      depth.push(step + 1)
      frame.push(of)
    }
    const text = chain.map((of) => strings[frames.name[of]!] ?? '').join(';')
    folded.push(characters < MAX_CHARACTERS ? text.toWellFormed() : '')
    characters += text.length
  }
  return {
    folded,
    depths,
    stack: Uint32Array.from(stack),
    depth: Uint32Array.from(depth),
    frame: Uint32Array.from(frame),
  }
}

/** Function, library, file and line of frames. */
function placeColumns({ frames, strings }: StackProfile, of: Uint32Array): RawColumn[] {
  const pick = (column: Numbers) => Uint32Array.from(of, (frame) => column[frame]!)
  const named = (name: string, column: Numbers): RawColumn => ({
    name,
    ...distinctWords(of.length, (id) => strings[id] ?? '', pick(column), strings.length),
  })
  return [
    named('function', frames.name),
    named('library', frames.library),
    named('file', frames.file),
    { name: 'line', values: pick(frames.line) },
  ]
}
