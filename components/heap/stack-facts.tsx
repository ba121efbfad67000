import type { CaptureRow } from '#lib/investigation/rows'
import type { StackKind } from '#lib/stacks/stack-profile'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { FACTS, Fact } from './capture-facts.tsx'
import { formatReadTime } from './capture-words.tsx'
import { LocalTime } from './local-time.tsx'
import { visible } from './raw-text.tsx'
import type { ShownStacks } from './shown-report.tsx'

const KINDS: Record<StackKind, string> = {
  live: 'In use',
  'definitely-lost': 'Definitely lost',
  'indirectly-lost': 'Indirectly lost',
  'possibly-lost': 'Possibly lost',
  'still-reachable': 'Still reachable',
}

/** The numbers above the stacks of an allocation profile. Kinds are never summed: indirectly lost is in definitely lost. */
export function StackFacts({ capture, report }: { capture: CaptureRow; report: ShownStacks }) {
  const { summary } = report
  const isInUse = summary.measures.includes('in-use-bytes')
  const size = isInUse ? 'in-use-bytes' : 'allocated-bytes'
  const blocks = summary.measures.includes('in-use-blocks') ? 'in-use-blocks' : 'allocated-blocks'
  // A profile of goroutines has no bytes: none is not the same as 0 B.
  const hasBytes = isInUse || summary.measures.includes('allocated-bytes')
  return (
    // On a phone it scrolls, also with the keyboard.
    <dl tabIndex={0} className={FACTS}>
      <Fact name="Captured" hint={capture.process === null ? undefined : visible(capture.process)}>
        {capture.takenAt === null ? 'time not given' : <LocalTime at={capture.takenAt} />}
      </Fact>
      {capture.requestCount !== null && (
        <Fact name="Requests by then">{formatCount(capture.requestCount)}</Fact>
      )}
      <Fact name="Format" hint={visible(summary.producer)}>
        {report.format.label}
      </Fact>
      {summary.kinds.map(({ kind, totals }) => (
        <Fact
          key={kind}
          name={kind === 'live' && !isInUse && hasBytes ? 'Allocated' : KINDS[kind]}
          hint={
            hasBytes && totals[blocks] > 0 ? `${formatCount(totals[blocks])} ${summary.blockWord}` : undefined
          }
        >
          <span className={kind === 'definitely-lost' ? 'text-growth' : undefined}>
            {hasBytes
              ? formatBytes(bytes(totals[size]))
              : `${formatCount(totals[blocks])} ${summary.blockWord}`}
          </span>
        </Fact>
      ))}
      <Fact name="Stacks" hint={visible(summary.sampling.words)}>
        {formatCount(summary.stacks)}
      </Fact>
      <Fact name="Read in" hint={formatBytes(bytes(report.plainBytes))}>
        {formatReadTime(report.readMs)}
      </Fact>
    </dl>
  )
}
