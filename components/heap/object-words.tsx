import type { ObjectDetails, ObjectLine, PathStep } from '#lib/reports/objects'
import { visible } from './raw-text.tsx'

/** How the name of a reference is told: a property, an element, a hidden field of the runtime. */
export function edgeWords(edge: ObjectLine['edge']): string | null {
  if (edge === null) return null
  const name = visible(edge.name)
  const words = edge.kind === 'element' ? `[${name}]` : edge.kind === 'property' ? `.${name}` : name
  const kind = edge.kind === 'property' || edge.kind === 'element' ? words : `${visible(edge.kind)} ${words}`
  return (edge.isWeak ? `${kind} (weak)` : kind).trim()
}

/** What stands under an object's name: its class where the name does not say it, its address, where it was made. */
export function lineWords(line: ObjectLine, withSite = true): string {
  const isSaid = line.label.toLowerCase().startsWith(line.className.toLowerCase())
  const parts = [isSaid ? null : line.className, line.key, withSite ? line.site : null]
  return visible(parts.filter((part) => part !== null && part !== '').join(' '))
}

/** A path that fits on a page: of a long one (a linked list has as many steps as nodes) the two ends. */
export function shownPath(path: readonly PathStep[], head = 8, tail = 8): PathStep[] {
  if (path.length <= head + tail + 1) return [...path]
  // The server leaves out the middle of an endless path already: one gap is enough.
  const gap = path.findIndex(({ kind }) => kind === 'gap')
  const from = gap < 0 ? head : Math.min(head, gap)
  const to = Math.max(path.length - tail, gap + 1)
  const steps = path.slice(from, to).reduce((sum, step) => sum + (step.kind === 'gap' ? step.steps : 1), 0)
  return [...path.slice(0, from), { kind: 'gap', steps }, ...path.slice(to)]
}

/**
 * The step that holds on to the object: the last one before it through which every path goes and that has many
 * references, which is a collection; without any, the last that every path goes through. -1: the path does not say.
 */
export function holderStep(path: readonly PathStep[]): number {
  const through = path.flatMap((step, at) =>
    step.kind === 'object' && step.isDominator && at < path.length - 1 ? [at] : [],
  )
  const isCollection = (at: number) => {
    const step = path[at]
    return (
      step?.kind === 'object' && step.line.references >= COLLECTION && !NO_COLLECTION.test(step.line.type)
    )
  }
  return through.findLast(isCollection) ?? through.at(-1) ?? -1
}

/** With this many references an object is taken for a collection. */
const COLLECTION = 100
/** Types whose many references are their nature: classes, modules, the runtime's own. */
const NO_COLLECTION = /^(CLASS|MODULE|ICLASS|synthetic|native|code|hidden|object shape)$/

/** What a hunch about an object is called, and the pin that goes with it. At most 200 characters. */
export function objectTitle({ line }: Pick<ObjectDetails, 'line'>): string {
  const site = line.site === null ? '' : ` ${line.site.split('/').slice(-3).join('/')}`
  return visible(`${line.label}${site}`).slice(0, 160)
}
