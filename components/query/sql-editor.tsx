'use client' // CodeMirror.

import { autocompletion } from '@codemirror/autocomplete'
import { sql } from '@codemirror/lang-sql'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, Prec } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { basicSetup } from 'codemirror'
import { useEffect, useRef } from 'react'
import { MAX_SQL, type QueryProblem } from '#lib/reports/query-answer'
import type { QueryTable } from '#lib/reports/query-tables'
import { DUCKDB } from './duckdb-dialect.tsx'

interface SqlEditorProps {
  readonly value: string
  readonly onChange: (sql: string) => void
  readonly onRun: () => void
  /** Escape, when nothing else in the editor wants it. */
  readonly onCancel: () => void
  readonly tables: readonly QueryTable[]
  /** Where the last statement went wrong; the caret goes there. */
  readonly problem: QueryProblem | null
}

/** SQL with colours and with completion of this capture's tables and columns. Ctrl+Enter runs. */
export function SqlEditor({ value, onChange, onRun, onCancel, tables, problem }: SqlEditorProps) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const language = useRef(new Compartment())
  const latest = useRef({ value, onChange, onRun, onCancel })
  latest.current = { value, onChange, onRun, onCancel }

  useEffect(() => {
    if (!host.current) return
    const run = () => {
      latest.current.onRun()
      return true
    }
    const leave = () => {
      latest.current.onCancel()
      return false
    }
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          Prec.highest(
            keymap.of([
              { key: 'Mod-Enter', run },
              { key: 'Shift-Enter', run },
            ]),
          ),
          basicSetup,
          // After the editor's own: Escape closes its list of completions first.
          Prec.lowest(keymap.of([{ key: 'Escape', run: leave }])),
          // Its icons are glyphs that our fonts do not have.
          autocompletion({ icons: false }),
          language.current.of([]),
          syntaxHighlighting(COLORS),
          THEME,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': 'SQL', spellcheck: 'false' }),
          EditorState.changeFilter.of((change) => change.newDoc.length <= MAX_SQL),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = editor
    return () => editor.destroy()
  }, [])

  useEffect(() => {
    const schema = Object.fromEntries(
      tables.map((table) => [
        table.name,
        table.columns.map(({ name, type, words }) => ({
          label: name,
          type: 'property',
          detail: type,
          info: words,
          boost: 2,
        })),
      ]),
    )
    view.current?.dispatch({
      effects: language.current.reconfigure(sql({ dialect: DUCKDB, schema, upperCaseKeywords: true })),
    })
  }, [tables])

  // Text that did not come from typing: an example, a saved query, a link.
  useEffect(() => {
    const editor = view.current
    if (!editor || editor.state.doc.toString() === value) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])

  useEffect(() => {
    const editor = view.current
    if (!editor || !problem || problem.line > editor.state.doc.lines) return
    const line = editor.state.doc.line(problem.line)
    const at = Math.min(line.to, line.from + problem.column - 1)
    editor.dispatch({ selection: { anchor: at }, scrollIntoView: true })
    editor.focus()
  }, [problem])

  return (
    <div
      ref={host}
      className="min-h-0 overflow-auto border-2 border-transparent focus-within:border-accent"
    />
  )
}

const COLORS = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--steady)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--native)' },
  { tag: tags.comment, color: 'var(--ink-3)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--managed)' },
  { tag: [tags.operator, tags.punctuation], color: 'var(--ink-2)' },
])

const THEME = EditorView.theme({
  '&': { backgroundColor: 'var(--panel)', color: 'var(--ink)', fontSize: '13px', height: '100%' },
  // The frame around the whole of it is its host's: the gutter would cover this one.
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--font-mono, "JetBrains Mono Variable", monospace)',
    lineHeight: '1.55',
  },
  '.cm-content': { caretColor: 'var(--ink)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--ink-3)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--sunken)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-soft)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--panel)',
    color: 'var(--ink)',
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
    boxShadow: 'var(--shadow-pop)',
  },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--ink)',
  },
  '.cm-completionDetail': { color: 'var(--ink-3)', fontStyle: 'normal' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--ink)' },
})
