import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { packBytes, unpackBytes } from '#lib/collab/bytes'
import { documentMarkdown, draftMarkdown } from '#lib/collab/projection'
import {
  applyExactly,
  compactState,
  DamagedState,
  openState,
  restoringUpdate,
  salvageState,
} from '#lib/collab/state'

function element(
  name: string,
  attributes: Record<string, unknown>,
  ...children: (Y.XmlElement | Y.XmlText | string)[]
) {
  const made = new Y.XmlElement(name)
  // reason: Yjs types attributes as strings; editors store numbers and booleans.
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value as string)
  made.insert(
    0,
    children.map((child) => (typeof child === 'string' ? new Y.XmlText(child) : child)),
  )
  return made
}
const p = (text: string) => element('paragraph', {}, text)
const notesOf = (doc: Y.Doc) => doc.getXmlFragment('notes')

describe('the Markdown of notes', () => {
  it('writes headings, lists, check-lists, code, tables, mentions and marks', () => {
    const doc = new Y.Doc()
    const bold = new Y.XmlText()
    bold.applyDelta([{ insert: 'held', attributes: { bold: true } }, { insert: ' by the cache' }])
    notesOf(doc).insert(0, [
      element('heading', { level: 2 }, 'What we know'),
      element('paragraph', {}, bold, element('mention', { id: 'u1', label: 'Ana' })),
      element(
        'taskList',
        {},
        element('taskItem', { checked: true }, p('dump')),
        element('taskItem', { checked: false }, p('compare')),
      ),
      element('orderedList', {}, element('listItem', {}, p('one')), element('listItem', {}, p('two'))),
      element('codeBlock', { language: 'ruby' }, 'GC.start\nGC.stat'),
      element(
        'table',
        {},
        element('tableRow', {}, element('tableHeader', {}, p('a')), element('tableHeader', {}, p('b|c'))),
      ),
    ])
    expect(documentMarkdown(doc)).toBe(
      [
        '## What we know',
        '',
        '**held** by the cache@Ana',
        '',
        '- [x] dump',
        '- [ ] compare',
        '',
        '1. one',
        '2. two',
        '',
        '```ruby',
        'GC.start',
        'GC.stat',
        '```',
        '',
        '| a | b\\|c |',
        '| --- | --- |',
      ].join('\n'),
    )
  })

  it('[#15] changes nothing, and keeps the text of a node that it does not know', () => {
    const doc = new Y.Doc()
    notesOf(doc).insert(0, [element('futureNode', { x: 1 }, 'its text')])
    const before = Y.encodeStateAsUpdate(doc)
    expect(documentMarkdown(doc)).toBe('its text')
    expect(Y.encodeStateAsUpdate(doc)).toEqual(before)
    expect(draftMarkdown(before).get('notes') ?? 'not read').toBeTypeOf('string')
  })

  it('leaves out links that are no addresses of pages', () => {
    const doc = new Y.Doc()
    const text = new Y.XmlText()
    text.insert(0, 'click', { link: { href: 'javascript:alert(1)' } })
    notesOf(doc).insert(0, [element('paragraph', {}, text)])
    expect(documentMarkdown(doc)).toBe('click')
  })
})

describe('compaction and restoring', () => {
  it('gives the same text as the whole log', () => {
    const doc = new Y.Doc()
    const log: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => log.push(update))
    for (let i = 0; i < 300; i++) doc.getText('t').insert(i % 7, String(i % 10))
    doc.getText('t').delete(5, 100)
    const half = compactState(null, log.slice(0, 150))
    const whole = new Y.Doc()
    Y.applyUpdate(whole, compactState(half, log.slice(150)))
    expect(whole.getText('t').toString()).toBe(doc.getText('t').toString())
  })

  it('throws when the log has a hole', () => {
    const doc = new Y.Doc()
    const log: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => log.push(update))
    for (let i = 0; i < 5; i++) doc.getText('t').insert(i, 'x')
    expect(() => compactState(null, [log[0]!, log[2]!])).toThrow(/hole/)
    expect(() => openState(null, [new Uint8Array([7, 7, 7])])).toThrow(DamagedState)
  })

  it('saves what can be read of a log with a hole, and leaves out what leans on the missing part', () => {
    const doc = new Y.Doc()
    const log: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => log.push(update))
    for (const letter of 'abcde') doc.getText('t').insert(doc.getText('t').length, letter)
    const textOf = (state: Uint8Array) => openState(state, []).getText('t').toString()

    const whole = salvageState(log)
    expect([textOf(whole.state), whole.isWhole]).toEqual(['abcde', true])
    const holed = salvageState(log.filter((_, index) => index !== 2))
    expect([textOf(holed.state), holed.isWhole]).toEqual(['ab', false])
    const garbled = salvageState([...log, new Uint8Array([7, 7, 7])])
    expect([textOf(garbled.state), garbled.isWhole]).toEqual(['abcde', false])
    // The author's page still has it: sent again, everything is there.
    expect(openState(holed.state, log).getText('t').toString()).toBe('abcde')
  })

  it('applies updates without tidying up marks: the copy deletes nothing that the log does not delete', () => {
    const author = new Y.Doc()
    notesOf(author).insert(0, [p('it grows by one')])
    const copy = new Y.Doc()
    const updates: Uint8Array[] = [Y.encodeStateAsUpdate(author)]
    author.on('update', (update: Uint8Array) => updates.push(update))
    const block = notesOf(author).get(0)
    const text = block instanceof Y.XmlElement ? block.get(0) : undefined
    if (!(text instanceof Y.XmlText)) throw new Error('a paragraph holds text')
    text.format(0, 8, { bold: {} })
    text.format(3, 5, { bold: null })
    text.delete(0, 3)
    notesOf(copy)
    let transactions = 0
    copy.on('afterTransaction', () => transactions++)
    for (const update of updates) applyExactly(copy, [update])
    expect(transactions).toBe(updates.length)
    expect(Y.encodeStateAsUpdate(copy)).toEqual(Y.encodeStateAsUpdate(author))
  })

  it('[#21] restores a version by an edit forward, which merges with what others write meanwhile', () => {
    const doc = new Y.Doc()
    notesOf(doc).insert(0, [p('first'), p('second')])
    const old = Y.encodeStateAsUpdate(doc)
    notesOf(doc).delete(0, 2)
    notesOf(doc).insert(0, [p('something else')])
    const other = new Y.Doc()
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
    const update = restoringUpdate(Y.encodeStateAsUpdate(doc), old)
    Y.applyUpdate(doc, update)
    Y.applyUpdate(other, update)
    expect(documentMarkdown(doc)).toBe('first\n\nsecond')
    expect(documentMarkdown(other)).toBe('first\n\nsecond')
  })
})

describe('bytes on the wire', () => {
  it.each([0, 1, 100, 8192, 8193, 50_000])('come back as they were (%i bytes)', (length) => {
    const bytes = new Uint8Array(length).map((_, index) => (index * 31) % 256)
    expect(unpackBytes(packBytes(bytes))).toEqual(bytes)
  })
})
