'use client' // A long path opens.

import clsx from 'clsx'
import { useState } from 'react'
import type { ObjectDetails, PathStep } from '#lib/reports/objects'
import { formatCount } from '#lib/units/format'
import { edgeWords, holderStep, lineWords, shownPath } from './object-words.tsx'
import { visible } from './raw-text.tsx'

/** What a dot on the line means; the words beside it say the same. */
const DOTS = {
  root: 'border-warm bg-panel',
  step: 'border-ink-3 bg-panel',
  holds: 'border-growth bg-growth',
  itself: 'border-accent bg-accent',
} as const

/** The shortest path from a root to an object, as a line with dots: the root, what is between, what holds, the object. */
export function ObjectPath({ details, onOpen }: { details: ObjectDetails; onOpen(object: number): void }) {
  const { path } = details
  const [isWhole, setWhole] = useState(false)
  if (path.length === 0) {
    return (
      <p className="text-ink-2">
        {details.line.retainedBytes === null
          ? 'No root leads to it: garbage that was not collected yet, or the part of the heap that leads there is not in this dump.'
          : 'This dump does not tell.'}
      </p>
    )
  }
  const holder = path[holderStep(path)]
  const steps = isWhole ? path : shownPath(path)
  return (
    <ol className="ml-[5px] border-line-strong border-l-2">
      {steps.map((step, at) =>
        step.kind === 'gap' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a path does not change.
          <li key={at} className="py-1 pl-3.5 text-ink-3 text-xs">
            {path.includes(step) ? (
              `${formatCount(step.steps)} steps between, not listed`
            ) : (
              <button type="button" className="rounded-sm hover:underline" onClick={() => setWhole(true)}>
                {formatCount(step.steps)} steps between: show them
              </button>
            )}
          </li>
        ) : (
          <Step
            // biome-ignore lint/suspicious/noArrayIndexKey: a path does not change.
            key={at}
            step={step}
            role={step === path.at(-1) ? 'itself' : step === holder ? 'holds' : 'step'}
            onOpen={onOpen}
          />
        ),
      )}
    </ol>
  )
}

interface StepProps {
  readonly step: Exclude<PathStep, { kind: 'gap' }>
  readonly role: 'step' | 'holds' | 'itself'
  readonly onOpen: (object: number) => void
}

function Step({ step, role, onOpen }: StepProps) {
  const dot = step.kind === 'root' ? 'root' : role
  return (
    <li className="relative py-1 pl-3.5" aria-current={role === 'itself' ? 'step' : undefined}>
      <span
        aria-hidden
        className={clsx('absolute top-2 -left-1.5 size-2.5 rounded-full border-2', DOTS[dot])}
      />
      {step.kind === 'root' ? (
        <>
          <span className="block truncate">GC root</span>
          <bdi className="block truncate font-mono text-ink-3 text-xs">{visible(step.name)}</bdi>
        </>
      ) : (
        <ObjectStep step={step} role={role} onOpen={onOpen} />
      )}
    </li>
  )
}

function ObjectStep({
  step: { line, isDominator },
  role,
  onOpen,
}: StepProps & { step: PathStep & { kind: 'object' } }) {
  const edge = edgeWords(line.edge)
  const name = visible(line.label)
  const words = [
    edge,
    lineWords(line, role === 'itself'),
    role !== 'itself' && line.references > 1 ? `${formatCount(line.references)} references` : null,
  ].filter((part) => part !== null && part !== '')
  return (
    <>
      {role === 'itself' ? (
        <bdi className="block truncate font-semibold" title={name}>
          {name}
        </bdi>
      ) : (
        <button
          type="button"
          onClick={() => onOpen(line.object)}
          className="flex max-w-full items-baseline gap-1.5 rounded-sm text-left hover:underline max-md:min-h-6 max-md:items-center"
          title={name}
        >
          <bdi className={clsx('truncate', role === 'holds' && 'font-semibold')}>{name}</bdi>
          {role === 'holds' && <span className="shrink-0 text-growth text-xs">holds it</span>}
          {role === 'step' && !isDominator && (
            <span
              className="shrink-0 text-ink-3 text-xs"
              title="Another path goes around it: without it the object would still live."
            >
              one of several ways
            </span>
          )}
        </button>
      )}
      <bdi className="block truncate font-mono text-ink-3 text-xs" title={words.join(' · ')}>
        {words.join(' · ')}
      </bdi>
    </>
  )
}
