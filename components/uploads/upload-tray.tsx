'use client' // Buttons, and finished uploads go by themselves.

import clsx from 'clsx'
import { Check, CircleAlert, Clock, Pause, RotateCw, Upload, X } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { visible } from '#components/heap/raw-text'
import { formatBytes, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import type { MyUpload, Uploads } from './uploads-context.tsx'

/** A finished upload stays this long, in milliseconds: its card in the Snapshots tab goes on from there. */
const STAYS = 3000

/** The uploads of this tab, in the corner, on every panel. */
export function UploadTray({ uploads }: { uploads: Uploads }) {
  if (uploads.mine.length === 0) return null
  return (
    <section
      aria-label="Your uploads"
      className="fixed bottom-16 left-3 z-40 md:bottom-3 flex max-h-[45vh] w-[min(380px,calc(100vw-24px))] flex-col overflow-y-auto rounded-lg border border-line-strong bg-panel shadow-pop"
    >
      <ul className="divide-y divide-line">
        {uploads.mine.map((upload) => (
          <UploadItem key={upload.id} upload={upload} uploads={uploads} />
        ))}
      </ul>
    </section>
  )
}

function UploadItem({ upload, uploads }: { upload: MyUpload; uploads: Uploads }) {
  const { id, state } = upload
  const { dismiss } = uploads
  useEffect(() => {
    if (state !== 'sent') return
    const timer = setTimeout(() => dismiss(id), STAYS)
    return () => clearTimeout(timer)
  }, [state, id, dismiss])

  const isOver = state === 'sent' || state === 'failed' || state === 'refused'
  const name = visible(upload.fileName)
  return (
    <li className="px-3 py-2">
      <div className="flex items-center gap-2">
        <StateIcon state={state} />
        <bdi className="min-w-0 flex-1 truncate font-medium" title={name}>
          {name}
        </bdi>
        {(state === 'failed' || state === 'paused') && (
          <IconButton label={`Try ${name} again`} onClick={() => uploads.retry(id)}>
            <RotateCw size={13} aria-hidden />
          </IconButton>
        )}
        <IconButton
          label={isOver ? `Close ${name}` : `Cancel the upload of ${name}`}
          onClick={() => (isOver ? dismiss(id) : uploads.cancel(id))}
        >
          <X size={14} aria-hidden />
        </IconButton>
      </div>
      <p
        className={clsx('mt-0.5 text-xs', isOver && state !== 'sent' ? 'text-growth' : 'text-ink-2')}
        role={upload.problem ? 'alert' : undefined}
      >
        {upload.problem ?? progressWords(upload)}
      </p>
      {!isOver && (
        <progress
          aria-label={`Upload of ${name}`}
          max={upload.size || 1}
          value={upload.sent}
          className="mt-1.5 block h-1 w-full overflow-hidden rounded-sm [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent"
        />
      )}
    </li>
  )
}

/** "286.0 of 450.0 MiB · 21.4 MiB/s · 8 s left", as far as it is known. */
export function progressWords(upload: MyUpload): string {
  if (upload.state === 'waiting') return `${formatBytes(bytes(upload.size))} · waits for the others`
  if (upload.isKnown) return `${formatBytes(bytes(upload.size))} · known already, nothing was sent`
  if (upload.state === 'sent') return `${formatBytes(bytes(upload.size))} · sent`
  const parts = [`${formatBytes(bytes(upload.sent))} of ${formatBytes(bytes(upload.size))}`]
  if (upload.bytesPerSecond > 0) {
    const left = milliseconds(((upload.size - upload.sent) / upload.bytesPerSecond) * 1000)
    parts.push(`${formatBytes(bytes(upload.bytesPerSecond))}/s`)
    if (left >= 1000) parts.push(`${formatDuration(left)} left`)
  }
  if (upload.resumedFrom > 0) parts.push(`went on from ${formatBytes(bytes(upload.resumedFrom))}`)
  return parts.join(' · ')
}

const ICONS = {
  waiting: Clock,
  sending: Upload,
  paused: Pause,
  sent: Check,
  failed: CircleAlert,
  refused: CircleAlert,
} as const

function StateIcon({ state }: { state: MyUpload['state'] }) {
  const Icon = ICONS[state]
  const isTrouble = state === 'failed' || state === 'refused'
  return (
    <Icon
      size={14}
      className={clsx(
        'shrink-0',
        isTrouble ? 'text-growth' : state === 'sent' ? 'text-steady' : 'text-ink-3',
      )}
      role="img"
      aria-label={state}
    />
  )
}

function IconButton({ label, onClick, children }: { label: string; onClick(): void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className="grid size-6 shrink-0 place-items-center rounded-md text-ink-3 hover:bg-sunken hover:text-ink"
    >
      {children}
    </button>
  )
}
