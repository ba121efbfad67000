import type { Bytes, Milliseconds } from './quantity.ts'

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/**
 * `1536` → "1.5 KiB", 1,024-based always. A negative size keeps its sign ("−1.5 KiB", with a minus sign,
 * not a hyphen). `digits` are those after the point; whole bytes never have any.
 */
export function formatBytes(size: Bytes, digits = 1): string {
  const magnitude = Math.abs(size)
  let power = 0
  while (power < BYTE_UNITS.length - 1 && magnitude >= 1024 ** (power + 1)) power++
  // 1,048,575 B would round to "1024.0 KiB": step up to "1.0 MiB" instead.
  if (power < BYTE_UNITS.length - 1 && Number((magnitude / 1024 ** power).toFixed(digits)) >= 1024) power++
  const number = power === 0 ? String(Math.round(magnitude)) : (magnitude / 1024 ** power).toFixed(digits)
  return `${size < 0 ? '−' : ''}${number} ${BYTE_UNITS[power]}`
}

/** As `formatBytes`, with a plus sign for growth: "+1.5 KiB", "−20 B", "0 B". */
export const formatByteChange = (size: Bytes, digits = 1): string =>
  (size > 0 ? '+' : '') + formatBytes(size, digits)

/** `1234567` → "1,234,567". The same on every machine, whatever its locale. */
export const formatCount = (count: number): string => Math.round(count).toLocaleString('en-US')

/** `0.973` → "97 %". Below one percent one digit is kept: "0.4 %"; what rounds to nothing is "<0.1 %". */
export function formatShare(ratio: number): string {
  const percent = ratio * 100
  if (percent > 0 && percent < 0.05) return '<0.1 %'
  return `${Math.abs(percent) < 0.95 && percent !== 0 ? percent.toFixed(1) : Math.round(percent)} %`
}

/** "3 h 40 min", "2 d 4 h", "12 s", "340 ms": the two largest units, for people. */
export function formatDuration(duration: Milliseconds): string {
  if (duration < 1000) return `${Math.round(duration)} ms`
  const total = Math.round(duration / 1000)
  const [d, h, m, s] = [
    Math.floor(total / 86400),
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
    total % 60,
  ]
  if (d > 0) return h > 0 ? `${d} d ${h} h` : `${d} d`
  if (h > 0) return m > 0 ? `${h} h ${m} min` : `${h} h`
  if (m > 0) return s > 0 ? `${m} min ${s} s` : `${m} min`
  return `${s} s`
}
