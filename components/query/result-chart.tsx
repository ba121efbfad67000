import { visible } from '#components/heap/raw-text'
import type { QueryAnswer } from '#lib/reports/query-answer'
import { formatCount } from '#lib/units/format'
import { cellWords, chartColumns } from './result-order.tsx'

/** More bars than this are no picture. */
const MAX_BARS = 40

/** An answer as bars: one a row, in the order of the answer. */
export function ResultChart({ answer }: { answer: QueryAnswer }) {
  const chosen = chartColumns(answer)
  if (!chosen) {
    return (
      <p className="px-4 py-6 text-ink-2">
        A chart needs a column of numbers and one to name its bars, as in “SELECT class, sum(shallow_bytes) …
        GROUP BY class”.
      </p>
    )
  }
  const { name, value } = chosen
  const column = answer.columns[value]?.name ?? ''
  const bars = answer.rows.slice(0, MAX_BARS)
  const most = Math.max(1, ...bars.map((row) => Math.abs(Number(row[value] ?? 0)) || 0))
  return (
    <figure className="min-h-0 flex-1 overflow-auto px-4 py-3">
      <figcaption className="mb-2 text-ink-3 text-xs">
        {visible(column)} by {visible(answer.columns[name]?.name ?? '')}
        {answer.rows.length > MAX_BARS &&
          `, the first ${MAX_BARS} of ${formatCount(answer.rows.length)} rows`}
      </figcaption>
      <ol className="grid gap-1">
        {bars.map((row, at) => {
          const amount = Number(row[value] ?? 0) || 0
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of an answer have no other name, and never move.
              key={at}
              className="grid grid-cols-[minmax(90px,260px)_1fr_auto] items-center gap-2 text-sm"
            >
              <bdi
                className="truncate text-right font-mono text-xs"
                title={visible(String(row[name] ?? '–'))}
              >
                {visible(String(row[name] ?? '–'))}
              </bdi>
              <span className="h-3.5 rounded-sm bg-sunken">
                <span
                  className={`block h-full rounded-sm ${amount < 0 ? 'bg-steady' : 'bg-managed'}`}
                  style={{ width: `${(Math.abs(amount) / most) * 100}%` }}
                />
              </span>
              <span className="num min-w-[76px] text-right">
                {cellWords(row[value] ?? null, column) ?? '–'}
              </span>
            </li>
          )
        })}
      </ol>
    </figure>
  )
}
