import { internalName } from '#lib/heap/class-names'
import { change } from './growth-parts.ts'

/** Below this share of growth, the runtime's own objects (compiled code, shapes) are not worth a look. */
const INTERNAL_SHARE = 0.01
const INTERNAL_TYPES: ReadonlySet<string> = new Set(['IMEMO', 'hidden', 'code', 'object shape', 'synthetic'])
/** … nor below this share of what there was: a running program compiles a little more code all along. */
const INTERNAL_RISE = 0.05
/**
 * One for each place in the code that was reached, and no more: a young process fills them at every capture. Where code
 * itself is made without end, its methods and instruction sequences grow, too, and are told.
 */
const CODE_CACHES: ReadonlySet<string> = new Set(['callcache', 'callinfo', 'constcache'].map(internalName))

/** Are objects of the type made by the runtime for itself, and not by the program? */
export const isInternal = ({ type }: { readonly type: string }): boolean => INTERNAL_TYPES.has(type)

/** What the tables of a class hold (methods, constants, variables) are objects, which are counted; they grow as code is loaded. */
const CLASS_TYPES: ReadonlySet<string> = new Set(['CLASS', 'MODULE', 'ICLASS'])

/** May objects of the type become larger with data that is no object: numbers, text, bytes? */
export const mayHoldData = (group: { readonly type: string }): boolean =>
  !isInternal(group) && !CLASS_TYPES.has(group.type)

/** Is it growth of the runtime's own that says nothing: caches of code, or too little to look at? */
export const isRuntimeNoise = (
  group: { readonly type: string; readonly className: string },
  counts: readonly number[],
  shareOfGrowth: number,
): boolean =>
  isInternal(group) &&
  (CODE_CACHES.has(group.className) ||
    shareOfGrowth < INTERNAL_SHARE ||
    change(counts) < INTERNAL_RISE * counts[0]!)
