import Link from 'next/link'
import { type AvatarPerson, AvatarStack } from '#components/ui/avatar'
import { Tag } from '#components/ui/pill'
import type { InvestigationStatus } from '#lib/investigation/rows'
import { LazyMemoryLine, type ListedLine } from './lazy-memory-line.tsx'
import { RelativeTime } from './relative-time.tsx'
import { type RowActions, RowMenu } from './row-menu.tsx'
import { StatusPill } from './status-pill.tsx'

/** One investigation as the home page shows it. */
export interface InvestigationView {
  readonly id: string
  readonly title: string
  readonly status: InvestigationStatus
  readonly demo: boolean
  readonly lastActivityAt: number
  /** What is inside, or the hypothesis that stands best: one line. */
  readonly summary: string
  readonly line: ListedLine | null
  readonly people: readonly AvatarPerson[]
}

export function InvestigationRow({
  investigation,
  actions,
}: {
  investigation: InvestigationView
  /** Absent for somebody who may only look. */
  actions?: RowActions
}) {
  const { id, title, status, demo, lastActivityAt, summary, line, people } = investigation
  return (
    <li className="relative flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-t px-4 py-3 first:border-0 hover:bg-sunken/60 md:grid md:gap-x-4 md:grid-cols-[1fr_120px_180px_96px_92px_28px]">
      <div className="min-w-0 max-md:basis-full">
        {/* The link's ::after covers the row, so that all of it can be clicked and only the title is read out. */}
        <Link
          href={`/i/${id}`}
          className="line-clamp-2 font-[620] text-md [overflow-wrap:anywhere] after:absolute after:inset-0 after:content-['']"
        >
          {title}
          {demo && (
            <span className="ml-2 align-[1px]">
              <Tag tone="accent">Demo</Tag>
            </span>
          )}
        </Link>
        <span className="block truncate text-ink-2 text-sm">{summary}</span>
      </div>
      <span>
        <StatusPill status={status} />
      </span>
      <span className="max-md:hidden">{line && <LazyMemoryLine investigationId={id} line={line} />}</span>
      <span className="flex min-h-6 items-center">
        <AvatarStack people={people} />
      </span>
      <span className="text-ink-2 text-sm max-md:ml-auto">
        <RelativeTime at={lastActivityAt} />
      </span>
      <span className="relative z-10 max-md:hidden">
        {actions && <RowMenu id={id} title={title} demo={demo} actions={actions} />}
      </span>
    </li>
  )
}
