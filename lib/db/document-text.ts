import { draftMarkdown } from '#lib/collab/projection'
import type { ReadAccess } from '#lib/investigation/access'
import { openDocument } from './document-repair.ts'
import { documentOf } from './documents.ts'

/**
 * Everything that is written in the room's shared document, as Markdown by fragment, as committed. Fragments without
 * text are left out. Reads and rebuilds the whole document: for exports, not for pages.
 */
export async function loadDocumentText(access: ReadAccess): Promise<ReadonlyMap<string, string>> {
  const opened = await openDocument(await documentOf(access))
  if (!opened) return new Map()
  const { doc } = opened
  try {
    // A fragment is known only once somebody names its kind; all of ours are XML.
    for (const name of doc.share.keys()) doc.getXmlFragment(name)
    return draftMarkdown(doc)
  } finally {
    doc.destroy()
  }
}
