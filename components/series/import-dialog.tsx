'use client' // A conversation about a file.

import { useEffect, useState } from 'react'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import type { ImportPreview } from '#lib/formats/series/preview'
import type { SeriesRow } from '#lib/investigation/rows'
import { formatCount, formatDuration } from '#lib/units/format'
import { milliseconds } from '#lib/units/quantity'
import { confirmImport, previewImport } from './fetch-series.tsx'
import { LabelledSelect } from './labelled-select.tsx'
import { PreviewTable } from './preview-table.tsx'

type Stage =
  | { readonly state: 'reading' }
  | { readonly state: 'preview'; readonly preview: ImportPreview }
  | { readonly state: 'problem'; readonly sentence: string }

/**
 * Shows how a file was understood (columns, units with converted samples, zone, gaps), asks what two readings are
 * plausible for, and stores the ticked series. `file` null: closed. Pasted text: wrap it with `pastedFile`.
 */
export function ImportDialog({
  investigationId,
  file,
  onClose,
  onStored,
}: {
  investigationId: string
  file: File | null
  onClose: () => void
  onStored?: (series: SeriesRow[]) => void
}) {
  return (
    <Dialog
      open={file !== null}
      onOpenChange={(open) => !open && onClose()}
      title="Attach a memory graph"
      wide
    >
      {file && (
        <Conversation key={`${file.name} ${file.size}`} {...{ investigationId, file, onClose, onStored }} />
      )}
    </Dialog>
  )
}

/** Text from the clipboard as a file. */
export const pastedFile = (text: string): File => new File([text], 'pasted.txt', { type: 'text/plain' })

function Conversation({
  investigationId,
  file,
  onClose,
  onStored,
}: {
  investigationId: string
  file: File
  onClose: () => void
  onStored?: ((series: SeriesRow[]) => void) | undefined
}) {
  const [stage, setStage] = useState<Stage>({ state: 'reading' })
  const [answers, setAnswers] = useState<Readonly<Record<string, string>>>({})
  const [picked, setPicked] = useState<ReadonlySet<string> | null>(null)
  const [isStoring, setStoring] = useState(false)
  useEffect(() => {
    let isCurrent = true
    previewImport(investigationId, file, { answers }).then(
      (preview) => {
        if (!isCurrent) return
        setStage({ state: 'preview', preview })
        setPicked(
          (before) => before ?? new Set(preview.series.filter((one) => one.suggested).map((one) => one.key)),
        )
      },
      (error: unknown) => isCurrent && setStage({ state: 'problem', sentence: sentenceOf(error) }),
    )
    return () => {
      isCurrent = false
    }
  }, [investigationId, file, answers])

  if (stage.state === 'reading') return <p className="text-ink-2">Reading {file.name}…</p>
  if (stage.state === 'problem')
    return (
      <p role="alert" className="text-growth">
        {stage.sentence}
      </p>
    )
  const { preview } = stage
  const answer = (id: string, value: string) => setAnswers({ ...answers, [id]: value })
  const toggle = (key: string) => {
    const next = new Set(picked)
    if (!next.delete(key)) next.add(key)
    setPicked(next)
  }
  const store = async () => {
    setStoring(true)
    try {
      // What was assumed is answered, so that what is stored is what was shown.
      const assumed = Object.fromEntries(
        preview.questions.map((question) => [question.id, question.suggested]),
      )
      const stored = await confirmImport(investigationId, file, {
        answers: { ...assumed, ...answers },
        pick: [...(picked ?? [])],
      })
      onStored?.(stored)
      onClose()
    } catch (error) {
      setStage({ state: 'problem', sentence: sentenceOf(error) })
    } finally {
      setStoring(false)
    }
  }
  return (
    <div className="grid gap-3">
      <Facts preview={preview} fileName={file.name} />
      {preview.questions.map((question) => (
        <div key={question.id} className="rounded-lg bg-warm-soft p-2.5">
          <LabelledSelect
            label={question.ask}
            value={answers[question.id] ?? question.suggested}
            onChange={(event) => answer(question.id, event.target.value)}
          >
            {question.options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </LabelledSelect>
        </div>
      ))}
      <PreviewTable
        rows={preview.series}
        picked={picked}
        onToggle={toggle}
        onUnit={(one, unit) => answer(`unit:${one.column}`, unit)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={isStoring || (picked?.size ?? 0) === 0} onClick={() => void store()}>
          {isStoring ? 'Storing…' : `Attach ${picked?.size ?? 0} series`}
        </Button>
      </div>
    </div>
  )
}

const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'The file could not be sent. Try again.'

function Facts({ preview, fileName }: { preview: ImportPreview; fileName: string }) {
  const from = Math.min(...preview.series.map((one) => one.from))
  const to = Math.max(...preview.series.map((one) => one.to))
  const gaps = Math.max(0, ...preview.series.map((one) => one.gaps))
  const time = (at: number) => new Date(at).toISOString().replace('T', ' ').slice(0, 19)
  return (
    <p className="text-xs text-ink-2">
      <b className="font-semibold text-ink">{fileName}</b> is a {preview.format}: {formatCount(preview.lines)}{' '}
      lines
      {preview.badLines > 0 && `, ${formatCount(preview.badLines)} of them unreadable`}. From {time(from)} to{' '}
      {time(to)} UTC ({formatDuration(milliseconds(to - from))}), times read{' '}
      {preview.zone === 'as written' ? preview.zone : `as ${preview.zone}`}
      {gaps > 0 && `, ${gaps === 1 ? '1 gap' : `${gaps} gaps`}`}.
      {preview.phases.length > 0 &&
        ` Phases: ${preview.phases
          .slice(0, 8)
          .map((phase) => phase.label)
          .join(', ')}.`}
    </p>
  )
}
