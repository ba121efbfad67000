import type { Site } from './group-table.ts'
import { isClassName } from './owner-names.ts'

/** Longest fingerprint; what is longer is cut name by name. */
export const MAX_FINGERPRINT = 4000
/** Names in a fingerprint are cut to this length, so that a hostile one cannot fill it. */
const MAX_NAME = 200

/** What a fingerprint is made of. */
export interface Fingerprinted {
  readonly type: string
  readonly className: string
  readonly site: Site | undefined
  /** Names from the root to the holder; empty when nothing single holds it. */
  readonly path: readonly { readonly name: string; readonly edge: string | undefined }[]
}

/**
 * By what the ledger knows a group again in any capture, process and room: canonical JSON of names, without addresses,
 * sizes, lines or counts. Lines move with every change of a file, and a deploy has another folder, so a site is the
 * file from its last three folders on, and its method.
 *
 * The path to the holder is part of it, so that what one cache keeps as expected does not hide what another keeps of the
 * same class and site.
 */
export function fingerprint({ type, className, site, path }: Fingerprinted): string {
  const steps = path.map(({ name, edge }) =>
    edge === undefined || isClassName(name) ? [cut(name)] : [cut(name), cut(edge)],
  )
  const place = site === undefined ? null : [cut(siteFile(site.file)), site.method ? cut(site.method) : null]
  // The end of a path is what tells holders apart: a long one loses its beginning.
  for (let from = 0; ; from++) {
    const text = JSON.stringify([1, cut(type), cut(className), place, steps.slice(from)])
    if (text.length <= MAX_FINGERPRINT || from >= steps.length) return text.slice(0, MAX_FINGERPRINT)
  }
}

/** "/srv/releases/20261123/app/lib/audit_trail.rb" → "app/lib/audit_trail.rb". */
function siteFile(file: string): string {
  const parts = file.split(/[/\\]/).filter((part) => part !== '')
  return parts.slice(-3).join('/')
}

const cut = (name: string): string => (name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME)}…`)
