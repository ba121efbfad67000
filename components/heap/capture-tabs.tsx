'use client' // Tabs are state of this tab, kept in the address.

import clsx from 'clsx'
import Link from 'next/link'
import { type ReactNode, useEffect, useRef } from 'react'
import { CaptureTable } from '#lib/reports/rows'
import { type SiteKind, TABLES, tableName } from './capture-columns.tsx'
import type { QueryState } from './query-state.tsx'

/** What a capture's page shows, one at a time: the tables, and what is asked of the graph. */
export type CaptureTab = CaptureTable | 'dominators' | 'strings' | 'query'

/** In the order in which people need them. */
const TABS: readonly (readonly [CaptureTab, string])[] = [
  ['classes', TABLES.classes.name],
  ['sites', TABLES.sites.name],
  ['dominators', 'Dominators'],
  ['generations', TABLES.generations.name],
  ['strings', 'Duplicate strings'],
  ['query', 'Query'],
  ['types', TABLES.types.name],
  ['groups', TABLES.groups.name],
]

/** What belongs to one table only, and must not be taken to the next one. A statement stays: one comes back to it. */
const OWN = { sort: null, dir: null, row: null, q: null }

/** The tab that the address asks for. `table` is how older links and pins say it. */
export function openTab(query: Pick<QueryState, 'get'>): CaptureTab {
  const asked = query.get('tab') ?? query.get('table')
  return TABS.find(([tab]) => tab === asked)?.[0] ?? 'classes'
}

/** The address's changes that open a tab. */
export const tabChanges = (tab: CaptureTab): Record<string, string | null> => ({
  ...OWN,
  tab: tab === 'classes' ? null : tab,
  table: null,
})

export const isTable = (tab: CaptureTab): tab is CaptureTable => CaptureTable.safeParse(tab).success

/** `children` stand at the end of the bar. */
export function CaptureTabs({
  open,
  query,
  siteKind,
  children,
}: {
  open: CaptureTab
  query: QueryState
  siteKind: SiteKind
  children?: ReactNode
}) {
  const bar = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is open, which may stand beside a phone's screen.
  useEffect(() => {
    const [nav, tab] = [bar.current, bar.current?.querySelector<HTMLElement>('[aria-current]')]
    if (nav && tab) nav.scrollLeft = tab.offsetLeft - nav.offsetLeft - (nav.clientWidth - tab.offsetWidth) / 2
  }, [open])
  return (
    <div className="flex shrink-0 items-center border-line border-b bg-panel pr-3">
      <nav
        ref={bar}
        aria-label="Views of this capture"
        className="flex min-w-0 items-center gap-0.5 overflow-x-auto px-3"
      >
        {TABS.map(([tab, name]) => (
          <Link
            key={tab}
            href={query.href(tabChanges(tab))}
            replace
            onNavigate={(event) => {
              // The same without a round trip to the server.
              event.preventDefault()
              query.set(tabChanges(tab))
            }}
            aria-current={tab === open ? 'page' : undefined}
            className={clsx(
              'flex h-[39px] shrink-0 items-center border-b-2 px-2.5 font-[550] -outline-offset-2',
              tab === open ? 'border-ink text-ink' : 'border-transparent text-ink-2 hover:text-ink',
            )}
          >
            {tab === 'sites' ? tableName(tab, siteKind) : name}
          </Link>
        ))}
      </nav>
      {children}
    </div>
  )
}
