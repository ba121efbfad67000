import { clsx } from 'clsx'
import type { Interval } from '#lib/experiments/intervals'
import type { ArmResult } from '#lib/experiments/result'
import { amount, type Metric } from '#lib/experiments/words'
import { CONDITION_LOOK, ConditionMark } from './condition-mark.tsx'
import { measured } from './experiment-words.tsx'
import { levels, placeOn, type Scale, scaleOf } from './plot-scale.tsx'

const HEIGHT = 40
const DOT = 5
/** Dots nearer to each other than this share of the width are stacked. */
const NEAR = 0.022

/** One dot per run and condition, the mean as a line, and the difference with its interval below on the same scale. */
export function StripPlot({
  a,
  b,
  difference,
  metric,
}: {
  a: ArmResult
  b: ArmResult
  difference: Interval | null
  metric: Metric
}) {
  const values = [...a.slopes, ...b.slopes]
  if (values.length === 0) return null
  const scale = scaleOf(values, difference ? [difference.low, difference.high] : [])
  return (
    <figure className="grid gap-1">
      <figcaption className="text-ink-3 text-xs">
        Growth of each run that counts, {metric === 'per-hour' ? 'per hour' : 'per iteration'}; the line is
        the mean.
      </figcaption>
      {[a, b].map((arm) => (
        <Strip key={arm.condition} arm={arm} scale={scale} metric={metric} />
      ))}
      {difference && <DifferenceStrip difference={difference} scale={scale} metric={metric} />}
      <Axis scale={scale} metric={metric} />
    </figure>
  )
}

const ROW =
  'grid grid-cols-[minmax(0,1fr)] items-center gap-x-3 @2xl:grid-cols-[minmax(0,170px)_minmax(0,1fr)_190px]'

function Strip({ arm, scale, metric }: { arm: ArmResult; scale: Scale; metric: Metric }) {
  const { text, filled } = CONDITION_LOOK[arm.condition]
  const places = arm.slopes.map((slope) => placeOn(scale, slope))
  const stacked = levels(places, NEAR)
  const told = arm.slopes.map((slope) => amount(slope, metric)).join(', ')
  return (
    <div className={ROW}>
      <p className="flex min-w-0 items-center gap-1.5">
        <ConditionMark condition={arm.condition} />
        <bdi className="min-w-0 truncate font-[550]" title={arm.label}>
          {arm.label}
        </bdi>
      </p>
      <svg
        role="img"
        aria-label={`Runs with “${arm.label}”: ${told || 'none'}`}
        width="100%"
        height={HEIGHT}
        className={`overflow-visible ${text}`}
      >
        <Ground scale={scale} />
        {arm.mean !== null && <MeanLine place={placeOn(scale, arm.mean)} />}
        {places.map((place, run) => (
          <circle
            // biome-ignore lint/suspicious/noArrayIndexKey: runs of a result have no other name here, and never move.
            key={run}
            cx={percent(place)}
            cy={HEIGHT / 2 + offset(stacked[run] ?? 0)}
            r={DOT}
            fill={filled ? 'currentColor' : 'var(--panel)'}
            stroke="currentColor"
            strokeWidth="2"
          />
        ))}
      </svg>
      <p className="num text-ink-2 text-xs">
        {arm.mean === null ? 'no run that counts' : `mean ${amount(arm.mean, metric)}`}
      </p>
    </div>
  )
}

/** Stacked dots go up and down in turn around the line: 0, up, down, further up, … */
const offset = (level: number): number => {
  const away = Math.ceil(level / 2) * DOT * 2.1
  return Math.max(-HEIGHT / 2 + DOT, Math.min(HEIGHT / 2 - DOT, level % 2 === 1 ? -away : away))
}

function DifferenceStrip({
  difference,
  scale,
  metric,
}: {
  difference: Interval
  scale: Scale
  metric: Metric
}) {
  const { value, low, high } = difference
  return (
    <div className={ROW}>
      <p className="font-[550]">Difference, A − B</p>
      <svg
        role="img"
        aria-label={`Difference of the means: ${measured(difference, metric)}`}
        width="100%"
        height={28}
        className="overflow-visible text-ink"
      >
        <Ground scale={scale} height={28} />
        <line
          x1={percent(placeOn(scale, low))}
          x2={percent(placeOn(scale, high))}
          y1="14"
          y2="14"
          stroke="currentColor"
          strokeWidth="2"
        />
        {[low, high]
          .filter((end) => end >= scale.low && end <= scale.high)
          .map((end) => (
            <line
              key={end}
              x1={percent(placeOn(scale, end))}
              x2={percent(placeOn(scale, end))}
              y1="9"
              y2="19"
              stroke="currentColor"
              strokeWidth="2"
            />
          ))}
        <rect
          x={percent(placeOn(scale, value))}
          y="10"
          width="8"
          height="8"
          transform="translate(-4 0)"
          fill="currentColor"
        />
      </svg>
      <p className="num text-ink-2 text-xs">
        {measured(difference, metric)
          .replace(' (', '\n(')
          .split('\n')
          .map((part) => (
            <span key={part} className="@2xl:block">
              {part}{' '}
            </span>
          ))}
      </p>
    </div>
  )
}

function Ground({ scale, height = HEIGHT }: { scale: Scale; height?: number }) {
  const zero = percent(placeOn(scale, 0))
  return (
    <>
      <line x1="0" x2="100%" y1={height / 2} y2={height / 2} stroke="var(--line)" />
      <line x1={zero} x2={zero} y1="0" y2={height} stroke="var(--line-strong)" strokeDasharray="2 2" />
    </>
  )
}

const MeanLine = ({ place }: { place: number }) => (
  <line
    x1={percent(place)}
    x2={percent(place)}
    y1="3"
    y2={HEIGHT - 3}
    stroke="currentColor"
    strokeWidth="2"
    opacity="0.55"
  />
)

function Axis({ scale, metric }: { scale: Scale; metric: Metric }) {
  return (
    <div className={ROW} aria-hidden>
      <span className="@max-2xl:hidden" />
      <div className="relative h-4">
        {scale.ticks.map((tick, at) => (
          <span
            key={tick}
            className={clsx(
              'num absolute top-0 whitespace-nowrap text-2xs text-ink-3',
              isLeftOut(at, scale) && '@max-2xl:hidden',
            )}
            style={{ left: percent(placeOn(scale, tick)), transform: `translateX(${shift(at, scale)}%)` }}
          >
            {tickWords(tick, metric)}
          </span>
        ))}
      </div>
      <span className="@max-2xl:hidden" />
    </div>
  )
}

/** The first and the last tick stay inside of the plot. */
const shift = (at: number, { ticks }: Scale): number => (at === 0 ? 0 : at === ticks.length - 1 ? -100 : -50)

/** Where there is little room, every other tick of many stands. */
const isLeftOut = (at: number, { ticks }: Scale): boolean =>
  ticks.length > 4 && (ticks.length - 1 - at) % 2 === 1

const tickWords = (tick: number, metric: Metric): string =>
  tick === 0
    ? '0'
    : amount(tick, metric)
        .replace(/ per iteration$/, '')
        .replace(/\.0(?= )/, '')

const percent = (place: number): string => `${(place * 100).toFixed(2)}%`
