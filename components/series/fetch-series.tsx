import type { ImportPreview } from '#lib/formats/series/preview'
import type { SeriesRow } from '#lib/investigation/rows'
import type { LivesView } from '#lib/series/lives-view'
import type { GraphReading } from '#lib/series/read-graph'
import type { SeriesReading } from '#lib/series/reading'
import type { GrowthPlaces } from '#lib/series/where-it-grows-all'
import type { ChartPoints, ChartRange } from './chart-types.tsx'

/** The sentence that the server gave for a refusal. */
export class Refused extends Error {}

const base = (investigationId: string) => `/api/investigations/${investigationId}/series`

/** An answer of our own routes. @throws Refused with a sentence for people */
export async function ask<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init)
  const body: unknown = await response.json().catch(() => ({}))
  if (response.ok) {
    // reason: our own route's answer, typed where it is made (lib/http/series.ts).
    return body as T
  }
  const sentence =
    typeof body === 'object' && body !== null && 'sentence' in body ? String(body.sentence) : ''
  throw new Refused(sentence || 'The server did not answer. Try again in a moment.')
}

const query = (values: Readonly<Record<string, string | number | undefined>>): string => {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
}

/** @throws Refused with a sentence for people */
export async function fetchPoints(
  investigationId: string,
  seriesId: string,
  range: ChartRange | null,
  width: number,
): Promise<ChartPoints> {
  const asked = query({ from: range?.from, to: range?.to, width })
  const { dt, v, ...rest } = await ask<Omit<ChartPoints, 't'> & { dt: number[] }>(
    `${base(investigationId)}/${seriesId}/points?${asked}`,
  )
  let now = 0
  return { ...rest, v, t: dt.map((step) => (now += step)) }
}

/** What is read of a graph; `perThousand` with the label of what is counted. */
export interface FetchedReading {
  readonly seriesId: string | null
  readonly label: string
  readonly reading: SeriesReading | null
  readonly perThousand: (NonNullable<GraphReading['perThousand']> & { readonly counter: string }) | null
}

/** Without `seriesId`, of the series that speaks for the room. @throws Refused */
export const fetchReading = (
  investigationId: string,
  range: ChartRange | null,
  seriesId?: string,
): Promise<FetchedReading> =>
  ask(`${base(investigationId)}/reading?${query({ from: range?.from, to: range?.to, series: seriesId })}`)

/** The lives of a series on top of each other; `counter` is what can align them by requests. */
export type FetchedLives = LivesView & { readonly label: string; readonly counter: string | null }

/** @throws Refused */
export const fetchLives = (
  investigationId: string,
  seriesId: string,
  range: ChartRange | null,
  by: LivesView['by'],
): Promise<FetchedLives> =>
  ask(`${base(investigationId)}/${seriesId}/lives?${query({ from: range?.from, to: range?.to, by })}`)

/** Where the room's resident memory grows, and with what. @throws Refused */
export const fetchPlaces = (
  investigationId: string,
  range: ChartRange | null,
): Promise<{ label: string; places: GrowthPlaces | null }> =>
  ask(`${base(investigationId)}/places?${query({ from: range?.from, to: range?.to })}`)

export interface ImportChoice {
  readonly answers: Readonly<Record<string, string>>
  readonly pick?: readonly string[]
}

const importUrl = (investigationId: string, name: string, choice: ImportChoice, confirm: '0' | '1') =>
  `${base(investigationId)}?${query({
    name,
    // getTimezoneOffset counts minutes west.
    zone: -new Date().getTimezoneOffset(),
    answers: JSON.stringify(choice.answers),
    pick: choice.pick && JSON.stringify(choice.pick),
    confirm,
  })}`

/** What would be stored of a file. @throws Refused */
export async function previewImport(
  investigationId: string,
  file: File,
  choice: ImportChoice,
): Promise<ImportPreview> {
  const url = importUrl(investigationId, file.name, choice, '0')
  return (await ask<{ preview: ImportPreview }>(url, { method: 'POST', body: file })).preview
}

/** Stores it. @throws Refused */
export async function confirmImport(
  investigationId: string,
  file: File,
  choice: ImportChoice,
): Promise<SeriesRow[]> {
  const url = importUrl(investigationId, file.name, choice, '1')
  return (await ask<{ series: SeriesRow[] }>(url, { method: 'POST', body: file })).series
}
