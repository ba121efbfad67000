'use client' // Uploads live in this tab.

import { createContext, useContext } from 'react'

/** A file that this tab is sending, or has tried to send. */
export interface MyUpload {
  /** Made in this tab; not the capture's id. */
  readonly id: string
  readonly fileName: string
  readonly size: number
  readonly state: 'looking' | 'sending' | 'paused' | 'sent' | 'failed' | 'refused'
  /** Bytes that the server has. */
  readonly sent: number
  /** Over the last seconds; 0 until it is known. */
  readonly bytesPerSecond: number
  /** The sentence for people when state is failed, refused or paused. */
  readonly problem: string | null
  /** The server's row for it, once it is known. */
  readonly captureId: string | null
}

export interface Uploads {
  /** False for viewers; `attach` then says why nothing happens. */
  readonly canAttach: boolean
  readonly mine: readonly MyUpload[]
  /** Sorts the files into graphs and captures and starts with both. */
  attach(files: readonly File[]): void
  /** Opens the system's file dialog. */
  choose(): void
  cancel(id: string): void
  retry(id: string): void
  /** Takes a finished or failed one off the list. */
  dismiss(id: string): void
}

const none: Uploads = {
  canAttach: false,
  mine: [],
  attach: () => {},
  choose: () => {},
  cancel: () => {},
  retry: () => {},
  dismiss: () => {},
}

export const UploadsContext = createContext<Uploads>(none)

/** Attach files from anywhere inside the room's `<UploadZone>`: a button, a pasted file in the discussion, a drop. */
export const useUploads = (): Uploads => useContext(UploadsContext)
