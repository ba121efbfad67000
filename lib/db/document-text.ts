import { draftMarkdown } from '#lib/collab/projection'
import { openState } from '#lib/collab/state'
import type { ReadAccess } from '#lib/investigation/access'
import { documentOf, loadDocument } from './documents.ts'

/**
 * Everything that is written in the room's shared document, as Markdown by fragment, as committed. Fragments without
 * text are left out. Reads and rebuilds the whole document: for exports, not for pages.
 */
export async function loadDocumentText(access: ReadAccess): Promise<ReadonlyMap<string, string>> {
  const stored = await loadDocument(await documentOf(access))
  if (!stored) return new Map()
  const doc = openState(stored.snapshot, stored.updates)
  try {
    // A fragment is known only once somebody names its kind; all of ours are XML.
    for (const name of doc.share.keys()) doc.getXmlFragment(name)
    return draftMarkdown(doc)
  } finally {
    doc.destroy()
  }
}
