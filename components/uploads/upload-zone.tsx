'use client' // Drag and drop, the clipboard and the file dialog.

import {
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { toast } from 'sonner'
import { useRawCommand, useRoom } from '#components/room/room-context'
import { UserError } from '#lib/errors/user-error'
import { CaptureId } from '#lib/investigation/ids'
import { DropOverlay } from './drop-overlay.tsx'
import { sortFile } from './file-kind.tsx'
import { attachKnownFile } from './known-file.tsx'
import { UploadQueue } from './upload-queue.tsx'
import { UploadTray } from './upload-tray.tsx'
import { type MyUpload, type Uploads, UploadsContext } from './uploads-context.tsx'
import { useFileDrop } from './use-file-drop.tsx'

const NO_UPLOADS: readonly MyUpload[] = []
/** Uploads that wait for the line try again this often, in milliseconds. */
const RETRY_EVERY = 15_000

/**
 * Everything below it takes files: dropped anywhere, pasted, or chosen (`useUploads().choose()`). Graphs (CSV, ps,
 * pidstat, Prometheus) go to `onSeriesFile`, once per file, which opens the import dialog; everything else is uploaded
 * as a capture. Put it above what stays open while people walk through the room: uploads stop when it goes away.
 */
export function UploadZone({
  onSeriesFile,
  children,
}: {
  onSeriesFile(file: File): void
  children: ReactNode
}) {
  const { investigationId, canWrite } = useRoom()
  const command = useRawCommand()
  const queue = useUploadQueue(investigationId)
  const mine = useSyncExternalStore(
    queue?.subscribe ?? subscribeToNothing,
    queue?.getSnapshot ?? noUploads,
    noUploads,
  )
  const input = useRef<HTMLInputElement>(null)
  const seriesFile = useRef(onSeriesFile)
  useEffect(() => {
    seriesFile.current = onSeriesFile
  }, [onSeriesFile])

  // Files can come before the queue: those that were dropped on the home page are here with the first render.
  const early = useRef<File[]>([])
  const live = useRef(queue)
  useEffect(() => {
    live.current = queue
    queue?.add(early.current.splice(0))
  }, [queue])

  const attach = useCallback(
    (files: readonly File[]) => {
      if (files.length === 0) return
      if (!canWrite) return sayReadOnly()
      // All at once, so that what was dropped together stays together, and in order.
      void Promise.all(files.map(sortFile)).then((sorted) => {
        const captures: File[] = []
        for (const { kind, file } of sorted) {
          if (kind === 'series') seriesFile.current(file)
          else captures.push(file)
        }
        if (live.current) live.current.add(captures)
        else early.current.push(...captures)
      })
    },
    [canWrite],
  )

  const cancel = useCallback(
    async (id: string) => {
      const captureId = CaptureId.safeParse(await queue?.cancel(id))
      // The server cancels the row when it is told to end the upload; this covers an upload that it has forgotten.
      if (captureId.success) await command('capture:cancel', { id: captureId.data }).catch(() => {})
    },
    [queue, command],
  )

  // Stable, because finished uploads wait for their time with it.
  const dismiss = useCallback((id: string) => queue?.dismiss(id), [queue])
  const uploads = useMemo<Uploads>(
    () => ({
      canAttach: canWrite,
      mine,
      attach,
      choose: () => (canWrite ? input.current?.click() : sayReadOnly()),
      cancel: (id) => void cancel(id),
      retry: (id) => queue?.retry(id),
      dismiss,
    }),
    [canWrite, mine, attach, cancel, dismiss, queue],
  )

  const isDragging = useFileDrop(attach)
  usePastedFiles(attach)

  return (
    <UploadsContext value={uploads}>
      {children}
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to attach"
        data-testid="attach-files"
        onChange={(event) => {
          attach([...(event.target.files ?? [])])
          // The same file can be chosen again at once.
          event.target.value = ''
        }}
      />
      {isDragging && <DropOverlay canAttach={canWrite} />}
      <UploadTray uploads={uploads} />
    </UploadsContext>
  )
}

/** The queue of this room, from mounting to leaving; null before the page is alive. */
function useUploadQueue(investigationId: string): UploadQueue | null {
  const [queue, setQueue] = useState<UploadQueue | null>(null)
  useEffect(() => {
    const room = new URL(`/api/investigations/${investigationId}`, window.location.href).href
    const made = new UploadQueue({
      endpoint: `${room}/uploads`,
      attachKnown: (file, facts) => attachKnownFile(room, file, facts),
      makeId: () => crypto.randomUUID(),
      clock: () => performance.now(),
      loadTus: () => import('tus-js-client'),
    })
    setQueue(made)
    const goOn = () => made.retryPaused()
    window.addEventListener('online', goOn)
    const timer = setInterval(goOn, RETRY_EVERY)
    return () => {
      window.removeEventListener('online', goOn)
      clearInterval(timer)
      made.stop()
    }
  }, [investigationId])
  return queue
}

/** Files from the clipboard, wherever the cursor is; text only where nobody is writing, and only when it is a graph. */
function usePastedFiles(attach: (files: readonly File[]) => void) {
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      if (event.defaultPrevented || !event.clipboardData) return
      const files = [...event.clipboardData.files]
      if (files.length > 0) {
        // Pictures belong to whatever is being written; there is nothing to measure in them.
        const captures = files.filter((file) => !file.type.startsWith('image/'))
        if (captures.length === 0) return
        event.preventDefault()
        attach(captures)
        return
      }
      if (isWriting(event.target)) return
      const text = event.clipboardData.getData('text/plain')
      if (text.split('\n', 3).length < 3) return
      event.preventDefault()
      attach([new File([text], 'pasted.csv', { type: 'text/plain' })])
    }
    document.addEventListener('paste', onPaste)
    return () => document.removeEventListener('paste', onPaste)
  }, [attach])
}

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))

const sayReadOnly = () => void toast.info(new UserError('access/read-only').message)

const noUploads = () => NO_UPLOADS
const subscribeToNothing = () => () => {}
