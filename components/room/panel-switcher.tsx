'use client' // Switches what a phone shows.

import { clsx } from 'clsx'
import {
  Camera,
  ChartLine,
  Clock,
  FileText,
  FlaskConical,
  Lightbulb,
  type LucideIcon,
  MessageSquare,
  TrendingUp,
} from 'lucide-react'
import { type Panel, useView } from './view.tsx'

const PANELS: readonly { panel: Panel; words: string; icon: LucideIcon }[] = [
  { panel: 'graph', words: 'Graph', icon: ChartLine },
  { panel: 'growth', words: 'Growth', icon: TrendingUp },
  { panel: 'snapshots', words: 'Captures', icon: Camera },
  { panel: 'experiments', words: 'Tests', icon: FlaskConical },
  { panel: 'notes', words: 'Notes', icon: FileText },
  { panel: 'hypotheses', words: 'Ideas', icon: Lightbulb },
  { panel: 'discussion', words: 'Talk', icon: MessageSquare },
  { panel: 'timeline', words: 'Time', icon: Clock },
]

/** On a phone one panel fills the screen; this bar at the thumb chooses it. */
export function PanelSwitcher() {
  const { panel, setPanel } = useView()
  return (
    <nav
      aria-label="Panels"
      className="grid grid-cols-8 border-line border-t bg-panel pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {PANELS.map(({ panel: one, words, icon: Icon }) => (
        <button
          key={one}
          type="button"
          aria-label={one.charAt(0).toUpperCase() + one.slice(1)}
          aria-current={panel === one ? 'page' : undefined}
          onClick={() => setPanel(one)}
          className={clsx(
            'grid min-h-12 min-w-0 place-items-center content-center gap-0.5 text-[10px]',
            panel === one ? 'font-semibold text-accent' : 'text-ink-2',
          )}
        >
          <Icon size={18} aria-hidden />
          <span className="max-w-full truncate">{words}</span>
        </button>
      ))}
    </nav>
  )
}
