import Link from 'next/link'
import type { GrowthHolder } from '#lib/reports/growth-report'
import { formatShare } from '#lib/units/format'
import { visible } from './raw-text.tsx'

interface HolderLinkProps {
  readonly holder: GrowthHolder
  readonly investigationId: string
  /** Ids of the compared captures, in order. */
  readonly captures: readonly string[]
  /** Part of a row's growth that it holds, 0 to 1. */
  readonly share?: number
  /** Instead of its name, where that stands beside. */
  readonly words?: string
}

/** Who keeps what grew, with the way to the object itself in the newest capture. */
export function HolderLink({ holder, investigationId, captures, share, ...rest }: HolderLinkProps) {
  const href = holderHref(holder, investigationId, captures)
  const words = rest.words ?? visible(holder.words)
  const steps = holder.path.map(({ name, edge }) => (edge === null ? name : `${edge}: ${name}`)).join(' → ')
  return (
    <span className="min-w-0 [overflow-wrap:anywhere]" title={visible(steps)}>
      {href === null ? (
        rest.words === undefined && <bdi className="font-semibold">{words}</bdi>
      ) : (
        <Link href={href} className="text-accent hover:underline">
          <bdi>{words}</bdi>
        </Link>
      )}
      {share !== undefined && share < 0.995 && (
        <span className="text-ink-3"> ({formatShare(share)} of it)</span>
      )}
    </span>
  )
}

/** The holder's place in the newest capture, compared with the oldest; null when it has no object there. */
export function holderHref(
  { ownerPath, example }: Pick<GrowthHolder, 'ownerPath' | 'example'>,
  investigationId: string,
  captures: readonly string[],
): string | null {
  const newest = captures.at(-1)
  if (newest === undefined || (ownerPath === null && example === null)) return null
  const query = new URLSearchParams({ tab: 'dominators' })
  if (ownerPath !== null) query.set('path', String(ownerPath))
  if (example !== null) query.set('object', String(example))
  const oldest = captures[0]
  if (oldest !== undefined && oldest !== newest) query.set('since', oldest)
  return `/i/${investigationId}/captures/${newest}?${query}`
}
