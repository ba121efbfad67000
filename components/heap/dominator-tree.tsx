'use client' // Branches are fetched when they are opened.

import clsx from 'clsx'
import { ChevronDown, ChevronRight } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import type { ObjectLine } from '#lib/reports/objects'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { sentenceOf } from './answer.tsx'
import { useObjectList } from './ask-graph.tsx'
import { edgeWords, lineWords } from './object-words.tsx'
import { useQueryState } from './query-state.tsx'
import { visible } from './raw-text.tsx'

interface DominatorTreeProps {
  readonly captureId: string
  readonly selected: number | null
  readonly onOpen: (object: number) => void
}

/** Deeper branches are not indented any further: the names would leave the page. */
const DEEPEST_INDENT = 20
/** More open branches than these do not go into the address. */
const MOST_OPEN = 60

/**
 * The dominator tree, object by object: open a branch to see what lives through it alone. Which branches are open is in
 * the address. Right and Left open and close, Up and Down walk, Enter shows the object.
 */
export function DominatorTree({ captureId, selected, onOpen }: DominatorTreeProps) {
  const query = useQueryState()
  const open = new Set((query.get('open') ?? '').split(',').filter((word) => /^\d{1,10}$/.test(word)))
  const toggle = (object: number) => {
    const key = String(object)
    const next = open.has(key) ? [...open].filter((other) => other !== key) : [...open, key].slice(-MOST_OPEN)
    query.set({ open: next.length === 0 ? null : next.join(',') })
  }
  return (
    <div className="min-h-0 flex-1 overflow-auto pb-4">
      <div
        aria-hidden
        className="sticky top-0 z-10 flex h-7 items-center gap-4 border-line border-b bg-panel px-4 font-medium text-ink-3 text-xs"
      >
        <span className="flex-1">Object</span>
        <span className="w-20 text-right max-sm:hidden">Objects below</span>
        <span className="w-20 text-right max-sm:hidden">Shallow</span>
        <span className="w-20 text-right">Retained</span>
      </div>
      <div role="tree" aria-label="Dominator tree, largest retained size first" onKeyDown={walkTree}>
        <Branch
          captureId={captureId}
          object={undefined}
          depth={0}
          view={{ open, selected, toggle, onOpen }}
        />
      </div>
    </div>
  )
}

interface TreeView {
  readonly open: ReadonlySet<string>
  readonly selected: number | null
  toggle(object: number): void
  onOpen(object: number): void
}

interface BranchProps {
  readonly captureId: string
  /** Undefined: the root. */
  readonly object: number | undefined
  readonly depth: number
  readonly view: TreeView
}

/** The children of one node. As deep as people open it: each level is a press of theirs. */
function Branch({ captureId, object, depth, view }: BranchProps) {
  const list = useObjectList(captureId, 'dominated', { object }, 30)
  const left = (list.total ?? 0) - list.lines.length
  return (
    <>
      {list.lines.map((line, at) => (
        <Node
          key={line.object}
          captureId={captureId}
          line={line}
          depth={depth}
          view={view}
          isFirst={depth === 0 && at === 0}
        />
      ))}
      {list.error !== undefined ? (
        <Note depth={depth} words={`${sentenceOf(list.error)} Try again`} onPress={list.retry} />
      ) : list.isLoading ? (
        <Note depth={depth} words="Fetching…" />
      ) : list.total === 0 ? (
        <Note depth={depth} words="Nothing lives through it alone." />
      ) : (
        left > 0 && (
          <Note depth={depth} words={`${formatCount(left)} smaller: show more`} onPress={list.more} />
        )
      )}
    </>
  )
}

/** A line of a branch that is no object: it can be walked to like the others, and pressed when it does something. */
function Note({ depth, words, onPress }: { depth: number; words: string; onPress?: () => void }) {
  return (
    <div
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={false}
      tabIndex={-1}
      onClick={onPress}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        onPress?.()
      }}
      style={{ paddingLeft: 33 + 16 * Math.min(depth, DEEPEST_INDENT) }}
      className={clsx(
        'border-line border-b py-1.5 text-sm -outline-offset-2',
        onPress ? 'cursor-pointer text-accent hover:bg-sunken' : 'text-ink-3',
      )}
    >
      {words}
    </div>
  )
}

interface NodeProps {
  readonly captureId: string
  readonly line: ObjectLine
  readonly depth: number
  readonly view: TreeView
  readonly isFirst: boolean
}

function Node({ captureId, line, depth, view, isFirst }: NodeProps) {
  const hasChildren = (line.retainedObjects ?? 0) > 1
  const isOpen = hasChildren && view.open.has(String(line.object))
  const isSelected = view.selected === line.object
  const edge = edgeWords(line.edge)
  const Chevron = isOpen ? ChevronDown : ChevronRight
  return (
    <div
      role="treeitem"
      aria-level={depth + 1}
      aria-expanded={hasChildren ? isOpen : undefined}
      aria-selected={isSelected}
      aria-label={`${visible(line.label)}, ${line.retainedBytes === null ? 'not reached' : formatBytes(bytes(line.retainedBytes))}`}
      data-object={line.object}
      // Somewhere the keyboard has to come in: at the selected one, else at the first.
      tabIndex={isSelected || (isFirst && view.selected === null) ? 0 : -1}
      className="group/node -outline-offset-2"
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return
        const opens = event.key === 'ArrowRight' && hasChildren && !isOpen
        const closes = event.key === 'ArrowLeft' && isOpen
        if (opens || closes) view.toggle(line.object)
        else if (event.key === 'Enter' || event.key === ' ') view.onOpen(line.object)
        else return
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the tree item has the keys; this is the mouse's half. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above. */}
      <div
        onClick={() => view.onOpen(line.object)}
        style={{ paddingLeft: 8 + 16 * Math.min(depth, DEEPEST_INDENT) }}
        className={clsx(
          'flex min-h-[31px] cursor-default items-center gap-4 border-line border-b pr-4 text-sm',
          isSelected ? 'bg-accent-soft' : 'hover:bg-sunken',
        )}
      >
        <span className="flex min-w-0 flex-1 items-center gap-1.5">
          {hasChildren ? (
            <button
              type="button"
              tabIndex={-1}
              aria-label={`${isOpen ? 'Close' : 'Open'} ${visible(line.label)}`}
              onClick={(event) => {
                event.stopPropagation()
                view.toggle(line.object)
              }}
              className="grid size-5 min-h-0! min-w-0! shrink-0 place-items-center rounded-sm text-ink-3 hover:text-ink"
            >
              <Chevron size={14} aria-hidden />
            </button>
          ) : (
            <span className="w-5 shrink-0" />
          )}
          {edge !== null && (
            <bdi className="max-w-[30%] shrink-0 truncate font-mono text-ink-2 text-xs">{edge}</bdi>
          )}
          <bdi className="shrink-[0.2] truncate font-semibold">{visible(line.label)}</bdi>
          <bdi className="min-w-0 truncate font-mono text-ink-3 text-xs">{lineWords(line)}</bdi>
        </span>
        <span className="num w-20 shrink-0 text-right max-sm:hidden">
          {line.retainedObjects === null ? '–' : formatCount(line.retainedObjects)}
        </span>
        <span className="num w-20 shrink-0 text-right max-sm:hidden">
          {formatBytes(bytes(line.shallowBytes))}
        </span>
        <span className="num w-20 shrink-0 text-right">
          {line.retainedBytes === null ? '–' : formatBytes(bytes(line.retainedBytes))}
        </span>
      </div>
      {isOpen && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is no branch of a tree.
        <div role="group">
          <Branch captureId={captureId} object={line.object} depth={depth + 1} view={view} />
        </div>
      )}
    </div>
  )
}

/** Up, Down, Home and End go through what is open; Left goes to the parent. */
function walkTree(event: KeyboardEvent<HTMLElement>) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=treeitem]')]
  const here = document.activeElement
  const at = here instanceof HTMLElement ? items.indexOf(here) : -1
  if (at < 0) return
  const parent = items[at]?.parentElement?.closest<HTMLElement>('[role=treeitem]')
  const to =
    event.key === 'ArrowDown'
      ? items[at + 1]
      : event.key === 'ArrowUp'
        ? items[at - 1]
        : event.key === 'Home'
          ? items[0]
          : event.key === 'End'
            ? items.at(-1)
            : event.key === 'ArrowLeft'
              ? parent
              : undefined
  if (!to) return
  event.preventDefault()
  to.focus()
}
