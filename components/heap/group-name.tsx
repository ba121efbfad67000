import { Tag } from '#components/ui/pill'
import type { LedgerState } from '#lib/investigation/ledger-state'
import { LEDGER_WORDS } from './ledger-words.tsx'
import { visible } from './raw-text.tsx'

interface GroupNameProps {
  readonly className: string
  readonly type: string
  /** The allocation site in words; null: not traced. */
  readonly site: string | null
  /** What the team's ledger says. */
  readonly mark?: LedgerState | null
}

/** A group in one line: its class, then its allocation site, cut off at the front, because paths differ at the end. */
export function GroupName({ className, type, site, mark }: GroupNameProps) {
  const name = visible(className)
  const place = site === null ? 'not traced' : visible(site)
  return (
    <span className="flex min-w-0 items-baseline gap-2" title={`${name} (${visible(type)})\n${place}`}>
      <bdi className="max-w-[60%] shrink-0 truncate font-semibold">{name}</bdi>
      {mark != null && (
        <span className="shrink-0" title={LEDGER_WORDS[mark].title}>
          <Tag tone={LEDGER_WORDS[mark].tone}>{LEDGER_WORDS[mark].words}</Tag>
        </span>
      )}
      <span className="min-w-0 truncate text-left font-mono text-ink-3 text-xs [direction:rtl]">
        <bdi dir="ltr">{place}</bdi>
      </span>
    </span>
  )
}
