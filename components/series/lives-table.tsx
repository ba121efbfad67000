import { clsx } from 'clsx'
import { ClockTime } from '#components/room/clock-time'
import type { LifeSeen } from '#lib/series/lives-view'
import { formatByteChange, formatCount, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'

/** What the picture shows, in words and numbers; the row that is pointed at lights its line. */
export function LivesTable({
  lives,
  lit,
  onLight,
}: {
  lives: readonly LifeSeen[]
  lit: string | null
  onLight(label: string | null): void
}) {
  if (lives.length === 0) return null
  const areCounted = lives.some(({ served }) => served !== null)
  return (
    <section
      aria-label="The lives as a table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
      tabIndex={0}
      className="-outline-offset-2 md:max-h-full md:overflow-y-auto max-md:overflow-x-auto"
    >
      <table className="text-left text-xs max-md:w-full">
        <caption className="sr-only">Lives of the process</caption>
        <thead className="sticky top-0 bg-panel text-ink-3">
          <tr>
            {['Life', 'Began', 'Lasted', 'Grew', ...(areCounted ? ['Requests'] : [])].map((head) => (
              <th key={head} scope="col" className="py-0.5 pr-3 font-[550]">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lives.map(({ label, from, to, grew, served, isOdd }) => (
            <tr
              key={label}
              onPointerEnter={() => onLight(label)}
              onPointerLeave={() => onLight(null)}
              className={clsx('border-line border-t', label === lit && 'bg-sunken')}
            >
              <th scope="row" className="whitespace-nowrap py-0.5 pr-3 font-[550]">
                {label}
                {isOdd && <span className="ml-1 text-growth">unlike the others</span>}
              </th>
              <td className="whitespace-nowrap py-0.5 pr-3">
                <ClockTime at={from} />
              </td>
              <td className="num whitespace-nowrap py-0.5 pr-3">{formatDuration(milliseconds(to - from))}</td>
              <td className="num whitespace-nowrap py-0.5 pr-3">{formatByteChange(bytes(grew))}</td>
              {areCounted && (
                <td className="num py-0.5 pr-3">{served === null ? '–' : formatCount(served)}</td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
