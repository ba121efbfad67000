import type { SourcePreview } from '#lib/formats/prometheus-range/preview'
import { type SourceRow, type SourceSeries, SourceTimes } from '#lib/investigation/sources'
import { ask } from './fetch-series.tsx'

const base = (investigationId: string) => `/api/investigations/${investigationId}/sources`

/** What a Prometheus is asked. */
export interface SourceAsked {
  readonly url: string
  readonly query: string
  readonly stepSeconds: number
  /** Where the range begins, epoch milliseconds. */
  readonly from: number
  /** The value of the `Authorization` header. */
  readonly authorization: string | null
}

/** What is taken of its answer, and how often. */
export interface SourceChosen {
  readonly id: string
  /** Of the intent: sent again, it adds nothing. */
  readonly key: string
  readonly refreshSeconds: number
  readonly series: readonly SourceSeries[]
  readonly follows: boolean
  readonly startTimes: boolean
}

const post = <T,>(url: string, body: object): Promise<T> =>
  ask<T>(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

/** What a query answers; nothing is stored. @throws Refused with a sentence for people */
export const previewSource = (investigationId: string, asked: SourceAsked): Promise<SourcePreview> =>
  post(`${base(investigationId)}/preview`, asked)

/** Lets the server fetch it for the room. @throws Refused */
export const addSource = (investigationId: string, source: SourceAsked & SourceChosen): Promise<SourceRow> =>
  post(base(investigationId), source)

/** How far the room's sources have come. @throws Refused */
export const fetchSourceTimes = async (investigationId: string): Promise<SourceTimes> =>
  SourceTimes.parse(await ask(base(investigationId)))
