import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type EdgeDetails, type HeapSnapshot, NO_INDEX, WEAK_EDGE } from '#lib/heap/snapshot'
import { distinctWords, type RawColumn, writeParquet } from './parquet.ts'

const NONE = String(NO_INDEX)
const REFS = `from_object, nullif(to_object, ${NONE}) AS to_object, nullif(kind, '') AS kind, nullif(name, '') AS name,
  nullif(element, ${NONE}) AS element, weak <> 0 AS weak`

/** Writes refs.parquet: one row per reference, those of the class excepted (`objects.class_object`). O(references). */
export async function exportReferences(
  to: DuckDBConnection,
  snapshot: HeapSnapshot,
  folder: string,
): Promise<void> {
  const { objects, referenceStart, references } = snapshot
  const rows = referenceStart[objects]!
  const from = new Uint32Array(rows)
  for (let object = 0; object < objects; object++)
    from.fill(object, referenceStart[object]!, referenceStart[object + 1]!)
  const columns = [
    { name: 'from_object', values: from },
    { name: 'to_object', values: references },
    ...edgeColumns(snapshot, rows),
  ]
  await writeParquet(to, join(folder, 'refs.parquet'), { rows, columns }, REFS)
}

/** An object that has more properties than this is taken for a dictionary (OWN8): its keys are data of the program. */
const MOST_PROPERTIES = 32

/** Kind, name or number, and weakness; all empty where the dump tells nothing of its references. */
function edgeColumns(snapshot: HeapSnapshot, rows: number): RawColumn[] {
  const { edges, strings } = snapshot
  const element = new Uint32Array(rows).fill(NO_INDEX)
  const name = new Uint32Array(rows)
  const kind = new Uint32Array(rows)
  const weak = new Uint8Array(rows)
  for (let row = 0; edges && row < rows; row++) {
    const raw = edges.kind[row]!
    const of = raw & ~WEAK_EDGE
    kind[row] = of
    weak[row] = raw & WEAK_EDGE
    if (edges.numberedKinds.has(of)) element[row] = edges.name[row]!
    else name[row] = edges.name[row]!
  }
  if (edges) forgetKeys(snapshot, edges, name)
  return [
    { name: 'kind', values: kind, words: edges?.kindNames ?? [''] },
    { name: 'name', ...distinctWords(rows, (id) => strings.text(id), name, strings.count) },
    { name: 'element', values: element },
    { name: 'weak', values: weak },
  ]
}

/** Takes the names of a dictionary's properties away. */
function forgetKeys({ objects, referenceStart }: HeapSnapshot, edges: EdgeDetails, name: Uint32Array): void {
  const property = edges.kindNames.indexOf('property')
  const isProperty = (row: number): boolean => (edges.kind[row]! & ~WEAK_EDGE) === property
  for (let object = 0; object < objects; object++) {
    const [start, end] = [referenceStart[object]!, referenceStart[object + 1]!]
    if (end - start <= MOST_PROPERTIES) continue
    let properties = 0
    for (let row = start; row < end; row++) if (isProperty(row)) properties++
    if (properties <= MOST_PROPERTIES) continue
    for (let row = start; row < end; row++) if (isProperty(row)) name[row] = 0
  }
}
