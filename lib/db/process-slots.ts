import { z } from 'zod'
import type { WriteAccess } from '#lib/investigation/access'
import { placeInSlots, type Sighting } from '#lib/series/process-slots'
import { db } from './client.ts'

const Slots = z.array(
  z.array(z.object({ key: z.string(), from: z.number(), to: z.number(), ended: z.boolean() })),
)

/**
 * The slot of each sighting, by what its labels say without a pid: 0 is the first series of that name, 1 the one beside it.
 * Several requests at once wait for each other, per name. Asked again it says the same. Three statements.
 */
export async function slotsOf(
  { investigationId }: WriteAccess,
  sightings: ReadonlyMap<string, readonly Sighting[]>,
): Promise<Map<string, readonly number[]>> {
  const bases = [...sightings.keys()].sort()
  const placed = new Map<string, readonly number[]>()
  if (bases.length === 0) return placed
  await db().$transaction(async (tx) => {
    await tx.processSlots.createMany({
      data: bases.map((base) => ({ investigationId, base })),
      skipDuplicates: true,
    })
    const rows = await tx.$queryRaw<{ base: string; slots: unknown }[]>`
      select base, slots from process_slots
      where investigation_id = ${investigationId}::uuid and base = any(${bases}) order by base for update`
    const changed: string[] = []
    for (const { base, slots } of rows) {
      const next = placeInSlots(Slots.parse(slots), sightings.get(base) ?? [])
      placed.set(base, next.placed)
      changed.push(JSON.stringify(next.slots))
    }
    await tx.$executeRaw`
      update process_slots set slots = given.slots::jsonb
      from unnest(${rows.map(({ base }) => base)}::text[], ${changed}::text[]) as given(base, slots)
      where investigation_id = ${investigationId}::uuid and process_slots.base = given.base`
  })
  return placed
}
