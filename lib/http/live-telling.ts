import { tellSeries } from '#lib/db/series-live'
import type { WriteAccess } from '#lib/investigation/access'
import type { SeriesId } from '#lib/investigation/ids'
import { services } from '#lib/services'

/** While points of a series arrive and somebody is in the room, its row is told this often. */
const TELL_EVERY_MS = 5_000

/**
 * Tells an open room that the rows of its live series grew: at once, then at most every five seconds, and once more
 * when the points stop. An empty room is not told, so that nights of samples do not fill its log: who comes in later
 * loads the rows as they are.
 */
export class LiveTelling {
  readonly #everyMs: number
  /** Series that were told less than `everyMs` ago: is there something new since? */
  readonly #recent = new Map<SeriesId, { isNew: boolean }>()

  constructor(everyMs = TELL_EVERY_MS) {
    this.#everyMs = everyMs
  }

  /** Series that are being watched for a next telling. */
  get size(): number {
    return this.#recent.size
  }

  /** Call it after new points were stored. */
  grew(access: WriteAccess, seriesId: SeriesId): void {
    const recent = this.#recent.get(seriesId)
    if (recent) {
      recent.isNew = true
      return
    }
    this.#tell(access, seriesId)
  }

  #tell(access: WriteAccess, seriesId: SeriesId): void {
    const state = { isNew: false }
    this.#recent.set(seriesId, state)
    const timer = setTimeout(() => {
      this.#recent.delete(seriesId)
      if (state.isNew) this.#tell(access, seriesId)
    }, this.#everyMs)
    timer.unref()
    const { investigationId } = access
    if (!services().peopleInside([investigationId]).get(investigationId)?.length) return
    // The points are stored and announced; a row that could not be told now is told with the next ones.
    tellSeries(access, seriesId).catch((error: unknown) =>
      services().log.warn({ err: error, seriesId }, 'a live series could not be told'),
    )
  }
}
