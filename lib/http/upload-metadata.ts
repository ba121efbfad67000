import { z } from 'zod'
import { CaptureId } from '#lib/investigation/ids'

/** Names as people see them: no path, no control characters, no marks that turn the text around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * A file's name as somebody's computer gave it, made fit to be shown: the last part of a path, 200 characters at most.
 * It is never used as a path.
 */
export function shownFileName(name: string): string {
  const last = name.normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const seen = last.replace(UNSEEN, '').trim()
  const short = [...seen].slice(0, 200).join('')
  return short === '' || short === '.' || short === '..' ? 'unnamed file' : short
}

/** "trace-3.json.gz" → "trace-3": what a capture is called until somebody gives it a better name. */
export function labelOf(fileName: string): string {
  const base = fileName.replace(/\.(gz|zst)$/i, '').replace(/\.(json|jsonl|ndjson|dump|heap)$/i, '')
  return base.trim() || fileName
}

const OptionalText = z
  .string()
  .nullish()
  .transform((text) => (text ? text.replace(UNSEEN, '').trim() : ''))
const Shown = (max: number) => OptionalText.transform((text) => [...text].slice(0, max).join(''))

/** ISO time or epoch milliseconds; anything else is left out rather than refused. */
const Moment = OptionalText.transform((text) => {
  const time = new Date(/^\d{10,14}$/.test(text) ? Number(text) : text)
  return Number.isNaN(time.getTime()) ? null : time
})
const Count = OptionalText.transform((text) => (/^\d{1,15}$/.test(text) ? BigInt(text) : null))

/** As many neighbours on a side as fit into a header with room to spare. */
const MAX_NEIGHBOURS = 32
/** Capture ids in a row, separated by spaces or commas; what is no id is left out. */
const CaptureIds = OptionalText.transform((text) =>
  text
    .split(/[\s,]+/)
    .slice(0, MAX_NEIGHBOURS)
    .flatMap((id) => CaptureId.safeParse(id.toLowerCase()).data ?? []),
)

/** What may stand in tus's Upload-Metadata, and in the body of a capture that is attached by its hash. */
export const CaptureMetadata = z
  .object({
    filename: z.string().nullish(),
    label: Shown(200),
    takenAt: Moment,
    process: Shown(200),
    requestCount: Count,
    /** Made by the sender, so that she knows the capture before the server answers. */
    captureId: CaptureId.nullish(),
    /** Captures that this one stands behind, the nearest first; they may still be on their way. */
    after: CaptureIds,
    /** Captures that it stands before. */
    before: CaptureIds,
  })
  .transform(({ filename, label, process, after, before, ...rest }) => {
    const fileName = shownFileName(filename ?? '')
    const place = { after, before }
    return { ...rest, fileName, label: label || labelOf(fileName), process: process || null, place }
  })
export type CaptureMetadata = z.infer<typeof CaptureMetadata>
