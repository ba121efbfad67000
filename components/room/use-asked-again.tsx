'use client' // Timers.

import { useCallback, useEffect, useRef } from 'react'
import { useSeriesPoints } from './room-context.tsx'

/** What changed by a click is seen at once, and what comes in one go is asked for once (ms). */
const SOON = 300

/**
 * Asks again when `stamp` changes or live points come: soon after a quiet time, else at most every so many milliseconds. A
 * question is never put while its answer is on the way: with the versions of live series in an answer's key, or with a new
 * question for each change, a busy server's answers always came too late to be shown.
 */
export function useAskedAgain(stamp: string, ask: () => Promise<unknown>, everyMs: number): void {
  const asking = useRef(ask)
  asking.current = ask
  const state = useRef<AskState>({ isUnderWay: false, isWanted: false, lastAt: Number.NEGATIVE_INFINITY })
  const want = useCallback(() => {
    const now = state.current
    if (now.isUnderWay) now.isWanted = true
    if (now.isUnderWay || now.timer !== undefined) return
    const ask = async () => {
      now.timer = undefined
      now.isUnderWay = true
      // Whether it failed is told where the answer is shown.
      await asking.current().catch(() => undefined)
      now.isUnderWay = false
      now.lastAt = performance.now()
      if (!now.isWanted) return
      now.isWanted = false
      want()
    }
    now.timer = setTimeout(() => void ask(), Math.max(SOON, now.lastAt + everyMs - performance.now()))
  }, [everyMs])
  const seen = useRef(stamp)
  useEffect(() => {
    if (seen.current === stamp) return
    seen.current = stamp
    want()
  }, [stamp, want])
  useSeriesPoints(want)
  useEffect(() => {
    const now = state.current
    return () => {
      clearTimeout(now.timer)
      now.timer = undefined
      now.isWanted = false
    }
  }, [])
}

interface AskState {
  timer?: ReturnType<typeof setTimeout> | undefined
  isUnderWay: boolean
  /** Something changed while an answer was on its way. */
  isWanted: boolean
  /** When the last answer came, by the clock of the page. */
  lastAt: number
}
