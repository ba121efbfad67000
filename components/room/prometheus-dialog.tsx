'use client' // A conversation with a Prometheus.

import { useState } from 'react'
import { previewSource, type SourceAsked } from '#components/series/fetch-sources'
import { askedBy, EMPTY_DRAFT, PrometheusForm, type SourceDraft } from '#components/series/prometheus-form'
import { ChooseSeries } from '#components/series/prometheus-preview'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import { say } from '#components/ui/toasts'
import type { SourcePreview } from '#lib/formats/prometheus-range/preview'
import { SourcesHere } from './prometheus-sources.tsx'
import { useRoom, useRoomState } from './room-context.tsx'

/** The Prometheus servers that are asked for this room, and another one. */
export function PrometheusDialog({ onClose }: { onClose(): void }) {
  const { canWrite } = useRoom()
  const count = useRoomState((state) => state.sources.length)
  const [isAdding, setAdding] = useState(count === 0)
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="From Prometheus"
      description="The server asks it, and keeps asking: nothing has to be sent from there."
      wide
    >
      <div className="grid gap-4">
        <SourcesHere />
        {!canWrite && count === 0 && <p className="text-ink-2">No Prometheus is asked for this room.</p>}
        {canWrite && isAdding && <NewSource onAdded={() => setAdding(false)} />}
        {canWrite && !isAdding && (
          <Button className="justify-self-start" onClick={() => setAdding(true)}>
            Ask another
          </Button>
        )}
      </div>
    </Dialog>
  )
}

function NewSource({ onAdded }: { onAdded(): void }) {
  const { investigationId } = useRoom()
  const [draft, setDraft] = useState<SourceDraft>(EMPTY_DRAFT)
  const [answer, setAnswer] = useState<{ asked: SourceAsked; preview: SourcePreview } | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [isAsking, setAsking] = useState(false)
  const look = async () => {
    setAsking(true)
    setProblem(null)
    const asked = askedBy(draft, Date.now())
    try {
      setAnswer({ asked, preview: await previewSource(investigationId, asked) })
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'The server did not answer. Try again.')
    } finally {
      setAsking(false)
    }
  }
  if (!answer)
    return <PrometheusForm {...{ draft, problem, isAsking }} onDraft={setDraft} onAsk={() => void look()} />
  return (
    <ChooseSeries
      investigationId={investigationId}
      asked={answer.asked}
      preview={answer.preview}
      onBack={() => setAnswer(null)}
      onAdded={() => {
        say.done('It is being fetched: the series appear on the graph.')
        onAdded()
      }}
    />
  )
}
