import type { ReactNode } from 'react'
import { Dialog } from '#components/ui/dialog'
import type { PerThousand } from '#lib/series/per-thousand'
import type { SegmentReading, SeriesReading } from '#lib/series/reading'
import type { Restart } from '#lib/series/restarts'
import { formatByteChange, formatBytes, formatCount, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import { ClockTime } from './clock-time.tsx'
import { type PerThousandRead, perThousandWords, rateWords } from './readings.tsx'

/** Stretches and restarts that are listed; what there is more of is counted. */
const MOST_ROWS = 40

/** What the shape, the rate and the limit rest on: the samples, the rule, the numbers. */
export function ReadingDialog({
  label,
  reading,
  perThousand,
  onClose,
}: {
  label: string
  reading: SeriesReading
  perThousand: PerThousandRead | null
  onClose(): void
}) {
  const { from, to, samples, segments, restarts, reachesLimit } = reading
  const { words, reasons, decidableAt } = reading.reading
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => open || onClose()}
      title={`What ${label} says`}
      description={words}
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4 text-sm">
        <p className="text-ink-2">
          {formatCount(samples)} samples from <ClockTime at={from} /> to <ClockTime at={to} />. Method{' '}
          {reading.version}.
          {decidableAt !== null && (
            <>
              {' '}
              More can be said from <ClockTime at={decidableAt} /> on, if it goes on as it does.
            </>
          )}
        </p>
        {reasons.length > 0 && (
          <Part title="What this rests on">
            <ul className="grid list-disc gap-1 pl-4 text-ink-2">
              {reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </Part>
        )}
        {segments.length > 0 && (
          <Part title="Stretches">
            <Stretches segments={segments.slice(-MOST_ROWS)} />
            {segments.length > MOST_ROWS && <More of={segments.length - MOST_ROWS} />}
          </Part>
        )}
        {perThousand && (
          <Part title={`Per 1,000 ${perThousand.counter.toLowerCase()}`}>
            <p>{costWords(perThousand)}</p>
          </Part>
        )}
        {restarts.length > 0 && (
          <Part title="Restarts">
            <ul className="grid gap-0.5 text-ink-2">
              {restarts.slice(-MOST_ROWS).map((restart) => (
                <li key={restart.at}>
                  <ClockTime at={restart.at} />: {restartWords(restart)}
                </li>
              ))}
            </ul>
            {restarts.length > MOST_ROWS && <More of={restarts.length - MOST_ROWS} />}
          </Part>
        )}
        {reachesLimit && (
          <Part title="The nearest limit">
            <p>
              <bdi>{reachesLimit.limit.label}</bdi>, {formatBytes(bytes(reachesLimit.limit.bytes))}.{' '}
              {reachesLimit.words}
            </p>
          </Part>
        )}
      </div>
    </Dialog>
  )
}

const More = ({ of }: { of: number }) => (
  <p className="mt-1 text-ink-3 text-xs">{formatCount(of)} earlier ones are not listed.</p>
)

const KINDS: Record<SegmentReading['kind'], string> = {
  growing: 'grows',
  slowing: 'slows down',
  stepped: 'in steps',
  steady: 'steady',
  'cannot-tell': 'cannot tell',
}

function Stretches({ segments }: { segments: readonly SegmentReading[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
    <section aria-label="Stretches, a table" tabIndex={0} className="overflow-x-auto">
      <table className="w-full min-w-[34rem] text-left text-sm">
        <thead className="text-ink-3 text-xs">
          <tr>
            {['From', 'Lasts', 'Does', 'Rate', '95 %', 'Samples', 'Worth'].map((head) => (
              <th key={head} scope="col" className="py-0.5 pr-3 font-[550]">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {segments.map(({ from, to, kind, phase, bytesPerHour, samples, independent }) => (
            <tr key={from} className="border-line border-t align-top">
              <td className="py-0.5 pr-3">
                <ClockTime at={from} />
                {phase && <bdi className="block text-ink-3 text-xs">{phase}</bdi>}
              </td>
              <td className="num py-0.5 pr-3">{formatDuration(milliseconds(to - from))}</td>
              <td className="py-0.5 pr-3">{KINDS[kind]}</td>
              <td className="num py-0.5 pr-3">{bytesPerHour ? rateWords(bytesPerHour.value) : '–'}</td>
              <td className="num py-0.5 pr-3">
                {bytesPerHour
                  ? `${formatByteChange(bytes(bytesPerHour.low))} to ${formatByteChange(bytes(bytesPerHour.high))}`
                  : '–'}
              </td>
              <td className="num py-0.5 pr-3">{formatCount(samples)}</td>
              <td className="num py-0.5" title="Independent points that the samples are worth">
                {independent.toFixed(0)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const NOT_TOLD: Record<Exclude<PerThousand['state'], 'told'>, string> = {
  'too-few': 'Fewer than 1,000 were counted in the stretch that grows: not enough for a rate.',
  'too-even':
    'They came so evenly that growth with them and growth with time are the same line. Uneven traffic would tell.',
  'cannot-tell': 'Memory and counter were hardly measured at the same times.',
}

function costWords(cost: PerThousandRead): string {
  if (cost.state !== 'told') return NOT_TOLD[cost.state]
  return `${perThousandWords(cost)}, in the longest stretch that grows (${formatDuration(milliseconds(cost.to - cost.from))}).`
}

const BECAUSE: Record<Restart['because'], string> = {
  pid: 'another process',
  mark: 'somebody marked it',
  counter: 'a counter that only rises began anew',
  fall: 'memory fell to where it starts (inferred)',
}
const CAUSES: Record<NonNullable<Restart['cause']>, string> = {
  crash: 'after a crash',
  deploy: 'after a deploy',
  scripted: 'as regular as a script’s',
}

function restartWords({ because, pidBefore, pidAfter, cause }: Restart): string {
  // What is larger than Linux's largest pid is the second at which the process was started.
  const pids = pidBefore && pidAfter && pidAfter <= 2 ** 22 ? ` (${pidBefore} → ${pidAfter})` : ''
  return `${BECAUSE[because]}${pids}${cause ? `, ${CAUSES[cause]}` : ''}`
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 font-[650]">{title}</h3>
      {children}
    </section>
  )
}
