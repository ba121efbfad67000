'use client' // Points, searches, zooms.

import { useCallback, useMemo, useState } from 'react'
import { sentenceOf } from '#components/heap/answer'
import { useFilterWords } from '#components/heap/filter-words'
import { visible } from '#components/heap/raw-text'
import { ReadProblem } from '#components/heap/read-problem'
import { Input } from '#components/ui/field'
import { FlameAnswer } from '#lib/reports/stack-questions'
import { FlameChart } from './flame-chart.tsx'
import { CHANGE_LEGEND, libraryColors } from './flame-colors.tsx'
import type { StackChoice } from './stack-choice.tsx'
import { amount, change } from './stack-words.tsx'
import { useStacks } from './use-stacks.tsx'

/** The flame graph with its search, its legend and the box that is pointed at. */
export function FlameView({
  path,
  choice,
  since,
}: {
  path: string
  choice: StackChoice
  since: string | undefined
}) {
  const { answer, error, retry } = useStacks(`${path}&ask=flame`, FlameAnswer)
  const [words, setWords] = useFilterWords(choice.words, (q) => choice.set({ q: q || null }))
  const [pointed, setPointed] = useState<string | null>(null)
  const [found, setFound] = useState('')
  const onPoint = useCallback((text: string | null) => setPointed((old) => text ?? old), [])
  const isCompared = since !== undefined && answer?.earlierSum != null
  const legend = useMemo(
    () => (!answer ? [] : isCompared ? CHANGE_LEGEND : libraryColors(answer).legend),
    [answer, isCompared],
  )
  if (error !== undefined && !answer) return <ReadProblem sentence={sentenceOf(error)} onRetry={retry} />
  if (!answer) return <Waiting />
  return (
    <section aria-label="Flame graph" className="flex min-h-0 min-w-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b bg-panel px-4 py-1.5">
        <Input
          type="search"
          aria-label="Mark boxes by function, file or library"
          placeholder="Function, file or library"
          maxLength={200}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          className="h-7! w-52! min-w-32 flex-1 sm:flex-none"
        />
        <span role="status" className="text-ink-3 text-xs">
          {found}
        </span>
        <ul
          aria-label="Colors"
          className="ml-auto flex flex-wrap items-center gap-x-3 gap-y-0.5 text-ink-2 text-xs"
        >
          {legend.map(({ name, color }) => (
            <li key={name} className="flex items-center gap-1">
              <span
                aria-hidden
                className="size-2.5 rounded-sm border border-line-strong"
                style={{ background: color }}
              />
              <bdi>{visible(name)}</bdi>
            </li>
          ))}
        </ul>
      </div>
      {answer.sum > 0 ? (
        <>
          <p
            aria-live="polite"
            className="min-h-7 shrink-0 truncate border-line max-sm:whitespace-normal border-b bg-panel px-4 py-1 text-ink-2 text-xs"
          >
            {pointed ?? wholeWords(answer)}
          </p>
          <div className="min-h-0 flex-1 overflow-auto bg-panel p-2">
            <FlameChart
              answer={answer}
              isCompared={isCompared}
              words={choice.words}
              onPoint={onPoint}
              onFound={setFound}
            />
          </div>
        </>
      ) : (
        <p className="px-4 py-6 text-ink-2">
          There is nothing of this kind in the capture: no {answer.words}.
        </p>
      )}
    </section>
  )
}

function wholeWords({ sum, earlierSum, isBytes, words }: FlameAnswer): string {
  const since = earlierSum === null ? '' : `, ${change(sum - earlierSum, isBytes)} since the earlier capture`
  return `${amount(sum, isBytes)} ${isBytes ? words.replace(/^bytes /, '') : words}${since}. The outermost caller is on top; a box is as wide as what it and its callees hold.`
}

export function Waiting() {
  return (
    <p role="status" className="px-4 py-6 text-ink-2">
      Fetching the stacks…
    </p>
  )
}
