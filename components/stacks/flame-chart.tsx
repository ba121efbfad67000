'use client' // Draws with d3, which is fetched when a flame graph is first shown.

import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react'
import { sentenceOf } from '#components/heap/answer'
import { useElementWidth } from '#components/heap/element-width'
import { visible } from '#components/heap/raw-text'
import type { FlameAnswer } from '#lib/reports/stack-questions'
import { formatCount, formatShare } from '#lib/units/format'
import { changeColor, FOUND_COLOR, libraryColors, NOT_FOUND_COLOR } from './flame-colors.tsx'
import { flameKeys } from './flame-keys.tsx'
import { type FlameDatum, flameTree } from './flame-tree.tsx'
import { boxWords } from './stack-words.tsx'

type Chart = import('d3-flame-graph').FlameChart<FlameDatum>
export type FlameNode = import('d3-flame-graph').FlameNode<FlameDatum>

const CELL = 19

interface FlameChartProps {
  readonly answer: FlameAnswer
  readonly isCompared: boolean
  /** Boxes whose function, file or library has this are marked. */
  readonly words: string
  /** What is pointed at, or walked to with the keys, in a sentence; null: nothing. */
  onPoint(words: string | null): void
  onFound(words: string): void
}

/** The boxes, drawn: a click or Enter makes one as wide as the page, arrow keys walk, Escape shows everything again. */
export function FlameChart({ answer, isCompared, words, onPoint, onFound }: FlameChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<Chart | null>(null)
  /** Read by the colours, which the library asks for later. */
  const isSearched = useRef(false)
  const root = useRef<FlameNode | null>(null)
  const current = useRef<FlameNode | null>(null)
  const width = useElementWidth(place)
  const [problem, setProblem] = useState<string>()
  const [drawn, setDrawn] = useState(0)

  useEffect(() => {
    const element = place.current
    const tree = flameTree(answer)
    if (!element || !tree) return
    let isOver = false
    const draw = async () => {
      const [{ default: flamegraph }, { select }] = await Promise.all([
        import('d3-flame-graph'),
        import('d3-selection'),
      ])
      if (isOver) return
      const byLibrary = libraryColors(answer)
      const label = (node: FlameNode): string =>
        node.data.box ? boxWords(node.data.box, answer) : `${node.data.name}: too small to be drawn`
      const made = flamegraph<FlameDatum>()
        .width(Math.max(200, width))
        .cellHeight(CELL)
        .minFrameSize(1)
        .inverted(true)
        .sort(false)
        .title('')
        .transitionDuration(prefersStillness() ? 0 : 200)
        .getName((node) => visible(node.data.name))
        .setLabelHandler(label)
        .setDetailsHandler(onPoint)
        .setColorMapper((node) => {
          if (node.highlight) return FOUND_COLOR
          if (isSearched.current) return NOT_FOUND_COLOR
          return isCompared ? changeColor(node.data.box) : byLibrary.color(node.data.box)
        })
        .setSearchMatch((node, term) => hasWords(node.data, term))
        .setSearchHandler((found, sum, all) => onFound(foundWords(found.length, sum, all)))
        .onClick((node) => {
          current.current = node
          onPoint(label(node))
        })
      element.replaceChildren()
      const selection = select<HTMLElement, FlameDatum>(element).datum(tree)
      made(selection)
      // reason: the library replaces the datum by its own tree of nodes.
      root.current = selection.datum() as unknown as FlameNode
      current.current = null
      chart.current = made
      setDrawn((count) => count + 1)
    }
    draw().catch((thrown: unknown) => setProblem(sentenceOf(thrown)))
    return () => {
      isOver = true
      chart.current?.destroy()
      chart.current = null
    }
  }, [answer, isCompared, width, onPoint, onFound])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new drawing is searched again.
  useEffect(() => {
    isSearched.current = words.trim() !== ''
    if (words.trim() === '') {
      chart.current?.clear()
      onFound('')
    } else chart.current?.search(words.trim().toLowerCase())
  }, [words, drawn, onFound])

  const mark = useCallback(
    (node: FlameNode) => {
      const element = place.current
      if (!element) return
      current.current = node
      for (const old of element.querySelectorAll('[data-current]')) old.removeAttribute('data-current')
      const boxes = element.querySelectorAll<SVGGElement & { __data__?: unknown }>('g.frame')
      const box = Array.from(boxes).find((one) => one.__data__ === node)
      box?.setAttribute('data-current', '')
      box?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
      onPoint(node.data.box ? boxWords(node.data.box, answer) : node.data.name)
    },
    [answer, onPoint],
  )

  const onKeyDown = (event: KeyboardEvent) => {
    const top = root.current
    if (!top || event.ctrlKey || event.metaKey || event.altKey) return
    const at = current.current ?? top
    if (event.key === 'Enter') chart.current?.zoomTo(at)
    else if (event.key === 'Escape') {
      chart.current?.resetZoom()
      mark(top)
    } else {
      const next = flameKeys(event.key, at, top)
      if (!next) return
      mark(next)
    }
    event.preventDefault()
  }

  return (
    <>
      {problem !== undefined && (
        <p role="alert" className="px-4 py-3 text-growth">
          {problem}
        </p>
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: no element draws boxes inside boxes; the table beside it says the same in rows. */}
      <div
        ref={place}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: walked with the arrow keys.
        tabIndex={0}
        onKeyDown={onKeyDown}
        aria-label={`Flame graph of ${answer.words}. Arrow keys walk, Enter zooms, Escape shows everything. The Table tab has the same numbers as rows.`}
        className="min-w-0 -outline-offset-2 [&_.d3-flame-graph-label]:font-mono! [&_.d3-flame-graph-label]:text-2xs! [&_.d3-flame-graph-label]:text-ink! [&_[data-current]_rect]:stroke-ink! [&_[data-current]_rect]:[stroke-width:2]! [&_svg_rect]:stroke-panel! [&_svg_rect]:[fill-opacity:1]!"
      />
    </>
  )
}

const prefersStillness = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches

/** `term` is in small letters. */
function hasWords({ box }: FlameDatum, term: string): boolean {
  if (!box || box.parent === -1) return false
  const text = `${box.frame.name} ${box.frame.file} ${box.frame.library}`.toLowerCase()
  return term.split(/\s+/).every((word) => text.includes(word))
}

const foundWords = (boxes: number, sum: number, all: number): string =>
  boxes === 0
    ? 'No box matches'
    : `${formatCount(boxes)} ${boxes === 1 ? 'box' : 'boxes'}, ${formatShare(all > 0 ? sum / all : 0)}`
