import { Pill, type Tone } from '#components/ui/pill'
import type { InvestigationStatus } from '#lib/investigation/rows'

/** An investigation's status as people read it, on every page. */
export const INVESTIGATION_STATUS: Record<InvestigationStatus, { label: string; tone: Tone }> = {
  investigating: { label: 'Investigating', tone: 'warm' },
  'cause-found': { label: 'Cause found', tone: 'native' },
  'no-growth': { label: 'No growth', tone: 'steady' },
  parked: { label: 'Parked', tone: 'neutral' },
}

export function StatusPill({ status }: { status: InvestigationStatus }) {
  const { label, tone } = INVESTIGATION_STATUS[status]
  return <Pill tone={tone}>{label}</Pill>
}
