import { UserError } from '#lib/errors/user-error'
import type { CaptureRow } from '#lib/investigation/rows'
import type { StackAnswers, StackQuery } from '#lib/reports/stack-questions'
import type { StackReport } from '#lib/reports/stack-report'
import { localFiles } from '#lib/storage/local-files'
import type { QuestionNeeds } from './heap-questions.ts'

/** Questions about captures of allocation stacks by their rows; what is damaged is made again. */
export class StackCaptures {
  private readonly needs: Pick<QuestionNeeds, 'desk' | 'store' | 'reportOf'>

  constructor(needs: Pick<QuestionNeeds, 'desk' | 'store' | 'reportOf'>) {
    this.needs = needs
  }

  /**
   * The answer, beside an earlier capture where one is given.
   * @throws UserError read/not-ready · capture/other-kind · request/not-found · read/damaged-columns, and as QuestionDesk.ask
   */
  async ask(
    capture: CaptureRow,
    earlier: CaptureRow | undefined,
    question: StackQuery,
    signal?: AbortSignal,
  ): Promise<StackAnswers[StackQuery['ask']]> {
    const { desk, store } = this.needs
    const captures = earlier ? [capture, earlier] : [capture]
    const reports = await Promise.all(captures.map((one) => this.stackReport(one)))
    const files = await localFiles(
      store,
      reports.map(({ tables }) => tables.profile.sha256),
    )
    try {
      // reason: there is one file for each capture, and at least one capture.
      const [profile, before] = files.paths as [string, string | undefined]
      const answer = await desk.stacks({ kind: 'stacks', profile, earlier: before, question }, signal)
      if (answer === null) throw new UserError('request/not-found', { what: 'stack' })
      return answer
    } catch (error) {
      if (error instanceof UserError && error.code === 'read/damaged-columns')
        await this.makeAgain(captures, reports)
      throw error
    } finally {
      await files.release()
    }
  }

  /** Which of them is damaged is not told: all are taken away and read again, which takes milliseconds. */
  private async makeAgain(captures: readonly CaptureRow[], reports: readonly StackReport[]): Promise<void> {
    for (const { tables } of reports) await this.needs.store.remove(tables.profile.sha256)
    // Puts them in line, and says that it has.
    for (const capture of captures) await this.needs.reportOf(capture).catch(refusedForNow)
  }

  private async stackReport(capture: CaptureRow): Promise<StackReport> {
    const report = await this.needs.reportOf(capture)
    if (report.kind === 'stacks') return report
    throw new UserError('capture/other-kind', { label: capture.label, kind: 'a heap' })
  }
}

/** A capture that is being read again refuses for now; that is what was wanted. */
function refusedForNow(error: unknown): void {
  if (!(error instanceof UserError)) throw error
}
