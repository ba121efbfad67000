import fc from 'fast-check'
import { NO_INDEX } from '#lib/heap/snapshot'
import type { Drawing } from './draw-heap.ts'

/**
 * Small heaps of every shape: several roots, circles, parts that no root reaches, references to oneself, repeats,
 * classes, weak references, and (sometimes) references that lead nowhere.
 */
export const randomHeap = (
  options: { readonly maxObjects?: number; readonly orphans?: 'apart' | 'under-root' } = {},
): fc.Arbitrary<Drawing> =>
  fc.integer({ min: 1, max: options.maxObjects ?? 24 }).chain((count) => {
    const object = fc.integer({ min: 0, max: count - 1 })
    const target = fc.oneof(
      { weight: 30, arbitrary: object },
      { weight: 1, arbitrary: fc.constant(NO_INDEX) },
    )
    return fc.record({
      objects: fc.array(
        fc.record(
          {
            bytes: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.constant(2 ** 33)),
            to: fc.array(target, { maxLength: 3 }),
            weakTo: fc.array(object, { maxLength: 2 }),
            classIndex: object,
          },
          { requiredKeys: ['bytes', 'to'] },
        ),
        { minLength: count, maxLength: count },
      ),
      roots: fc.array(
        fc.tuple(fc.constantFrom('vm', 'global', 'machine_context'), fc.array(target, { maxLength: 3 })),
        { maxLength: 3 },
      ),
      orphans: fc.constant(options.orphans ?? 'apart'),
    })
  })
