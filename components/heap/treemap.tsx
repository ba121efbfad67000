'use client' // Measures itself; is walked with the keyboard.

import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { OwnerLevel, OwnerLine } from '#lib/reports/objects'
import { formatByteChange, formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { visible } from './raw-text.tsx'
import { growthOf, type Tile, tileColor, tilesOf } from './treemap-layout.tsx'

interface TreemapProps {
  readonly level: OwnerLevel
  readonly label: string
  /** The letter of the capture that colours compare with. */
  readonly since: string | undefined
  readonly onDescend: (line: OwnerLine) => void
  /** The tile of everything small: the table below has it line by line. */
  readonly onSmaller: () => void
  readonly onUp: () => void
  readonly className?: string
}

/** What an owner path keeps, as rectangles: the area is the retained size. Each is a button that goes one level down. */
export function Treemap({ level, label, since, onDescend, onSmaller, onUp, className = '' }: TreemapProps) {
  const box = useRef<HTMLUListElement>(null)
  const { width, height } = useBox(box)
  const tiles = useMemo(() => tilesOf(level, width, height), [level, width, height])
  const grown = level.children.reduce((sum, line) => sum + Math.max(0, growthOf(line) ?? 0), 0)
  return (
    <ul
      ref={box}
      aria-label={label}
      onKeyDown={(event) => walk(event, onUp)}
      className={`relative overflow-hidden rounded-lg ${className}`}
    >
      {tiles.map((tile) => (
        <li
          key={tile.line?.path ?? 'smaller'}
          className="absolute"
          style={{ left: tile.x, top: tile.y, width: tile.width, height: tile.height }}
        >
          <button
            type="button"
            onClick={() => (tile.line ? onDescend(tile.line) : onSmaller())}
            title={titleOf(tile, since)}
            aria-label={titleOf(tile, since).replaceAll('\n', ', ')}
            className="block size-full min-h-0! min-w-0! overflow-hidden rounded-[3px] border border-line p-0 text-left text-ink -outline-offset-2 hover:border-ink-3"
            style={{ background: tileColor(tile.line, grown) }}
          >
            <TileWords tile={tile} since={since} />
          </button>
        </li>
      ))}
    </ul>
  )
}

/** Widths in pixels of a letter of a name and of a number; of what stands around them in a tile. */
const NAME_LETTER = 6.4
const NUMBER_LETTER = 7.3
const TILE_FRAME = 18

/** As many words as fit; all of them are the button's name. A number that is cut off is another number. */
function TileWords({ tile, since }: { tile: Tile; since: string | undefined }) {
  const { width, height, line } = tile
  if (width < 44 || height < 22) return null
  const growth = line && growthOf(line)
  const size = formatBytes(bytes(tile.retainedBytes))
  const change = growth ? formatByteChange(bytes(growth)) : null
  const fits = (words: string) => words.length * NUMBER_LETTER + TILE_FRAME <= width
  return (
    <span className="flex h-full flex-col px-2 py-1.5 text-xs leading-[1.35]" aria-hidden>
      <bdi className="block truncate font-semibold">{shortNameOf(tile)}</bdi>
      {height >= 40 && fits(size) && (
        <span className="num block truncate text-ink-2">
          {size}
          {width >= 190 && line && ` · ${formatCount(line.retainedObjects)} objects`}
        </span>
      )}
      {height >= 58 && change !== null && fits(change) && (
        <span className="num block truncate text-ink-2">
          {change}
          {width >= 120 && ` since ${since ?? ''}`}
        </span>
      )}
    </span>
  )
}

function nameOf({ line, paths }: Tile): string {
  if (line === null) return `${formatCount(paths)} smaller ${paths === 1 ? 'tree' : 'trees'}`
  const name = visible(line.name)
  return line.edge === null || line.edge === '' ? name : `${visible(line.edge)}: ${name}`
}

/** The name that is in the tile: where it would be cut off, without the word for its kind, which the colour tells. */
function shortNameOf(tile: Tile): string {
  const name = nameOf(tile)
  return name.length * NAME_LETTER + TILE_FRAME <= tile.width
    ? name
    : name.replace(/^(module|class) (?!\()/, '')
}

function titleOf(tile: Tile, since: string | undefined): string {
  const { line } = tile
  const parts = [nameOf(tile), `${formatBytes(bytes(tile.retainedBytes))} retained`]
  if (line) {
    parts.push(`${formatCount(line.retainedObjects)} objects`)
    const growth = growthOf(line)
    if (growth !== null)
      parts.push(growth === 0 ? `as in ${since}` : `${formatByteChange(bytes(growth))} since ${since}`)
    if (!line.hasChildren) parts.push('opens an object')
  }
  return parts.join('\n')
}

/** Arrow keys go from tile to tile in the order of size; Backspace goes up. */
function walk(event: KeyboardEvent<HTMLUListElement>, onUp: () => void) {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'Backspace') {
    event.preventDefault()
    return onUp()
  }
  const steps: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }
  const step = steps[event.key]
  if (step === undefined) return
  event.preventDefault()
  const buttons = [...event.currentTarget.querySelectorAll('button')]
  const here = document.activeElement
  const at = here instanceof HTMLButtonElement ? buttons.indexOf(here) : -1
  buttons[Math.max(0, Math.min(buttons.length - 1, at + step))]?.focus()
}

/** The size of an element in pixels as it changes. */
function useBox(element: React.RefObject<HTMLElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 800, height: 360 })
  useEffect(() => {
    const target = element.current
    if (!target) return
    const measure = () =>
      setSize((before) => {
        const width = target.clientWidth || 800
        const height = target.clientHeight || 360
        return before.width === width && before.height === height ? before : { width, height }
      })
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(target)
    return () => observer.disconnect()
  }, [element])
  return size
}
