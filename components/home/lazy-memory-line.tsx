'use client' // fetches the line once its row is on the screen: a list of 200 rooms must not decode 200 graphs

import { useEffect, useRef, useState } from 'react'
import { z } from 'zod'
import { MemoryLine, type MemoryLineData } from './memory-line.tsx'

/** Which series a row draws, and from when to when. */
export interface ListedLine {
  readonly id: string
  readonly label: string
  readonly from: number
  readonly to: number
  readonly limit: number | null
}

/** Lowest and highest of each of 30 steps: at most 62 points. */
const STEPS = 30
const Points = z.object({ dt: z.array(z.number()), v: z.array(z.number()) })

export function LazyMemoryLine({ investigationId, line }: { investigationId: string; line: ListedLine }) {
  const place = useRef<HTMLSpanElement>(null)
  const [drawn, setDrawn] = useState<MemoryLineData | null>(null)
  const { id, label, from, to, limit } = line

  useEffect(() => {
    const stop = new AbortController()
    const load = async () => {
      const query = new URLSearchParams({ from: String(from), to: String(to), width: String(STEPS) })
      const path = `/api/investigations/${investigationId}/series/${id}/points?${query}`
      const answer = await fetch(path, { signal: stop.signal })
      if (!answer.ok) return
      const { dt, v } = Points.parse(await answer.json())
      let time = 0
      setDrawn({ label, t: dt.map((step) => (time += step)), v, limit })
    }
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return
      seen.disconnect()
      // A list without its small lines is still a list.
      load().catch(() => {})
    })
    if (place.current) seen.observe(place.current)
    return () => {
      seen.disconnect()
      stop.abort()
    }
  }, [investigationId, id, label, from, to, limit])

  return (
    <span ref={place} className="block h-[34px]">
      {drawn && <MemoryLine line={drawn} />}
    </span>
  )
}
