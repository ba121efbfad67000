'use client' // Uploads live in this tab.

import { createContext, useContext } from 'react'

/** A file that this tab is sending, or has tried to send. */
export interface MyUpload {
  /** Made in this tab. The capture gets the same id, unless it goes on with an older upload. */
  readonly id: string
  readonly fileName: string
  readonly size: number
  /**
   * waiting: others are sent first. sending. paused: the line is down, goes on by itself. sent. failed: can be tried
   * again. refused: trying the same file again would end the same way.
   */
  readonly state: 'waiting' | 'sending' | 'paused' | 'sent' | 'failed' | 'refused'
  /** Bytes that were already there when it began: an upload that goes on after a break. */
  readonly resumedFrom: number
  /** Bytes that have left this browser. */
  readonly sent: number
  /** Over the last seconds; 0 until it is known. */
  readonly bytesPerSecond: number
  /** The sentence for people when state is paused, failed or refused. */
  readonly problem: string | null
  /** The server's row for it, once it is known. */
  readonly captureId: string | null
  /** The team had the same file already, so that nothing was sent. */
  readonly isKnown: boolean
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

const NONE: Uploads = {
  canAttach: false,
  mine: [],
  attach: () => {},
  choose: () => {},
  cancel: () => {},
  retry: () => {},
  dismiss: () => {},
}

export const UploadsContext = createContext<Uploads>(NONE)

/** Attach files from anywhere inside the room's `<UploadZone>`: a button, a pasted file in the discussion, a drop. */
export const useUploads = (): Uploads => useContext(UploadsContext)
