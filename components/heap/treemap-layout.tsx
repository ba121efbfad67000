import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy'
import type { OwnerLevel, OwnerLine } from '#lib/reports/objects'

/** A rectangle of the map, in pixels. */
export interface Tile {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Null: everything that is too small for a tile of its own. */
  readonly line: OwnerLine | null
  readonly retainedBytes: number
  /** How many paths it stands for. */
  readonly paths: number
}

/** More tiles than this cannot be told apart, however large the map is. */
const MOST_TILES = 60
/** A tile with a side of fewer pixels can neither be read nor pressed. */
const THINNEST = 9
/** The tile of all that is smaller is the way to it: it gets at least this many pixels. */
const THINNEST_REST = 26

/**
 * The children of an owner path as rectangles whose areas are their retained bytes (Bruls, Huizing and van Wijk 2000,
 * squarified). Those that would be too thin to see or to press are one tile, which may be a little larger than its
 * share. O(children log children), a few times.
 */
export function tilesOf(
  { children, rest }: Pick<OwnerLevel, 'children' | 'rest'>,
  width: number,
  height: number,
): Tile[] {
  if (width < 1 || height < 1) return []
  let big = children
    .filter(({ retainedBytes }) => retainedBytes > 0)
    .toSorted((a, b) => b.retainedBytes - a.retainedBytes)
    .slice(0, MOST_TILES)
  // Every round folds at least one more line away.
  for (;;) {
    const shown = new Set(big)
    const small = children.filter((line) => !shown.has(line))
    const tiles = laidOut(
      big,
      { bytes: bytesOf(small) + rest.retainedBytes, paths: small.length + rest.paths },
      width,
      height,
    )
    const thin = new Set(tiles.flatMap((tile) => (tile.line && isThin(tile) ? [tile.line] : [])))
    // A lone tile is the whole map, however thin that is.
    if (thin.size === 0 || big.length === 1) return tiles
    // The largest stays: something has to be shown.
    big = big.filter((line, at) => at === 0 || !thin.has(line))
    if (thin.size === 1 && big[0] !== undefined && thin.has(big[0])) return tiles
  }
}

const isThin = ({ width, height }: Tile): boolean => Math.min(width, height) < THINNEST
const bytesOf = (lines: readonly OwnerLine[]): number =>
  lines.reduce((sum, { retainedBytes }) => sum + retainedBytes, 0)

function laidOut(
  big: readonly OwnerLine[],
  smaller: { readonly bytes: number; readonly paths: number },
  width: number,
  height: number,
): Tile[] {
  const total = bytesOf(big) + smaller.bytes
  if (total <= 0) return []
  const leaves: Leaf[] = big.map((line) => ({ line, bytes: line.retainedBytes, paths: 1 }))
  if (smaller.bytes > 0) {
    const least = (THINNEST_REST / Math.max(width, height)) * total
    leaves.push({ line: null, bytes: Math.max(smaller.bytes, least), paths: smaller.paths })
  }
  const root = hierarchy<Node>({ leaves }, (node) => ('leaves' in node ? node.leaves : null)).sum((node) =>
    'bytes' in node ? node.bytes : 0,
  )
  const laid = treemap<Node>().size([width, height]).tile(treemapSquarify.ratio(1.3)).paddingInner(2)(root)
  return laid.leaves().flatMap(({ x0, x1, y0, y1, data }) =>
    'bytes' in data
      ? [
          {
            x: x0,
            y: y0,
            width: x1 - x0,
            height: y1 - y0,
            line: data.line,
            retainedBytes: data.line === null ? smaller.bytes : data.bytes,
            paths: data.paths,
          },
        ]
      : [],
  )
}

interface Leaf {
  readonly line: OwnerLine | null
  readonly bytes: number
  readonly paths: number
}
type Node = Leaf | { readonly leaves: readonly Leaf[] }

/** How a tile's retained bytes changed since the capture that it is compared with. */
export function growthOf(line: OwnerLine): number | null {
  if (line.since === undefined) return null
  return line.retainedBytes - (line.since?.retainedBytes ?? 0)
}

/**
 * The colour of a tile: how much it grew, as a part of all that grew beside it; without a comparison, what kind of
 * thing it is. Mixed with the page's own grey, so that words stay readable in both themes.
 */
export function tileColor(line: OwnerLine | null, grownBeside: number): string {
  if (line === null) return 'var(--sunken)'
  const growth = growthOf(line)
  if (growth === null) return KINDS.find(([pattern]) => pattern.test(line.name))?.[1] ?? 'var(--sunken)'
  if (growth > 0) return mix('growth', 8 + 26 * share(growth, grownBeside))
  if (growth < 0) return mix('steady', 14)
  return 'var(--sunken)'
}

/** Owner paths are called after modules, classes, roots or plain classes of objects (lib/findings/owner-tree.ts). */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^\(root/, 'var(--warm-soft)'],
  [/^(module|class) /, 'var(--accent-soft)'],
  [/^\(/, 'var(--sunken)'],
  [/./, 'var(--managed-soft)'],
]

const share = (part: number, whole: number): number => (whole <= 0 ? 0 : Math.min(1, part / whole))
const mix = (color: string, percent: number): string =>
  `color-mix(in srgb, var(--${color}) ${Math.round(percent)}%, var(--panel))`
