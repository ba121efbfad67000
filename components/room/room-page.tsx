'use client' // Tabs and panels of this tab.

import { clsx } from 'clsx'
import { Tabs } from 'radix-ui'
import { type ReactNode, useEffect, useState } from 'react'
import { ExperimentsTab } from '#components/experiments/experiments-tab'
import { GrowthTab } from '#components/heap/growth-tab'
import { SnapshotsTab } from '#components/heap/snapshots-tab'
import { Discussion } from '#components/investigation/discussion'
import { HypothesesPanel } from '#components/investigation/hypotheses-panel'
import { NotesTab } from '#components/notes/lazy'
import { GraphPanel } from './graph-panel.tsx'
import { RoomHeader } from './header.tsx'
import { PanelSwitcher } from './panel-switcher.tsx'
import { ReadingsStrip } from './readings-strip.tsx'
import { useRoom, useRoomState, useSetPresence } from './room-context.tsx'
import { TimelineTab } from './timeline-tab.tsx'
import { isTab, type Panel, type Tab, useView } from './view.tsx'

/**
 * The room: graph, tabs, hypotheses and discussion at one glance. On a phone the same panels, one at a time; they stay
 * mounted, so switching loses no scroll position and no half-written sentence.
 */
export function RoomPage() {
  const { role } = useRoom()
  const { panel } = useView()
  const isRight = panel === 'hypotheses' || panel === 'discussion'
  return (
    <div className="flex h-dvh flex-col overflow-hidden">
      <RoomHeader />
      {role === null && (
        <p role="alert" className="bg-growth-soft px-4 py-2 font-[550] text-growth">
          Your access to this room has ended. What you see is from before; changes are no longer sent.
        </p>
      )}
      <div className={clsx('shrink-0', panel !== 'graph' && 'max-md:hidden')}>
        <ReadingsStrip />
      </div>
      <main className="min-h-0 flex-1 overflow-hidden md:grid md:grid-cols-[minmax(0,1fr)_minmax(280px,404px)]">
        <div
          className={clsx(
            'min-h-0 border-line max-md:h-full md:grid md:grid-rows-[minmax(220px,322px)_minmax(0,1fr)] md:border-r',
            isRight && 'max-md:hidden',
          )}
        >
          <Area name="graph" className="max-md:h-full">
            <GraphPanel />
          </Area>
          <LowerTabs />
        </div>
        <div
          className={clsx(
            'min-h-0 max-md:h-full md:grid md:grid-rows-[minmax(0,1fr)_minmax(200px,34%)]',
            !isRight && 'max-md:hidden',
          )}
        >
          <Area name="hypotheses" className="grid min-h-0 max-md:h-full">
            <HypothesesPanel />
          </Area>
          <Area name="discussion" className="grid min-h-0 max-md:h-full">
            <Discussion />
          </Area>
        </div>
      </main>
      <PanelSwitcher />
    </div>
  )
}

/** A part of the room: tells the others when I am in it, and is hidden on a phone while another one is shown. */
function Area({ name, className, children }: { name: Panel; className?: string; children: ReactNode }) {
  const { panel } = useView()
  const setPresence = useSetPresence()
  const here = () => setPresence({ panel: name })
  return (
    <div
      onPointerDownCapture={here}
      onFocusCapture={here}
      className={clsx('min-w-0', className, panel !== name && 'max-md:hidden')}
    >
      {children}
    </div>
  )
}

const WORDS: Record<Tab, string> = {
  growth: 'Growth',
  snapshots: 'Snapshots',
  experiments: 'Experiments',
  notes: 'Notes',
  timeline: 'Timeline',
}

function LowerTabs() {
  const { tab, setTab, panel } = useView()
  const captures = useRoomState((state) => state.captures.length)
  const experiments = useRoomState((state) => state.experiments.length)
  const setPresence = useSetPresence()
  useEffect(
    () => setPresence({ panel: panel === 'graph' && tab !== 'growth' ? tab : panel }),
    [panel, tab, setPresence],
  )
  return (
    <Tabs.Root
      value={tab}
      onValueChange={(next) => isTab(next) && setTab(next)}
      onPointerDownCapture={() => setPresence({ panel: tab })}
      onFocusCapture={() => setPresence({ panel: tab })}
      className={clsx(
        'grid min-h-0 min-w-0 grid-rows-[auto_minmax(0,1fr)] bg-panel max-md:h-full',
        !isTab(panel) && 'max-md:hidden',
      )}
    >
      <Tabs.List aria-label="Views" className="flex gap-0.5 border-line border-b px-3 max-md:hidden">
        {(Object.keys(WORDS) as Tab[]).map((one) => (
          <Tabs.Trigger
            key={one}
            value={one}
            className="h-9 border-transparent border-b-2 px-2.5 focus-visible:-outline-offset-2 font-[550] text-ink-2 hover:text-ink data-[state=active]:border-ink data-[state=active]:text-ink"
          >
            {WORDS[one]}
            <Count of={one === 'snapshots' ? captures : one === 'experiments' ? experiments : 0} />
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {/* The notes' editor keeps its undo history and its place: once opened, it stays. */}
      <TabPanel name="growth">
        <GrowthTab />
      </TabPanel>
      <TabPanel name="snapshots">
        <SnapshotsTab />
      </TabPanel>
      <TabPanel name="experiments">
        <ExperimentsTab />
      </TabPanel>
      <TabPanel name="notes" keep>
        <NotesTab />
      </TabPanel>
      <TabPanel name="timeline">
        <TimelineTab />
      </TabPanel>
    </Tabs.Root>
  )
}

const Count = ({ of }: { of: number }) =>
  of > 0 && <span className="ml-1 font-normal text-2xs text-ink-3">{of}</span>

function TabPanel({ name, keep = false, children }: { name: Tab; keep?: boolean; children: ReactNode }) {
  const { tab } = useView()
  const [opened, setOpened] = useState(tab === name)
  if (tab === name && !opened) setOpened(true)
  return (
    <Tabs.Content
      value={name}
      tabIndex={-1}
      forceMount={(keep && opened) || undefined}
      className="min-h-0 overflow-y-auto overscroll-contain outline-none data-[state=inactive]:hidden"
    >
      {children}
    </Tabs.Content>
  )
}
