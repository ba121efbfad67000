'use client' // Pages of rows are fetched as they scroll into view.

import { useRef } from 'react'
import useSWR from 'swr'
import type { z } from 'zod'
import { canRetry, readJson } from './answer.tsx'

/** Rows in one request; must not be above lib/reports/rows.ts MAX_PAGE_ROWS. */
export const PAGE_ROWS = 100
/** Pages kept on each side of what is in view, so that scrolling a long table does not pile rows up. */
const KEPT_PAGES = 30

interface AnyPage<Row> {
  readonly total: number
  readonly rows: readonly Row[]
}

export interface RowPages<Page extends AnyPage<unknown>> {
  /** The newest answer: totals and whatever else the server says about all rows. */
  readonly page: Page | undefined
  readonly total: number
  /** Row number `index` when it is here. */
  row(index: number): Page['rows'][number] | undefined
  readonly isLoading: boolean
  readonly error: unknown
  readonly retry: () => void
}

/**
 * The rows `first` to `last` of a list that stays on the server. `path` holds everything but offset and limit; null
 * asks for nothing. While a changed list is on its way the old rows stay, so that typing in a filter does not flicker.
 */
export function useRowPages<Page extends AnyPage<unknown>>(
  path: string | null,
  schema: z.ZodType<Page>,
  first: number,
  last: number,
): RowPages<Page> {
  const cache = useRef<{ path: string | null; pages: Map<number, Page> }>({ path: null, pages: new Map() })
  const from = Math.floor(Math.max(0, first) / PAGE_ROWS)
  const to = Math.max(from, Math.floor(Math.max(0, last) / PAGE_ROWS))

  const { data, error, isLoading, mutate } = useSWR(
    path === null ? null : ([path, from, to] as const),
    async ([list, low, high]) => {
      const pages = cache.current.path === list ? cache.current.pages : new Map<number, Page>()
      const missing = range(low, high).filter((number) => !pages.has(number))
      const read = await Promise.all(missing.map((number) => readJson(pagePath(list, number), schema)))
      const merged = new Map(pages)
      missing.forEach((number, at) => {
        const page = read[at]
        if (page) merged.set(number, page)
      })
      for (const number of merged.keys()) {
        if (number < low - KEPT_PAGES || number > high + KEPT_PAGES) merged.delete(number)
      }
      cache.current = { path: list, pages: merged }
      return { pages: merged, newest: merged.get(low) }
    },
    {
      keepPreviousData: true,
      revalidateOnFocus: false,
      revalidateIfStale: false,
      shouldRetryOnError: canRetry,
    },
  )

  return {
    page: data?.newest,
    total: data?.newest?.total ?? 0,
    row: (index) => data?.pages.get(Math.floor(index / PAGE_ROWS))?.rows[index % PAGE_ROWS],
    isLoading,
    error,
    retry: () => void mutate(),
  }
}

const pagePath = (list: string, number: number): string =>
  `${list}${list.includes('?') ? '&' : '?'}offset=${number * PAGE_ROWS}&limit=${PAGE_ROWS}`

const range = (low: number, high: number): number[] =>
  Array.from({ length: high - low + 1 }, (_, at) => low + at)
