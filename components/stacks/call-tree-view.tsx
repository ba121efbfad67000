'use client' // Branches are fetched when they are opened.

import clsx from 'clsx'
import { ChevronRight } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { sentenceOf } from '#components/heap/answer'
import { visible } from '#components/heap/raw-text'
import { ReadProblem } from '#components/heap/read-problem'
import { ShareBar } from '#components/heap/share-bar'
import { type CallLineRow, CallsAnswer } from '#lib/reports/stack-questions'
import { formatCount } from '#lib/units/format'
import { Waiting } from './flame-view.tsx'
import { Change } from './stack-table-view.tsx'
import { amount, framePlace } from './stack-words.tsx'
import { useStacks } from './use-stacks.tsx'

/** Calls with one callee each are opened by themselves, this many at a time: a long chain needs one click, not fifty. */
const OPENED_ALONG = 12

/** The call tree, outermost caller first; a branch opens on demand. */
export function CallTreeView({ path }: { path: string }) {
  const { answer, error, retry } = useStacks(`${path}&ask=calls&node=0`, CallsAnswer)
  if (error !== undefined && !answer) return <ReadProblem sentence={sentenceOf(error)} onRetry={retry} />
  if (!answer) return <Waiting />
  if (answer.lines.length === 0)
    return (
      <p className="px-4 py-6 text-ink-2">There is nothing of this kind in the capture: no {answer.words}.</p>
    )
  return (
    <div className="min-h-0 flex-1 overflow-auto bg-panel">
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: ARIA in HTML allows it; its rows open.
        role="treegrid"
        aria-label={`Call tree of ${answer.words}`}
        onKeyDown={walk}
        className="w-full text-sm"
      >
        <thead className="sticky top-0 z-10 bg-panel text-ink-3 text-xs">
          <tr className="border-line border-b">
            <th scope="col" className="h-7 px-4 text-left font-medium">
              Call
            </th>
            <th
              scope="col"
              className="w-24 px-2 text-right font-medium max-md:hidden"
              title="Allocated with exactly this stack"
            >
              Own
            </th>
            <th
              scope="col"
              className="w-28 px-2 text-right font-medium"
              title="With everything that it called"
            >
              With callees
            </th>
            {answer.earlierSum !== null && (
              <th scope="col" className="w-24 px-2 text-right font-medium" title="Since the earlier capture">
                Change
              </th>
            )}
            <th scope="col" className="w-32 px-4 text-right font-medium max-md:hidden">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          <Lines path={path} answer={answer} level={1} along={OPENED_ALONG} />
        </tbody>
      </table>
    </div>
  )
}

interface LinesProps {
  readonly path: string
  readonly answer: CallsAnswer
  readonly level: number
  /** How many more levels open by themselves while there is one callee. */
  readonly along: number
}

function Lines({ path, answer, level, along }: LinesProps) {
  const isOnly = answer.lines.length === 1 && answer.rest.count === 0
  return (
    <>
      {answer.lines.map((line) => (
        <Branch
          key={line.node}
          path={path}
          line={line}
          all={answer}
          level={level}
          along={isOnly ? along : 0}
        />
      ))}
      {answer.rest.count > 0 && (
        <tr className="border-line border-b text-ink-3">
          <td className="py-1 pr-2" style={{ paddingLeft: 16 + level * 14 }}>
            {formatCount(answer.rest.count)} smaller calls
          </td>
          <td className="max-md:hidden" />
          <td className="num px-2 text-right">{amount(answer.rest.total, answer.isBytes)}</td>
          {answer.earlierSum !== null && <td />}
          <td className="max-md:hidden" />
        </tr>
      )}
    </>
  )
}

function Branch({
  path,
  line,
  all,
  level,
  along,
}: Omit<LinesProps, 'answer'> & { line: CallLineRow; all: CallsAnswer }) {
  const [isOpen, setIsOpen] = useState(along > 0 && line.hasChildren)
  const { answer, error, retry } = useStacks(
    isOpen ? `${path}&ask=calls&node=${line.node}` : null,
    CallsAnswer,
  )
  const place = framePlace(line.frame)
  const name = visible(line.frame.name)
  const columns = all.earlierSum === null ? 4 : 5
  return (
    <>
      <tr
        aria-level={level}
        aria-expanded={line.hasChildren ? isOpen : undefined}
        className="border-line border-b hover:bg-sunken"
      >
        <td className="max-w-0 py-1 pr-2" style={{ paddingLeft: 8 + Math.min(level, 40) * 14 }}>
          <button
            type="button"
            disabled={!line.hasChildren}
            aria-label={`${name}${line.hasChildren ? (isOpen ? ', close' : ', open') : ''}`}
            onClick={() => setIsOpen(!isOpen)}
            className="flex w-full min-w-0 items-center gap-1.5 rounded-sm text-left disabled:opacity-100"
          >
            <ChevronRight
              size={13}
              aria-hidden
              className={clsx('shrink-0 text-ink-3', isOpen && 'rotate-90', !line.hasChildren && 'invisible')}
            />
            <bdi
              className={clsx('truncate font-mono text-xs', line.isPlatform ? 'text-ink-3' : 'font-semibold')}
              title={name}
            >
              {name}
            </bdi>
            <bdi className="min-w-0 truncate text-ink-3 text-xs max-md:hidden">{visible(place)}</bdi>
          </button>
        </td>
        <td className="num px-2 text-right max-md:hidden">
          {line.self === 0 ? '' : amount(line.self, all.isBytes)}
        </td>
        <td className="num px-2 text-right">{amount(line.total, all.isBytes)}</td>
        {all.earlierSum !== null && (
          <td className="num px-2 text-right">
            <Change value={line.total - (line.earlier ?? 0)} isBytes={all.isBytes} />
          </td>
        )}
        <td className="px-4 max-md:hidden">
          <ShareBar share={all.sum > 0 ? line.total / all.sum : 0} />
        </td>
      </tr>
      {isOpen && answer && (
        <Lines path={path} answer={answer} level={level + 1} along={Math.max(0, along - 1)} />
      )}
      {isOpen && !answer && (
        <tr>
          <td colSpan={columns}>
            {error === undefined ? <Waiting /> : <ReadProblem sentence={sentenceOf(error)} onRetry={retry} />}
          </td>
        </tr>
      )}
    </>
  )
}

/** Up and down go from line to line; right opens, left closes. */
function walk(event: KeyboardEvent<HTMLTableElement>): void {
  const { target } = event
  if (!(target instanceof HTMLButtonElement) || event.ctrlKey || event.metaKey || event.altKey) return
  const row = target.closest('tr')
  const expanded = row?.getAttribute('aria-expanded')
  if (
    (event.key === 'ArrowRight' && expanded === 'false') ||
    (event.key === 'ArrowLeft' && expanded === 'true')
  ) {
    event.preventDefault()
    target.click()
    return
  }
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  event.preventDefault()
  const buttons = Array.from(
    event.currentTarget.querySelectorAll<HTMLButtonElement>('tbody button:not(:disabled)'),
  )
  buttons[buttons.indexOf(target) + (event.key === 'ArrowDown' ? 1 : -1)]?.focus()
}
