'use client' // A statement that runs is state of this tab.

import { useCallback, useEffect, useRef, useState } from 'react'
import { z } from 'zod'
import { BUG_SENTENCE } from '#lib/errors/user-error'
import { QueryAnswer, QueryProblem } from '#lib/reports/query-answer'

export type QueryRun =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly sql: string; readonly since: number }
  | { readonly state: 'answered'; readonly sql: string; readonly answer: QueryAnswer }
  | {
      readonly state: 'refused'
      readonly sql: string
      readonly sentence: string
      readonly at: QueryProblem | null
    }
  | { readonly state: 'cancelled'; readonly sql: string }

export interface QueryRunner {
  readonly run: QueryRun
  start(sql: string): void
  /** Also ends the process on the server: it hears that the request was given up. */
  cancel(): void
}

const Refusal = z.object({ sentence: z.string(), detail: QueryProblem.nullish().catch(null) })

/** Runs statements at a capture's query route, one at a time; a new one takes the place of the old. */
export function useQuery(path: string): QueryRunner {
  const [run, setRun] = useState<QueryRun>({ state: 'idle' })
  const underWay = useRef<AbortController>(null)

  const cancel = useCallback(() => underWay.current?.abort(), [])
  useEffect(() => () => underWay.current?.abort(), [])

  const start = useCallback(
    (sql: string) => {
      underWay.current?.abort()
      const own = new AbortController()
      underWay.current = own
      setRun({ state: 'running', sql, since: Date.now() })
      void ask(path, sql, own.signal).then((outcome) => {
        if (underWay.current !== own) return
        underWay.current = null
        setRun(own.signal.aborted ? { state: 'cancelled', sql } : outcome)
      })
    },
    [path],
  )
  return { run, start, cancel }
}

async function ask(path: string, sql: string, signal: AbortSignal): Promise<QueryRun> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ sql }),
      signal,
    })
    const body: unknown = await response.json().catch(() => null)
    if (response.ok) return { state: 'answered', sql, answer: QueryAnswer.parse(body) }
    const refusal = Refusal.safeParse(body).data
    return { state: 'refused', sql, sentence: refusal?.sentence ?? BUG_SENTENCE, at: refusal?.detail ?? null }
  } catch (error) {
    const sentence = error instanceof TypeError ? 'The server does not answer. Try again.' : BUG_SENTENCE
    return { state: 'refused', sql, sentence, at: null }
  }
}

/** Whole seconds since a moment, while something runs. */
export function useSeconds(since: number): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [])
  return Math.max(0, Math.floor((now - since) / 1000))
}
