import * as Y from 'yjs'
import { FRAGMENT_NOTES } from './fragments.ts'

/**
 * The document's text as Markdown, for exports, searches and drafts. Read only: it never changes the document, also
 * when it meets a node that it does not know (then it writes that node's text).
 */
export function fragmentMarkdown(doc: Y.Doc, name: string): string {
  return blocks(doc.getXmlFragment(name).toArray(), '').trim()
}

/** The notes as Markdown, from the bytes of a stored state or from a live document. */
export function documentMarkdown(source: Y.Doc | Uint8Array): string {
  return readFrom(source, (doc) => fragmentMarkdown(doc, FRAGMENT_NOTES))
}

/** Every non-empty fragment as Markdown by its name: a whole draft. */
export function draftMarkdown(source: Y.Doc | Uint8Array): Map<string, string> {
  return readFrom(source, (doc) => {
    const texts = new Map<string, string>()
    for (const [name, type] of doc.share) {
      // Plain text is no editor's, but a draft must not fail over it.
      const text = type instanceof Y.Text ? type.toString() : fragmentMarkdown(doc, name)
      if (text) texts.set(name, text)
    }
    return texts
  })
}

function readFrom<R>(source: Y.Doc | Uint8Array, read: (doc: Y.Doc) => R): R {
  if (source instanceof Y.Doc) return read(source)
  const doc = new Y.Doc()
  try {
    Y.applyUpdate(doc, source)
    return read(doc)
  } finally {
    doc.destroy()
  }
}

type Child = Y.XmlElement | Y.XmlText | Y.XmlHook

// Documents nest as deep as people indent. Deeper is somebody's attack on the stack, and is left out.
const MAX_DEPTH = 60

function blocks(children: readonly Child[], indent: string, depth = 0): string {
  if (depth > MAX_DEPTH) return ''
  return children.map((child) => block(child, indent, depth)).join('')
}

function block(node: Child, indent: string, depth: number): string {
  if (!(node instanceof Y.XmlElement)) return `${indent}${inline(node)}\n\n`
  // reason: toArray() is typed for any child of any fragment; an element's children are these three.
  const children = node.toArray() as Child[]
  switch (node.nodeName) {
    case 'heading':
      return `${indent}${'#'.repeat(levelOf(node))} ${inlines(children)}\n\n`
    case 'blockquote':
      return `${blocks(children, `${indent}> `, depth + 1)}`
    case 'codeBlock':
      return fenced(node, children, indent)
    case 'horizontalRule':
      return `${indent}---\n\n`
    case 'bulletList':
      return `${children.map((item) => listItem(item, '- ', indent, depth)).join('')}\n`
    case 'orderedList':
      return `${children.map((item, index) => listItem(item, `${index + 1}. `, indent, depth)).join('')}\n`
    case 'taskList':
      return `${children.map((item) => listItem(item, `- [${isChecked(item) ? 'x' : ' '}] `, indent, depth)).join('')}\n`
    case 'table':
      return table(children, indent)
    default:
      return `${indent}${inlines(children)}\n\n`
  }
}

function listItem(item: Child, bullet: string, indent: string, depth: number): string {
  // reason: as above.
  const children = item instanceof Y.XmlElement ? (item.toArray() as Child[]) : []
  const [first, ...rest] = children
  const head =
    first instanceof Y.XmlElement ? inlines(first.toArray() as Child[]) : first ? inline(first) : ''
  const below = blocks(rest, `${indent}${' '.repeat(bullet.length > 3 ? 2 : bullet.length)}`, depth + 1)
  return `${indent}${bullet}${head}\n${below.replace(/\n\n/g, '\n')}`
}

function fenced(node: Y.XmlElement, children: readonly Child[], indent: string): string {
  const language = node.getAttribute('language') ?? ''
  const text = children.map(plain).join('')
  const lines = text.split('\n').map((line) => indent + line)
  return `${indent}\`\`\`${typeof language === 'string' ? language : ''}\n${lines.join('\n')}\n${indent}\`\`\`\n\n`
}

function table(rows: readonly Child[], indent: string): string {
  const lines = rows.map((row) => {
    const cells = row instanceof Y.XmlElement ? (row.toArray() as Child[]) : []
    return cells.map((cell) =>
      blocks([cell], '')
        .trim()
        .replace(/\s*\n\s*/g, ' ')
        .replaceAll('|', '\\|'),
    )
  })
  const [head, ...body] = lines
  if (!head) return ''
  const line = (cells: readonly string[]) => `${indent}| ${cells.join(' | ')} |\n`
  return `${line(head)}${line(head.map(() => '---'))}${body.map(line).join('')}\n`
}

const inlines = (children: readonly Child[], depth = 0): string =>
  depth > MAX_DEPTH ? '' : children.map((child) => inline(child, depth)).join('')

function inline(node: Child, depth = 0): string {
  if (node instanceof Y.XmlText) return marked(node)
  if (!(node instanceof Y.XmlElement)) return ''
  if (node.nodeName === 'hardBreak') return '  \n'
  if (node.nodeName === 'mention') return `@${attribute(node, 'label') || attribute(node, 'id')}`
  // reason: as above.
  return inlines(node.toArray() as Child[], depth + 1)
}

/** Bold, italic, strike, code and link of one run of text, innermost first. */
function marked(text: Y.XmlText): string {
  // reason: Yjs types a delta as any; its runs have these two members.
  const runs = text.toDelta() as { insert?: unknown; attributes?: Record<string, unknown> }[]
  return runs
    .map(({ insert, attributes }) => {
      if (typeof insert !== 'string') return ''
      let run = insert
      if (attributes?.code) run = `\`${run}\``
      if (attributes?.bold) run = `**${run}**`
      if (attributes?.italic) run = `*${run}*`
      if (attributes?.strike) run = `~~${run}~~`
      const href = hrefOf(attributes?.link)
      return href ? `[${run}](${href})` : run
    })
    .join('')
}

function hrefOf(link: unknown): string | undefined {
  if (typeof link !== 'object' || link === null || !('href' in link)) return undefined
  return typeof link.href === 'string' && /^(https?:|mailto:|\/|#)/i.test(link.href) ? link.href : undefined
}

function plain(node: Child): string {
  if (!(node instanceof Y.XmlText)) return ''
  // reason: as in marked().
  const runs = node.toDelta() as { insert?: unknown }[]
  return runs.map(({ insert }) => (typeof insert === 'string' ? insert : '')).join('')
}

function attribute(node: Y.XmlElement, name: string): string {
  const value: unknown = node.getAttribute(name)
  return typeof value === 'string' ? value : ''
}

function levelOf(node: Y.XmlElement): number {
  const level = Number(node.getAttribute('level') ?? 1)
  return level >= 1 && level <= 6 ? Math.floor(level) : 1
}

function isChecked(item: Child): boolean {
  if (!(item instanceof Y.XmlElement)) return false
  const checked: unknown = item.getAttribute('checked')
  return checked === true || checked === 'true'
}
