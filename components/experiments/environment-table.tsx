'use client' // Folds, and asks for a reason.

import { useState } from 'react'
import { Button } from '#components/ui/button'
import { Tag, type Tone } from '#components/ui/pill'
import type { DifferenceClass } from '#lib/experiments/parity'
import type { ExperimentRow } from '#lib/investigation/experiments'
import { formatCount } from '#lib/units/format'
import { ReasonForm } from './reason-form.tsx'
import type { ComparedRow } from './use-experiment-details.tsx'

type Waived = ExperimentRow['waived'][number]

const CLASSES: Record<DifferenceClass, { words: string; tone: Tone }> = {
  equal: { words: 'equal', tone: 'neutral' },
  patch: { words: 'patch', tone: 'neutral' },
  minor: { words: 'minor', tone: 'warm' },
  major: { words: 'major', tone: 'growth' },
  missing: { words: 'one side only', tone: 'growth' },
  other: { words: 'other value', tone: 'warm' },
}

const KINDS: Record<ComparedRow['kind'], string> = {
  'native-library': 'compiled code',
  allocator: 'allocator',
  'dependency-health': 'known trouble',
  runtime: 'runtime',
  concurrency: 'workers, threads',
  kernel: 'kernel',
  os: 'system',
  libc: 'C library',
  setting: 'setting',
  package: 'package',
}

/** More rows than these wait behind a button. */
const FIRST = 12

/** Production and the reproduction side by side: differences on top, the weightiest first. */
export function EnvironmentTable({
  rows,
  of,
  waived,
  nameOf,
  onWaive,
}: {
  rows: readonly ComparedRow[]
  /** Rows in all; what is missing here is equal. */
  of: number
  waived: readonly Waived[]
  nameOf(userId: string): string
  /** Absent for those who may not. A reason of null takes it back. */
  onWaive?: ((key: string, reason: string | null) => Promise<unknown>) | undefined
}) {
  const [isWhole, setWhole] = useState(false)
  const [withEqual, setWithEqual] = useState(false)
  const different = rows.filter(({ difference }) => difference !== 'equal')
  const equal = rows.filter(({ difference }) => difference === 'equal')
  const shown = isWhole ? different : different.slice(0, FIRST)
  const byKey = new Map(waived.map((one) => [one.key, one]))
  return (
    <div className="grid gap-2">
      <div className="overflow-x-auto">
        <table className="w-full border-collapse text-left text-sm">
          <thead>
            <tr className="border-line border-b text-ink-3 text-xs">
              <th className="py-1 pr-3 font-[550]">What</th>
              <th className="py-1 pr-3 font-[550]">Production</th>
              <th className="py-1 pr-3 font-[550]">Reproduction</th>
              <th className="py-1 pr-3 font-[550] @max-2xl:hidden">Differs in</th>
              <th className="py-1 pr-3 text-right font-[550] @max-2xl:hidden">Weight</th>
              {onWaive && (
                <th className="py-1 font-[550] @max-2xl:hidden">
                  <span className="sr-only">Does it matter?</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {[...shown, ...(withEqual ? equal : [])].map((row) => (
              <Row key={row.key} row={row} waived={byKey.get(row.key)} nameOf={nameOf} onWaive={onWaive} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
        {different.length > FIRST && (
          <Fold open={isWhole} onToggle={() => setWhole(!isWhole)}>
            {isWhole ? 'Fewer differences' : `${formatCount(different.length - FIRST)} more differences`}
          </Fold>
        )}
        {of > different.length && (
          <Fold open={withEqual} onToggle={() => setWithEqual(!withEqual)}>
            {withEqual ? 'Without what is equal' : `Show ${formatCount(of - different.length)} equal`}
          </Fold>
        )}
        {withEqual && of > rows.length && (
          <span className="text-ink-3">the first {formatCount(equal.length)} of them</span>
        )}
      </p>
    </div>
  )
}

function Fold({ open, onToggle, children }: { open: boolean; onToggle(): void; children: string }) {
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={onToggle}
      className="rounded-sm text-accent hover:underline max-md:min-h-8"
    >
      {children}
    </button>
  )
}

function Row({
  row,
  waived,
  nameOf,
  onWaive,
}: {
  row: ComparedRow
  waived: Waived | undefined
  nameOf(userId: string): string
  onWaive: ((key: string, reason: string | null) => Promise<unknown>) | undefined
}) {
  const [isAsking, setAsking] = useState(false)
  const { words, tone } = CLASSES[row.difference]
  const { key } = row
  const difference = row.difference === 'equal' ? words : <Tag tone={waived ? 'neutral' : tone}>{words}</Tag>
  const action =
    onWaive && waived ? (
      <Button
        size="small"
        look="quiet"
        aria-label={`It does matter: ${row.name}`}
        onClick={() => void onWaive(key, null)}
      >
        It does matter
      </Button>
    ) : onWaive && row.difference !== 'equal' ? (
      <Button
        size="small"
        look="quiet"
        aria-expanded={isAsking}
        aria-label={`Does not matter: ${row.name}`}
        onClick={() => setAsking(!isAsking)}
      >
        Does not matter
      </Button>
    ) : null
  return (
    <>
      <tr className={waived || row.difference === 'equal' ? 'text-ink-3' : undefined}>
        <th
          scope="row"
          className="min-w-[110px] max-w-[260px] py-1 pr-3 align-top font-normal [overflow-wrap:anywhere]"
        >
          <bdi className="font-[550]">{row.name}</bdi>{' '}
          <span className="text-ink-3 text-xs">{KINDS[row.kind]}</span>
          {/* Where there is no room for columns of their own. */}
          <span className="flex flex-wrap items-center gap-x-1 @2xl:hidden">
            {difference} {action}
          </span>
        </th>
        <Value value={row.production} />
        <Value value={row.reproduction} />
        <td className="py-1 pr-3 align-top @max-2xl:hidden">{difference}</td>
        <td className="num py-1 pr-3 text-right align-top @max-2xl:hidden">
          {row.weight.toFixed(row.weight < 1 ? 1 : 0)}
        </td>
        {onWaive && <td className="py-0.5 text-right align-top @max-2xl:hidden">{action}</td>}
      </tr>
      {waived && (
        <tr className="text-ink-3 text-xs">
          <td colSpan={onWaive ? 6 : 5} className="pb-1.5 [overflow-wrap:anywhere]">
            Does not matter, says <bdi>{nameOf(waived.by)}</bdi>: <bdi>{waived.reason}</bdi>
          </td>
        </tr>
      )}
      {isAsking && onWaive && (
        <tr>
          <td colSpan={6} className="pb-2">
            <ReasonForm
              label={`Why does ${row.name} not matter?`}
              action="Does not matter"
              onCancel={() => setAsking(false)}
              onGive={async (reason) => {
                if (await onWaive(key, reason)) setAsking(false)
              }}
            />
          </td>
        </tr>
      )}
    </>
  )
}

function Value({ value }: { value: string | null }) {
  return (
    <td className="num max-w-[200px] py-1 pr-3 align-top text-xs [overflow-wrap:anywhere]">
      {value === null ? <span className="font-sans text-ink-3">not told</span> : <bdi>{value}</bdi>}
    </td>
  )
}
