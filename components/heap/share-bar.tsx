import { formatShare } from '#lib/units/format'

/** A share as a bar and as a number: nothing is said by length alone. */
export function ShareBar({ share, tone = 'bg-accent' }: { share: number; tone?: string }) {
  const width = Math.min(100, Math.max(0, share * 100))
  return (
    <span className="flex items-center justify-end gap-2">
      <span className="h-1 min-w-6 flex-1 overflow-hidden rounded-sm bg-sunken" aria-hidden="true">
        <span className={`block h-full rounded-sm ${tone}`} style={{ width: `${width}%` }} />
      </span>
      <span className="num w-12 shrink-0 text-right">{formatShare(share)}</span>
    </span>
  )
}
