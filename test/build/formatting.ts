import fc from 'fast-check'
import * as Y from 'yjs'

/** What an editor does to formatted notes. Places are shares of a thousand, so that each fits any text. */
export interface FormattedEdit {
  readonly kind: 'block' | 'mark' | 'unmark' | 'write' | 'erase' | 'attribute' | 'undo' | 'redo'
  readonly mark: 'bold' | 'code'
  readonly block: number
  readonly at: number
  readonly length: number
}

const share = fc.nat(999)

/** Any such edit; marking and writing are the most frequent. */
export const formattedEdit: fc.Arbitrary<FormattedEdit> = fc.record({
  kind: fc.constantFrom<FormattedEdit['kind'][]>(
    ...(['mark', 'mark', 'mark', 'write', 'write', 'write', 'unmark', 'erase'] as const),
    ...(['block', 'attribute', 'undo', 'redo'] as const),
  ),
  mark: fc.constantFrom('bold' as const, 'code' as const),
  block: share,
  at: share,
  length: share,
})

/** One person's hand on the notes: her edits, and her undo. */
export class Pen {
  readonly #notes: Y.XmlFragment
  readonly #undo: Y.UndoManager
  #written = 0

  constructor(doc: Y.Doc) {
    this.#notes = doc.getXmlFragment('notes')
    // Every edit is a step of its own.
    this.#undo = new Y.UndoManager(this.#notes, { captureTimeout: 0 })
  }

  edit(what: FormattedEdit): void {
    if (what.kind === 'undo') this.#undo.undo()
    else if (what.kind === 'redo') this.#undo.redo()
    else if (what.kind === 'block' || this.#notes.length === 0) this.#addBlock(what)
    else this.#editBlock(what)
  }

  close(): void {
    this.#undo.destroy()
  }

  #addBlock({ block }: FormattedEdit): void {
    const made = new Y.XmlElement('paragraph')
    made.insert(0, [new Y.XmlText('it grows by one every minute')])
    this.#notes.insert(placeOf(block, this.#notes.length + 1), [made])
  }

  #editBlock({ kind, mark, block, at, length }: FormattedEdit): void {
    const element = this.#notes.get(placeOf(block, this.#notes.length))
    if (!(element instanceof Y.XmlElement)) return
    if (kind === 'attribute') element.setAttribute('level', String(at % 4))
    const text = element.length > 0 ? element.get(0) : undefined
    if (kind === 'attribute' || !(text instanceof Y.XmlText)) return
    const start = placeOf(at, text.length + 1)
    const range = Math.min(text.length - start, placeOf(length, 12))
    if (kind === 'write') text.insert(start, `${this.#written++},`, at % 2 === 0 ? { [mark]: {} } : undefined)
    else if (range === 0) return
    else if (kind === 'erase') text.delete(start, range)
    else text.format(start, range, { [mark]: kind === 'mark' ? {} : null })
  }
}

const placeOf = (share: number, places: number): number => Math.floor((share * places) / 1000)

/** The notes with blocks, attributes and marks. */
export const notesOf = (doc: Y.Doc): string => doc.getXmlFragment('notes').toString()
