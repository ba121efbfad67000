import { UserError } from '#lib/errors/user-error'
import type { CaptureRow } from '#lib/investigation/rows'
import type { CaptureReport } from '#lib/reports/capture-report'
import type { HeapReport } from '#lib/reports/heap-report'
import type { GraphAnswers, GraphQuery } from '#lib/reports/objects'
import { localFiles } from '#lib/storage/local-files'
import type { Store } from '#lib/storage/store'
import type { QuestionDesk } from './question-desk.ts'
import type { RevealedObject, StoredHeap } from './tasks.ts'

export interface QuestionNeeds {
  readonly desk: QuestionDesk
  readonly store: Store
  readonly maxPlainBytes: number
  /** The report of a ready capture, or the refusal that says why there is none. */
  readonly reportOf: (capture: CaptureRow) => Promise<CaptureReport>
}

/** Questions about captures by their rows: finds what is stored of them, and has what is damaged made again. */
export class HeapQuestions {
  private readonly needs: QuestionNeeds

  constructor(needs: QuestionNeeds) {
    this.needs = needs
  }

  /** @throws UserError read/not-ready · capture/other-kind · read/damaged-columns, and as QuestionDesk.ask */
  async ask<Q extends GraphQuery>(
    capture: CaptureRow,
    question: Q,
    more: { readonly before?: CaptureRow | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<GraphAnswers[Q['ask']]> {
    const { desk, store } = this.needs
    const { signal, before } = more
    return this.withHeap(capture, async (heap) => {
      if (!before) return desk.ask(heap, question, { signal })
      const report = await this.heapReport(before)
      const owners = await store.local(report.tables.owners.sha256)
      try {
        return await desk.ask(heap, question, { signal, ownersBefore: owners.path })
      } finally {
        await owners.release()
      }
    })
  }

  /** One object's value. @throws as `ask`, and UserError value/none · format/* */
  async value(capture: CaptureRow, object: number, signal?: AbortSignal): Promise<RevealedObject> {
    const { desk, store, maxPlainBytes } = this.needs
    return this.withHeap(capture, async (heap, { sha256, encoding, storedBytes }) => {
      const file = await store.local(sha256)
      try {
        const place = { path: file.path, encoding, storedBytes, maxPlainBytes }
        return await desk.value(heap, { object, ...place }, signal)
      } finally {
        await file.release()
      }
    })
  }

  private async heapReport(capture: CaptureRow): Promise<HeapReport> {
    const report = await this.needs.reportOf(capture)
    if (report.kind === 'heap') return report
    throw new UserError('capture/other-kind', { label: capture.label, kind: 'allocation stacks' })
  }

  /** Damaged tables are taken away and the capture is read again: its file is still there. */
  private async withHeap<T>(
    capture: CaptureRow,
    ask: (heap: StoredHeap, report: HeapReport) => Promise<T>,
  ): Promise<T> {
    const { store, reportOf } = this.needs
    const report = await this.heapReport(capture)
    const { columns, owners } = report.tables
    const files = await localFiles(store, [columns.sha256, owners.sha256])
    const [columnsPath = '', ownersPath = ''] = files.paths
    try {
      const heap = { id: columns.sha256, columns: columnsPath, owners: ownersPath }
      return await ask(heap, report)
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'read/damaged-columns') throw error
      await store.remove(columns.sha256)
      await store.remove(owners.sha256)
      // Puts it in line, and says that it is.
      await reportOf(capture)
      throw error
    } finally {
      await files.release()
    }
  }
}
