'use client' // What is shown is state of this tab, kept in the address.

import { useQueryState } from '#components/heap/query-state'
import { StackGroupingName, StackOrder } from '#lib/reports/stack-questions'
import { StackKindName, StackMeasureName, type StackSummary } from '#lib/reports/stack-report'
import type { StackKind, StackMeasure } from '#lib/stacks/stack-profile'
import type { StackGrouping } from '#lib/stacks/stack-table'

export type StackTab = 'flame' | 'table' | 'calls'

export interface StackChoice {
  readonly tab: StackTab
  readonly measure: StackMeasure
  readonly kind: StackKind | 'all'
  readonly by: StackGrouping
  readonly sort: StackOrder | undefined
  readonly dir: 'asc' | 'desc'
  readonly words: string
  /** Key of the table's selected row. */
  readonly row: string | null
  set(changes: Readonly<Record<string, string | null>>): void
  href(changes: Readonly<Record<string, string | null>>): string
}

/** What the address says of a stack capture's page; what it says wrong is left out. */
export function useStackChoice(summary: StackSummary): StackChoice {
  const query = useQueryState()
  const tab = query.get('tab')
  const measure = StackMeasureName.safeParse(query.get('measure')).data
  const kind = StackKindName.safeParse(query.get('kind')).data
  const hasKind = kind !== undefined && summary.kinds.some((known) => known.kind === kind)
  return {
    tab: tab === 'table' || tab === 'calls' ? tab : 'flame',
    measure:
      measure && summary.measures.includes(measure) ? measure : (summary.measures[0] ?? 'in-use-bytes'),
    kind: hasKind ? kind : usualKind(summary),
    by: StackGroupingName.safeParse(query.get('by')).data ?? 'function',
    sort: StackOrder.safeParse(query.get('sort')).data,
    dir: query.get('dir') === 'asc' ? 'asc' : 'desc',
    words: (query.get('q') ?? '').slice(0, 200),
    row: query.get('row'),
    set: query.set,
    href: query.href,
  }
}

/** A leak checker's word first: what is definitely lost, where there is any. Kinds are never mixed unasked. */
function usualKind({ kinds }: StackSummary): StackKind | 'all' {
  if (kinds.length <= 1) return 'all'
  const first = kinds.find(({ kind }) => kind === 'definitely-lost') ?? kinds[0]
  return first?.kind ?? 'all'
}
