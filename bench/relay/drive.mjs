// The same measurement for every system: writers append numbers to a shared array, everybody else notes when it arrives.

export const quantile = (values, q) => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] : Number.NaN
}
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * @param {{ rooms: number, perRoom: number, writers: number, everyMs: number, seconds: number }} plan
 * @param {(room: number) => Promise<{ doc: import('yjs').Doc, saved?: (tell: () => void) => void, close(): void }>} join
 */
export async function drive(plan, join) {
  const sentAt = new Map()
  const toPeer = []
  const acks = []
  const clients = []
  for (let room = 0; room < plan.rooms; room++) {
    for (let from = 0; from < plan.perRoom; from += 25) {
      const some = Array.from({ length: Math.min(25, plan.perRoom - from) }, () => join(room))
      for (const client of await Promise.all(some)) clients.push({ room, client })
    }
  }
  for (const { client } of clients) {
    client.doc.getArray('bench').observe((event, transaction) => {
      if (transaction.local) return
      const now = performance.now()
      for (const item of event.changes.added) {
        for (const id of item.content.getContent()) if (sentAt.has(id)) toPeer.push(now - sentAt.get(id))
      }
    })
  }
  const writing = []
  for (let room = 0; room < plan.rooms; room++) {
    writing.push(...clients.filter((each) => each.room === room).slice(0, plan.writers))
  }
  let next = 0
  const waiting = new Map()
  for (const { client } of writing) {
    client.saved?.(() => {
      const now = performance.now()
      for (const at of waiting.get(client) ?? []) acks.push(now - at)
      waiting.set(client, [])
    })
  }
  await sleep(500)
  const end = performance.now() + plan.seconds * 1000
  await Promise.all(
    writing.map(async ({ client }, index) => {
      await sleep((plan.everyMs * index) / writing.length)
      while (performance.now() < end) {
        const id = ++next
        const at = performance.now()
        sentAt.set(id, at)
        waiting.set(client, [...(waiting.get(client) ?? []), at])
        client.doc.getArray('bench').push([id])
        await sleep(plan.everyMs)
      }
    }),
  )
  await sleep(1500)
  const expected = next * (plan.perRoom - 1)
  const report = {
    updates: next,
    delivered: toPeer.length,
    missing: expected - toPeer.length,
    p50: quantile(toPeer, 0.5),
    p95: quantile(toPeer, 0.95),
    p99: quantile(toPeer, 0.99),
    ack50: quantile(acks, 0.5),
    ack99: quantile(acks, 0.99),
  }
  for (const { client } of clients) client.close()
  return report
}
