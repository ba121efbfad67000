'use client' // A press writes a name into the editor.

import { Download } from 'lucide-react'
import type { QueryTable } from '#lib/reports/query-tables'

interface SchemaListProps {
  readonly tables: readonly QueryTable[]
  readonly parquetPath: (table: string) => string
  readonly onInsert: (name: string) => void
}

/** What there is to ask: tables with their columns, each with its meaning, and each table as a file. */
export function SchemaList({ tables, parquetPath, onInsert }: SchemaListProps) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
      {tables.map((table) => (
        <details key={table.name} className="group">
          <summary className="flex cursor-default items-baseline gap-2 rounded-md px-2 py-1 text-sm hover:bg-sunken">
            <b className="font-mono font-semibold text-xs">{table.name}</b>
            <span className="min-w-0 flex-1 truncate text-ink-3 text-xs" title={table.words}>
              {table.words}
            </span>
          </summary>
          <ul className="mb-1 grid pl-4">
            {table.columns.map(({ name, type, words }) => (
              <li key={name}>
                <button
                  type="button"
                  onClick={() => onInsert(name)}
                  title={words}
                  className="flex w-full items-baseline gap-2 rounded-sm px-1.5 py-0.5 text-left hover:bg-sunken"
                >
                  <span className="font-mono text-xs">{name}</span>
                  <span className="truncate text-[11px] text-ink-3">{type}</span>
                </button>
              </li>
            ))}
            <li>
              <a
                href={parquetPath(table.name)}
                download
                className="inline-flex items-center gap-1 px-1.5 py-1 text-accent text-xs hover:underline"
              >
                <Download size={12} aria-hidden /> {table.name}.parquet
              </a>
            </li>
          </ul>
        </details>
      ))}
    </div>
  )
}
