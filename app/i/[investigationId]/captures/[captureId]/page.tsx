import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { CaptureView } from '#components/heap/capture-view'
import { requireReader } from '#lib/auth/gate'
import { forPage } from '#lib/auth/pages'
import { loadCapture } from '#lib/db/captures'
import { UserError } from '#lib/errors/user-error'
import type { CaptureRow } from '#lib/investigation/rows'

interface CapturePageProps {
  readonly params: Promise<{ investigationId: string; captureId: string }>
}

async function captureOf({ params }: CapturePageProps): Promise<CaptureRow> {
  const { investigationId, captureId } = await params
  const access = await forPage(requireReader(investigationId), `/i/${investigationId}/captures/${captureId}`)
  try {
    return await loadCapture(access, captureId)
  } catch (error) {
    if (error instanceof UserError && error.code === 'request/not-found') notFound()
    throw error
  }
}

export async function generateMetadata(props: CapturePageProps): Promise<Metadata> {
  return { title: (await captureOf(props)).label }
}

/** One capture: its totals and its tables. The room around it (layout.tsx) keeps the row live. */
export default async function CapturePage(props: CapturePageProps) {
  const capture = await captureOf(props)
  return <CaptureView captureId={capture.id} />
}
