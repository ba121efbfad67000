import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from '#components/ui/button'

interface InspectorPanelProps {
  /** What the panel is about, for those who do not see it. */
  readonly label: string
  readonly onClose: () => void
  readonly children: ReactNode
}

/** The place beside a capture's view for one thing in full. Where there is no room beside it, it lies over the view. */
export function InspectorPanel({ label, onClose, children }: InspectorPanelProps) {
  return (
    <section
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return
        event.preventDefault()
        onClose()
      }}
      className="relative flex min-h-0 shrink-0 flex-col overflow-y-auto border-line bg-panel px-4 py-3.5 max-lg:absolute max-lg:inset-x-0 max-lg:bottom-0 max-lg:z-20 max-lg:max-h-[82%] max-lg:rounded-t-xl max-lg:border-t max-lg:shadow-pop lg:w-[400px] lg:border-l xl:w-[430px]"
    >
      <IconButton label={`Close: ${label}`} onClick={onClose} className="absolute top-2.5 right-2.5 z-10">
        <X size={14} aria-hidden />
      </IconButton>
      {children}
    </section>
  )
}

/** A heading inside the panel. */
export function PanelHeading({ children, aside }: { children: ReactNode; aside?: ReactNode }) {
  return (
    <h3 className="mt-4 mb-1.5 flex items-baseline gap-2 font-semibold text-ink-2 text-sm">
      {children}
      {aside !== undefined && <span className="font-normal text-ink-3 text-xs">{aside}</span>}
    </h3>
  )
}

/** Names and values in two columns. */
export function FactList({ children }: { children: ReactNode }) {
  return (
    <dl className="mt-3 grid grid-cols-[112px_minmax(0,1fr)] gap-x-2 gap-y-1 [&_dd]:min-w-0 [&_dd]:[overflow-wrap:anywhere] [&_dt]:text-ink-3">
      {children}
    </dl>
  )
}
