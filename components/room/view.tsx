'use client' // Which panel is open and what it shows is state of this tab, kept in the address.

import { useRouter, useSearchParams } from 'next/navigation'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import type { ExperimentId, HypothesisId, InvestigationId } from '#lib/investigation/ids'
import type { EvidenceRef } from '#lib/investigation/rows'

export const TABS = ['growth', 'snapshots', 'experiments', 'notes', 'timeline'] as const
export type Tab = (typeof TABS)[number]
/** What the narrow layout shows, one at a time. */
export type Panel = 'graph' | Tab | 'hypotheses' | 'discussion'
export type RoomDialog =
  | 'palette'
  | 'help'
  | 'share'
  | 'mark'
  | 'limit'
  | 'import'
  | 'prometheus'
  | 'history'
  | 'experiment'

export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** Something to bring into view once; `nonce` tells two requests for the same thing apart. */
export interface Spotlight {
  readonly kind: 'hypothesis' | 'message' | 'note' | 'range'
  readonly id: string
  readonly range?: TimeRange
  readonly nonce: number
}

/** What a new experiment begins with. */
export interface ExperimentWish {
  readonly hypothesisId?: HypothesisId | undefined
  /** Id of a template. */
  readonly template?: string | undefined
  /** To check a fix: the experiment whose runs of A stand for "before the fix". */
  readonly before?: ExperimentId | undefined
}

export interface RoomView {
  readonly tab: Tab
  readonly panel: Panel
  readonly dialog: RoomDialog | null
  readonly brushed: TimeRange | null
  /** What the graph shows now; null without a graph. */
  readonly visible: TimeRange | null
  readonly spotlight: Spotlight | null
  /** Counts the wishes for a new hunch; the panel opens its form when it changes. */
  readonly hunchWishes: number
  setTab(tab: Tab): void
  setPanel(panel: Panel): void
  setDialog(dialog: RoomDialog | null): void
  setBrushed(range: TimeRange | null): void
  setVisible(range: TimeRange | null): void
  wishHunch(): void
  /** What the dialog of a new experiment begins with. */
  readonly experimentWish: ExperimentWish
  wishExperiment(wish?: ExperimentWish): void
  showExperiment(id: string): void
  spot(kind: Spotlight['kind'], id: string, range?: TimeRange): void
  /** Brings the reader to the view that a pin points at. */
  show(ref: EvidenceRef): void
}

const ViewContext = createContext<RoomView | null>(null)

export function useView(): RoomView {
  const view = useContext(ViewContext)
  if (!view) throw new Error('This component belongs inside a <ViewProvider>.')
  return view
}

export const isTab = (word: string | null): word is Tab => TABS.some((tab) => tab === word)

/** The address of a growth row: the Growth tab reads `captures` and `row` (components/heap). */
export function growthQuery(captureIds: readonly string[], group: string): string {
  return new URLSearchParams({ tab: 'growth', captures: captureIds.join(','), row: group }).toString()
}

/** The address of an experiment in its room. */
export const experimentQuery = (experimentId: string): string =>
  new URLSearchParams({ tab: 'experiments', experiment: experimentId }).toString()

/** The permanent address of a pin. */
export const pinPath = (investigationId: string, evidenceId: string): string =>
  `/i/${investigationId}?pin=${evidenceId}`

/** A capture page's path inside the room; `view` is the query that was open, or a path below the capture. */
export function capturePath(investigationId: string, captureId: string, view: string): string {
  const base = `/i/${investigationId}/captures/${captureId}`
  if (view === '') return base
  if (view.startsWith('/i/')) return view.startsWith(base) ? view : base
  return view.startsWith('?') || view.startsWith('/') ? base + view : `${base}?${view}`
}

/** Changes the query without asking the server for the page again. */
function replaceQuery(query: string) {
  window.history.replaceState(null, '', query ? `?${query}` : window.location.pathname)
}

export function ViewProvider({
  investigationId,
  children,
}: {
  investigationId: InvestigationId
  children: ReactNode
}) {
  const router = useRouter()
  const query = useSearchParams()
  const asked = query.get('tab')
  const tab: Tab = isTab(asked) ? asked : 'growth'
  const [panel, setPanelState] = useState<Panel>(isTab(asked) ? asked : 'graph')
  // A link with a tab (from a capture's page, from a colleague) opens that panel on a phone, too.
  useEffect(() => {
    if (isTab(asked)) setPanelState(asked)
  }, [asked])
  const [dialog, setDialog] = useState<RoomDialog | null>(null)
  const [brushed, setBrushed] = useState<TimeRange | null>(null)
  const [visible, setVisible] = useState<TimeRange | null>(null)
  const [spotlight, setSpotlight] = useState<Spotlight | null>(null)
  const [hunchWishes, setHunchWishes] = useState(0)
  const [experimentWish, setExperimentWish] = useState<ExperimentWish>({})

  /** Shows the room's page with this query: in place when it is open, from a capture's page by going there. */
  const toRoom = useCallback(
    (queryString: string) => {
      const room = `/i/${investigationId}`
      if (window.location.pathname === room) replaceQuery(queryString)
      else router.push(queryString ? `${room}?${queryString}` : room)
    },
    [investigationId, router],
  )
  const setTab = useCallback(
    (next: Tab) => {
      const isHere = window.location.pathname === `/i/${investigationId}`
      const params = new URLSearchParams(isHere ? window.location.search : '')
      params.set('tab', next)
      params.delete('pin')
      if (next === 'experiments') params.delete('experiment')
      toRoom(params.toString())
      setPanelState(next)
    },
    [investigationId, toRoom],
  )
  const setPanel = useCallback(
    (next: Panel) => {
      if (isTab(next)) return setTab(next)
      setPanelState(next)
      if (window.location.pathname !== `/i/${investigationId}`) toRoom('')
    },
    [investigationId, setTab, toRoom],
  )
  const spot = useCallback((kind: Spotlight['kind'], id: string, range?: TimeRange) => {
    setSpotlight((before) => ({ kind, id, range, nonce: (before?.nonce ?? 0) + 1 }))
  }, [])
  const wishHunch = useCallback(() => {
    setPanel('hypotheses')
    setHunchWishes((wishes) => wishes + 1)
  }, [setPanel])
  const wishExperiment = useCallback((wish: ExperimentWish = {}) => {
    setExperimentWish(wish)
    setDialog('experiment')
  }, [])
  const showExperiment = useCallback(
    (id: string) => {
      toRoom(experimentQuery(id))
      setPanelState('experiments')
    },
    [toRoom],
  )
  const show = useCallback(
    (ref: EvidenceRef) => {
      switch (ref.kind) {
        case 'series-range':
          setPanel('graph')
          return spot('range', ref.seriesIds.join(','), { from: ref.from, to: ref.to })
        case 'growth-row':
          toRoom(growthQuery(ref.captureIds, ref.group))
          return setPanelState('growth')
        case 'capture':
          return router.push(capturePath(investigationId, ref.captureId, ref.view))
        case 'experiment':
          return showExperiment(ref.experimentId)
        case 'message':
          setPanel('discussion')
          return spot('message', ref.messageId)
        case 'note':
          setTab('notes')
          return spot('note', ref.quote)
      }
    },
    [investigationId, router, setPanel, setTab, showExperiment, spot, toRoom],
  )

  const value = useMemo<RoomView>(
    () => ({
      tab,
      panel,
      dialog,
      brushed,
      visible,
      spotlight,
      hunchWishes,
      setTab,
      setPanel,
      setDialog,
      setBrushed,
      setVisible,
      wishHunch,
      experimentWish,
      wishExperiment,
      showExperiment,
      spot,
      show,
    }),
    [
      tab,
      panel,
      dialog,
      brushed,
      visible,
      spotlight,
      hunchWishes,
      setTab,
      setPanel,
      wishHunch,
      experimentWish,
      wishExperiment,
      showExperiment,
      spot,
      show,
    ],
  )
  return <ViewContext value={value}>{children}</ViewContext>
}
