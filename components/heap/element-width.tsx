'use client' // Measures.

import { type RefObject, useEffect, useState } from 'react'

/** The width of an element in pixels as it changes. 1024 until it was measured. */
export function useElementWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(1024)
  useEffect(() => {
    const target = element.current
    if (!target) return
    const measure = () => setWidth(target.clientWidth || 1024)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(target)
    return () => observer.disconnect()
  }, [element])
  return width
}
