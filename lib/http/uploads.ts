import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ServerOptions, Server as TusServer } from '@tus/server'
import type { Logger } from 'pino'
import { writerFromHeaders } from '#lib/auth/gate'
import {
  addUploadingCapture,
  loadUpload,
  teamHasFile,
  type UploadRecord,
  unloadCancelledUpload,
} from '#lib/db/captures'
import { UserError } from '#lib/errors/user-error'
import type { WriteAccess } from '#lib/investigation/access'
import { CaptureId, type InvestigationId } from '#lib/investigation/ids'
import type { ReadingNode } from '#lib/jobs/reading-node'
import type { CaptureProgress } from '#lib/realtime/protocol'
import { UploadStore } from '#lib/storage/upload-store'
import { bytes, gibibytes, mebibytes } from '#lib/units/quantity'
import { guardMutation } from './limits.ts'
import { parsed, refusalOf } from './respond.ts'
import { UploadDesk } from './upload-desk.ts'
import { CaptureMetadata } from './upload-metadata.ts'
import { UploadProgress } from './upload-progress.ts'

const PATH = /^\/api\/investigations\/([^/?]+)\/uploads(?:\/([^/?]*))?\/?(?:\?(.*))?$/
const UPLOAD_ID = /^[0-9a-f]{32}$/
/** Room that an upload leaves for everything else on the disk. */
const DISK_RESERVE = mebibytes(256)
const SWEEP_EVERY_MS = 10 * 60_000

/** Is this request one for `Uploads.handle`? The server asks before it gives a request to Next. */
export const isUploadPath = (url: string | undefined): boolean => PATH.test(url ?? '')

export interface UploadOptions {
  readonly reading: ReadingNode
  readonly log: Logger
  readonly maxUploadGib: number
  readonly announceProgress: (investigationId: InvestigationId, progress: CaptureProgress) => void
}

/** What is known of a request once the gate has let it in. */
interface Context {
  readonly access: WriteAccess
  readonly response: ServerResponse
  /** The upload that it goes on with. */
  upload: UploadRecord | undefined
}
type TusRequest = Parameters<NonNullable<ServerOptions['onUploadCreate']>>[0]
type TusUpload = Parameters<NonNullable<ServerOptions['onUploadCreate']>>[1]

/**
 * Resumable uploads (tus 1.0) at /api/investigations/<id>/uploads, on plain Node requests: bytes go from the socket to
 * the disk and never through Next. `HEAD …/uploads/known?sha256=` tells whether a file need not be sent at all.
 */
export class Uploads {
  private readonly options: UploadOptions
  private readonly store: UploadStore
  private readonly desk: UploadDesk
  private readonly tus: TusServer
  private readonly progress: UploadProgress
  /** What each request that is being handled may do. */
  private readonly contexts = new WeakMap<IncomingMessage, Context>()
  /** Requests that carry an upload's bytes now, to be cut off when it is cancelled. */
  private readonly inFlight = new Map<CaptureId, IncomingMessage>()
  private readonly timer: NodeJS.Timeout

  constructor(options: UploadOptions) {
    this.options = options
    this.progress = new UploadProgress(options.announceProgress)
    this.store = new UploadStore(options.reading.folders.uploads, (uploadId, bytesDone) =>
      this.progress.advance(uploadId, bytesDone),
    )
    this.desk = new UploadDesk(options.reading, this.store, this.progress)
    this.tus = new TusServer(this.tusOptions())
    this.timer = setInterval(() => void this.sweep(), SWEEP_EVERY_MS)
    this.timer.unref()
  }

  /** Answers one request of which `isUploadPath` said yes. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.route(request, response)
    } catch (error) {
      answer(request, response, refusalOf(error))
    }
  }

  /** Cuts off and throws away the upload of a capture that was cancelled or removed. */
  async cancel(captureId: string): Promise<void> {
    const id = CaptureId.parse(captureId)
    this.inFlight.get(id)?.destroy()
    await this.desk.cancel(id)
  }

  /** What a stop of the server left behind. Call it once after the start; later it runs by itself. */
  async sweep(now = Date.now()): Promise<void> {
    await this.desk.sweep(now).catch((error: unknown) => {
      this.options.log.warn({ err: error }, 'uploads are swept later')
    })
  }

  /** Cuts off what is being sent, to be gone on with where it was; what has arrived whole comes to its end. */
  close(): void {
    clearInterval(this.timer)
    for (const request of this.inFlight.values()) if (!request.complete) request.destroy()
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, investigationId, last, query] = PATH.exec(request.url ?? '') ?? []
    if (request.method === 'OPTIONS') return this.tus.handle(request, response)
    const access = await writerFromHeaders(headersOf(request), decodeURIComponent(investigationId ?? ''))
    if (last === 'known') {
      const sha256 = new URLSearchParams(query).get('sha256') ?? ''
      response
        .writeHead((await teamHasFile(access, sha256)) ? 204 : 404, { 'Cache-Control': 'no-store' })
        .end()
      return
    }
    if (request.method === 'POST') await guardMutation(access.actor)
    const upload = last ? await loadUpload(access, UPLOAD_ID.test(last) ? last : '') : undefined
    this.contexts.set(request, { access, response, upload })
    if (upload) {
      response.setHeader('Leakroom-Capture', upload.captureId)
      this.progress.begin(upload, access)
    }
    if (upload && request.method === 'PATCH') await this.receive(request, response, upload)
    else await this.tus.handle(request, response)
    if (upload && request.method === 'DELETE' && response.statusCode === 204)
      await unloadCancelledUpload(access, upload)
  }

  private async receive(
    request: IncomingMessage,
    response: ServerResponse,
    upload: UploadRecord,
  ): Promise<void> {
    this.inFlight.set(upload.captureId, request)
    try {
      await this.tus.handle(request, response)
    } finally {
      if (this.inFlight.get(upload.captureId) === request) {
        this.inFlight.delete(upload.captureId)
        this.progress.paused(upload.id)
      }
    }
  }

  private tusOptions(): ConstructorParameters<typeof TusServer>[0] {
    return {
      path: '/api/investigations',
      datastore: this.store,
      // Only our own pages and programs with a token come here; neither needs CORS.
      allowedOrigins: [],
      exposedHeaders: ['Leakroom-Capture'],
      lockDrainTimeout: 2000,
      namingFunction: (_request, metadata) =>
        (captureIdIn(metadata) ?? CaptureId.parse(randomUUID())).replaceAll('-', ''),
      generateUrl: (request, { id }) => {
        const { access } = this.contextOf(request)
        return `/api/investigations/${access.investigationId}/uploads/${id}`
      },
      getFileIdFromRequest: (request) => this.contextOf(request).upload?.id,
      onUploadCreate: (request, upload) => this.create(request, upload),
      onUploadFinish: (request) => this.finish(request),
      onResponseError: (_request, error) => tusRefusal(error),
    }
  }

  private async create(
    request: TusRequest,
    upload: TusUpload,
  ): Promise<{ metadata?: TusUpload['metadata'] }> {
    const context = this.contextOf(request)
    const size = await this.acceptedSize(upload.size)
    const { captureId, ...facts } = parsed(CaptureMetadata, upload.metadata ?? {}, 'Upload-Metadata')
    const id = captureId ?? captureIdOf(upload.id)
    await addUploadingCapture(context.access, { id, size, ...facts }, upload.id)
    context.upload = await loadUpload(context.access, upload.id)
    context.response.setHeader('Leakroom-Capture', id)
    this.progress.begin(context.upload, context.access)
    return {}
  }

  /** @throws UserError when a file is too large for the limit or the disk, or its size is not told */
  private async acceptedSize(size: number | undefined): Promise<number> {
    if (size === undefined) throw new UserError('request/malformed', { where: 'Upload-Length' })
    if (size === 0) throw new UserError('format/empty', { format: 'file' })
    const limit = gibibytes(this.options.maxUploadGib)
    if (size > limit) throw new UserError('upload/too-large', { size: bytes(size), limit })
    const free = await this.options.reading.folders.freeBytes()
    if (size + DISK_RESERVE > free) throw new UserError('upload/disk-full')
    return size
  }

  private async finish(request: TusRequest): Promise<Record<string, never>> {
    const { access, upload } = this.contextOf(request)
    if (!upload) throw new Error('an upload without a record')
    const capture = await this.desk.finish(upload, access)
    this.progress.end(upload.id)
    if (!capture) throw new UserError('upload/gone')
    return {}
  }

  private contextOf(request: TusRequest): Context {
    const node = request.runtime?.node?.req
    // reason: on Node, srvx's request stands on the very IncomingMessage that `handle` was given.
    const context = node && this.contexts.get(node as IncomingMessage)
    if (!context) throw new Error('an upload request that did not pass the gate')
    return context
  }
}

/** The UUID that an upload id stands for: one number, written with and without hyphens. */
const captureIdOf = (uploadId: string): CaptureId =>
  CaptureId.parse(uploadId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'))

function captureIdIn(metadata: Record<string, string | null> | undefined): CaptureId | undefined {
  const given = CaptureId.safeParse(metadata?.captureId?.toLowerCase())
  return given.success ? given.data : undefined
}

/** tus's own refusals keep their status, which its clients know; ours come with their sentence. */
function tusRefusal(
  error: Error | { status_code: number; body: string },
): { status_code: number; body: string } | undefined {
  if ('status_code' in error) return undefined
  const { status, body } = refusalOf(error)
  return { status_code: status, body: JSON.stringify(body) }
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  return headers
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body }: ReturnType<typeof refusalOf>,
): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  // The rest of a refused upload is not wanted: reading gigabytes only to drop them helps nobody.
  response.writeHead(status, {
    'Content-Type': 'application/json',
    Connection: 'close',
    'Cache-Control': 'no-store',
  })
  response.end(request.method === 'HEAD' ? undefined : JSON.stringify(body))
  request.resume()
}
