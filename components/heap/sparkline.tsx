/** The counts of one group from capture to capture, as a line of 64 × 16 pixels. Every number is also in its own cell. */
export function Sparkline({ values, tone }: { values: readonly number[]; tone: string }) {
  if (values.length < 2) return null
  return (
    <svg width="64" height="16" viewBox="0 0 64 16" aria-hidden="true" className={tone} focusable="false">
      <path
        d={sparklinePath(values)}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  )
}

/** From the lowest value at the bottom to the highest at the top; equal values run through the middle. */
export function sparklinePath(values: readonly number[]): string {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const step = 60 / Math.max(1, values.length - 1)
  return values
    .map((value, at) => {
      const y = high === low ? 8 : 14 - ((value - low) / (high - low)) * 12
      return `${at === 0 ? 'M' : 'L'}${(2 + at * step).toFixed(1)} ${y.toFixed(1)}`
    })
    .join(' ')
}
