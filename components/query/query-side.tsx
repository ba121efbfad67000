'use client' // Presses fill the editor.

import type { ReactNode } from 'react'
import type { SavedQueryRow } from '#lib/investigation/rows'
import type { QueryTable } from '#lib/reports/query-tables'
import type { Example } from './examples.tsx'
import { SavedQueries } from './saved-queries.tsx'
import { SchemaList } from './schema-list.tsx'

interface QuerySideProps {
  readonly tables: readonly QueryTable[]
  readonly examples: readonly Example[]
  readonly opened: string | null
  readonly parquetPath: (table: string) => string
  readonly onInsert: (name: string) => void
  readonly onExample: (sql: string) => void
  readonly onSaved: (query: SavedQueryRow) => void
}

/** Beside the editor: what to begin with, what the room has saved, and what there is to ask. */
export function QuerySide(props: QuerySideProps) {
  return (
    <section
      aria-label="Examples, saved queries and tables"
      className="order-last min-h-0 min-w-0 border-line border-t px-2 py-2 md:order-first md:overflow-y-auto md:border-t-0 md:border-r"
    >
      <Part title="Saved in this room">
        <SavedQueries open={props.opened} onOpen={props.onSaved} />
      </Part>
      <Part title="Examples">
        <ul className="grid">
          {props.examples.map(({ title, sql }) => (
            <li key={title}>
              <button
                type="button"
                onClick={() => props.onExample(sql)}
                className="w-full truncate rounded-md px-2 py-1 text-left text-sm hover:bg-sunken"
              >
                {title}
              </button>
            </li>
          ))}
        </ul>
      </Part>
      <Part title="Tables">
        <SchemaList tables={props.tables} parquetPath={props.parquetPath} onInsert={props.onInsert} />
      </Part>
      <p className="px-2 py-1 text-ink-3 text-xs">
        Names, sizes and references. What strings say is in none of them: dumps hold secrets.
      </p>
    </section>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mb-2">
      <h2 className="px-2 py-1 font-semibold text-ink-3 text-xs">{title}</h2>
      {children}
    </section>
  )
}
