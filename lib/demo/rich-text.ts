import * as Y from 'yjs'

// Shared text as the editor stores it (components/notes/extensions.tsx has the schema), written without an editor.

/** A run of text: plain, or with one mark. */
export type Run = string | { readonly code: string } | { readonly bold: string }

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: 'paragraph'; readonly runs: readonly Run[] }
  | { readonly kind: 'bullets'; readonly items: readonly (readonly Run[])[] }
  | { readonly kind: 'tasks'; readonly items: readonly { done: boolean; runs: readonly Run[] }[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'table'; readonly rows: readonly (readonly string[])[] }

type Attributes = Record<string, string | number | boolean>
type XmlNode = Y.XmlElement

/** One Yjs update (V1) that fills the named fragments. Its client id is new, so it merges with whatever comes later. */
export function seedUpdate(fragments: ReadonlyMap<string, readonly Block[]>): Uint8Array<ArrayBuffer> {
  const doc = new Y.Doc()
  try {
    doc.transact(() => {
      for (const [name, content] of fragments) doc.getXmlFragment(name).insert(0, content.map(element))
    })
    return new Uint8Array(Y.encodeStateAsUpdate(doc))
  } finally {
    doc.destroy()
  }
}

function element(block: Block): XmlNode {
  switch (block.kind) {
    case 'heading':
      return node('heading', [text([block.text])], { level: block.level })
    case 'paragraph':
      return paragraph(block.runs)
    case 'bullets':
      return node(
        'bulletList',
        block.items.map((runs) => node('listItem', [paragraph(runs)])),
      )
    case 'tasks':
      return node(
        'taskList',
        block.items.map(({ done, runs }) => node('taskItem', [paragraph(runs)], { checked: done })),
      )
    case 'code':
      return node('codeBlock', [text([block.text])], { language: block.language })
    case 'table':
      return node(
        'table',
        block.rows.map((cells, index) =>
          node(
            'tableRow',
            cells.map((cell) => node(index === 0 ? 'tableHeader' : 'tableCell', [paragraph([cell])])),
          ),
        ),
      )
  }
}

const paragraph = (runs: readonly Run[]): XmlNode => node('paragraph', [text(runs)])

function node(name: string, children: (XmlNode | Y.XmlText)[], attributes: Attributes = {}): XmlNode {
  const made = new Y.XmlElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    // reason: Yjs keeps any JSON value, and the editor wants numbers and booleans back; only the type says string.
    made.setAttribute(key, value as string)
  }
  made.insert(0, children)
  return made
}

function text(runs: readonly Run[]): Y.XmlText {
  const made = new Y.XmlText()
  let at = 0
  for (const run of runs) {
    const [words, marks] =
      typeof run === 'string'
        ? [run, {}]
        : 'code' in run
          ? [run.code, { code: {} }]
          : [run.bold, { bold: {} }]
    made.insert(at, words, marks)
    at += words.length
  }
  return made
}
