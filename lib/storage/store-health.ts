import type { Store } from './store.ts'

/** Anybody may ask how the server is; a bucket costs money by the request. */
const KEPT_MS = 5_000
/** A load balancer does not wait for long. */
const PATIENCE_MS = 5_000

/** Which store it is and whether it answers, for /api/health: without names and addresses, which are for the log. */
export function storeHealth(
  store: Store,
  now: () => number,
): () => Promise<{ readonly ok: boolean; readonly detail: string }> {
  let known = Number.NEGATIVE_INFINITY
  let answer: ReturnType<typeof ask> | undefined

  async function ask() {
    const from = now()
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<never>((_, give) => {
      const say = () => give(new Error(`does not answer within ${PATIENCE_MS / 1000} s`))
      timer = setTimeout(say, PATIENCE_MS)
    })
    try {
      await Promise.race([store.check(), tooLate])
      return { ok: true, detail: `${store.name}, answers in ${Math.round(now() - from)} ms` }
    } catch (error) {
      return { ok: false, detail: `${store.name}: ${error instanceof Error ? error.message : 'no answer'}` }
    } finally {
      clearTimeout(timer)
    }
  }

  return () => {
    if (answer && now() - known < KEPT_MS) return answer
    known = now()
    answer = ask()
    return answer
  }
}
