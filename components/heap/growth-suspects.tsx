'use client' // Opens, selects rows.

import clsx from 'clsx'
import { useState } from 'react'
import { useRoom } from '#components/room/room-context'
import { Tag } from '#components/ui/pill'
import type { LedgerState } from '#lib/investigation/ledger-state'
import type { GrowthPage } from '#lib/reports/growth-report'
import { formatCount, formatShare } from '#lib/units/format'
import { HolderLink } from './holder-link.tsx'
import { LEDGER_WORDS } from './ledger-words.tsx'
import { visible } from './raw-text.tsx'

export type Suspect = GrowthPage['suspects'][number]

interface SuspectsProps {
  readonly page: GrowthPage
  readonly captures: readonly string[]
  /** What the ledger says about each. */
  readonly stateOf: (suspect: Suspect) => LedgerState | null
  readonly selected: string | null
  readonly onShowRow: (key: string) => void
}

/** More suspects than these wait behind a button. */
const FIRST = 3

/** The groups worth a look, merged by who holds them, in plain words; then what they do not explain. */
export function GrowthSuspects({ page, captures, stateOf, selected, onShowRow }: SuspectsProps) {
  const [isWhole, setWhole] = useState(false)
  const left = page.suspects.filter((suspect) => stateOf(suspect) !== 'expected')
  const shown = isWhole ? left : left.slice(0, FIRST)
  if (page.suspects.length === 0) return null
  const expected = page.suspects.length - left.length
  return (
    <section aria-label="Suspects" className="grid gap-1.5">
      <ol className="grid gap-1.5">
        {shown.map((suspect) => (
          <SuspectCard
            key={suspect.key}
            suspect={suspect}
            page={page}
            captures={captures}
            state={stateOf(suspect)}
            isSelected={selected !== null && suspect.keys.includes(selected)}
            onShowRow={onShowRow}
          />
        ))}
      </ol>
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1 text-ink-2">
        <span className="font-medium text-ink">{visible(page.unexplained.words)}</span>
        {expected > 0 && (
          <span className="text-ink-3">
            {formatCount(expected)} more {expected === 1 ? 'suspect is' : 'suspects are'} in the ledger as
            expected.
          </span>
        )}
        {left.length > FIRST && (
          <button
            type="button"
            onClick={() => setWhole(!isWhole)}
            className="rounded-sm text-accent hover:underline"
          >
            {isWhole ? 'Fewer suspects' : `${formatCount(left.length - FIRST)} more suspects`}
          </button>
        )}
      </p>
    </section>
  )
}

const CONFIDENCE = {
  high: { tone: 'steady', words: 'sure' },
  medium: { tone: 'warm', words: 'fairly sure' },
  low: { tone: 'neutral', words: 'not sure' },
} as const

/** How far a row can be trusted; the reason is in the title, and in full beside the row. */
export function ConfidenceTag({ confidence }: Pick<Suspect, 'confidence'>) {
  const { tone, words } = CONFIDENCE[confidence.level]
  return (
    <span title={confidence.reason}>
      <Tag tone={tone}>{words}</Tag>
    </span>
  )
}

interface SuspectCardProps extends Omit<SuspectsProps, 'stateOf' | 'selected'> {
  readonly suspect: Suspect
  readonly state: LedgerState | null
  readonly isSelected: boolean
}

function SuspectCard({ suspect, page, captures, state, isSelected, onShowRow }: SuspectCardProps) {
  const { investigationId } = useRoom()
  const holder = page.holders.find(({ id }) => id === suspect.holder)
  return (
    <li
      className={clsx(
        'grid grid-cols-[58px_minmax(0,1fr)] gap-x-3 rounded-md border border-l-[3px] border-l-growth px-2.5 py-1.5',
        isSelected ? 'border-accent bg-accent-soft/40' : 'border-line',
      )}
    >
      <span className="text-right">
        <b className="block font-semibold text-growth text-md">{formatShare(suspect.shareOfGrowth)}</b>
        <span className="block whitespace-nowrap text-2xs text-ink-3">of growth</span>
      </span>
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5">
          <button
            type="button"
            onClick={() => onShowRow(suspect.key)}
            className="min-w-0 rounded-sm text-left font-semibold [overflow-wrap:anywhere] hover:underline"
          >
            <bdi>{visible(suspect.title)}</bdi>
          </button>
          <ConfidenceTag confidence={suspect.confidence} />
          {holder && holder.words === suspect.title && (
            <HolderLink
              holder={holder}
              investigationId={investigationId}
              captures={captures}
              words="See what it holds"
            />
          )}
          {state !== null && (
            <span title={LEDGER_WORDS[state].title}>
              <Tag tone={LEDGER_WORDS[state].tone}>{LEDGER_WORDS[state].words}</Tag>
            </span>
          )}
        </p>
        <p
          className={clsx('text-ink-2 [overflow-wrap:anywhere]', !isSelected && 'line-clamp-2')}
          title={isSelected ? undefined : visible(suspect.words)}
        >
          <bdi>{visible(suspect.words)}</bdi>{' '}
          {suspect.keys.length > 1 && (
            <span className="text-ink-3">{formatCount(suspect.keys.length)} rows of the table.</span>
          )}
        </p>
        {holder && holder.words !== suspect.title && (
          <p className="text-xs">
            <span className="text-ink-3">Held by </span>
            <HolderLink holder={holder} investigationId={investigationId} captures={captures} />
          </p>
        )}
      </div>
    </li>
  )
}
