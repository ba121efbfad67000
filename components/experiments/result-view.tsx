import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import type { Tone } from '#components/ui/pill'
import { LIKE_ENOUGH } from '#lib/experiments/result'
import { amount, chance } from '#lib/experiments/words'
import type { Conclusion, ExperimentRow, RunRow } from '#lib/investigation/experiments'
import { formatShare } from '#lib/units/format'
import { conclusionWords, measured, nameOfRun } from './experiment-words.tsx'
import { StripPlot } from './strip-plot.tsx'

const COLORS: Record<Tone, string> = {
  growth: 'text-growth',
  warm: 'text-warm',
  steady: 'text-steady',
  native: 'text-native',
  managed: 'text-managed',
  accent: 'text-accent',
  neutral: 'text-ink',
}

/** What the runs say together: the words large, the runs as dots, the numbers, and what carries all of it. */
export function ResultView({
  experiment,
  conclusion,
  runs,
}: {
  experiment: ExperimentRow
  conclusion: Conclusion
  runs: readonly RunRow[]
}) {
  const { words, tone } = conclusionWords(conclusion)
  const { result, runsLeft } = conclusion
  return (
    <section
      aria-label="Result"
      className="grid grid-cols-[minmax(0,1fr)] gap-3 rounded-lg border border-line bg-panel p-3.5"
    >
      <div>
        <h3
          className={clsx(
            'text-balance font-[680] text-[22px] leading-tight tracking-[-0.02em]',
            COLORS[tone],
          )}
        >
          {runsLeft > 0 && result.verdict !== 'cannot-tell' ? `${words} so far` : words}
        </h3>
        <p className="mt-1 max-w-[80ch] [overflow-wrap:anywhere]">{conclusion.words}</p>
        {conclusion.notes.map((note) => (
          <p key={note} className="mt-1 max-w-[80ch] text-sm text-warm [overflow-wrap:anywhere]">
            {note}
          </p>
        ))}
      </div>
      <StripPlot a={result.a} b={result.b} difference={result.difference} metric={result.metric} />
      <Numbers conclusion={conclusion} />
      {conclusion.production && (
        <p className="max-w-[80ch] rounded-md bg-sunken px-3 py-2">
          <b className="font-[620]">Production.</b> {conclusion.production.words}
        </p>
      )}
      <Computed experiment={experiment} conclusion={conclusion} runs={runs} />
    </section>
  )
}

function Numbers({ conclusion }: { conclusion: Conclusion }) {
  const { result, fix } = conclusion
  const { a, b, metric, difference, p, wouldHaveSeen } = result
  return (
    <dl className="grid gap-x-6 gap-y-2 @lg:grid-cols-2 @4xl:grid-cols-4">
      {[a, b].map((arm) => (
        <Fact key={arm.condition} name={`Grew with ${arm.condition}`}>
          <span className="font-[620]">
            {arm.grew.runs} of {arm.grew.of}
          </span>{' '}
          <bdi className="text-ink-2">{arm.label}</bdi>
          {arm.grew.of > 0 && (
            <span className="block text-ink-3 text-xs">
              95 %: {formatShare(arm.grew.low)} to {formatShare(arm.grew.high)}
            </span>
          )}
        </Fact>
      ))}
      {difference && (
        <Fact name="Difference">
          <span className="font-[620]">{amount(difference.value, metric)}</span>
          <span className="block text-ink-3 text-xs">
            {measured(difference, metric).replace(/^[^(]*\(|\)$/g, '')}
          </span>
        </Fact>
      )}
      {p !== null && (
        <Fact name="By chance">
          <span className="font-[620]">{chance(p)}</span>
          <span className="block text-ink-3 text-xs">exact permutation test, one-sided</span>
        </Fact>
      )}
      {wouldHaveSeen !== null && result.verdict !== 'reproduced' && (
        <Fact name="Would have seen">
          <span className="font-[620]">{amount(wouldHaveSeen, metric)}</span>
          <span className="block text-ink-3 text-xs">or more, with a chance of 90 %</span>
        </Fact>
      )}
      {fix && fix.atMost !== null && (
        <Fact name="Left after the fix">
          <span className="font-[620]">at most {amount(Math.max(0, fix.atMost), metric)}</span>
          <span className="block text-ink-3 text-xs">
            95 %, one-sided{fix.atMostShare !== null && `; ${formatShare(fix.atMostShare)} of before`}
          </span>
        </Fact>
      )}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="font-[550] text-ink-3 text-xs">{name}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </div>
  )
}

function Computed({
  experiment,
  conclusion,
  runs,
}: {
  experiment: ExperimentRow
  conclusion: Conclusion
  runs: readonly RunRow[]
}) {
  const { result, parity, production } = conclusion
  const named = new Map<string, string>(runs.map((run) => [run.id, nameOfRun(run)]))
  return (
    <details className="text-sm">
      <summary className="w-fit cursor-pointer rounded text-ink-2 hover:text-ink max-md:py-2">
        How this was computed
      </summary>
      <ul className="mt-2 grid max-w-[90ch] list-disc gap-1 pl-5 text-ink-2 [overflow-wrap:anywhere]">
        {result.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
        <li>
          Each run is judged by itself first: its warm-up is found and left out, the slope of the rest is
          robust (Theil–Sen){' '}
          {result.metric === 'per-iteration'
            ? 'over the count of iterations.'
            : 'over time; not every run counted its iterations.'}
        </li>
        <li>
          {parity === null
            ? 'Nobody compared the environments.'
            : `The environments are ${formatShare(parity)} alike. Below ${formatShare(LIKE_ENOUGH)} a negative says nothing about production.`}
        </li>
        {result.excluded.map(({ id, condition, reason }) => (
          <li key={id}>
            Does not count: {named.get(id) ?? 'a run'} ({condition}). {reason}
          </li>
        ))}
        {production && (
          <li>
            Production: {amount(production.predicted.value, 'per-hour')} predicted,{' '}
            {formatShare(production.share.value)} of what is seen there (
            {production.share.low === null ? 'no lower bound' : formatShare(production.share.low)} to{' '}
            {production.share.high === null ? 'no upper bound' : formatShare(production.share.high)}).
          </li>
        )}
        <li>
          Order drawn with seed <span className="num">{experiment.seed}</span>, method version{' '}
          <span className="num">{result.version}</span>.
        </li>
      </ul>
    </details>
  )
}
