import { UserError } from '#lib/errors/user-error'
import { findObject } from '#lib/questions/find-object'
import { objectDetails } from '#lib/questions/object-details'
import type { ObjectDetails, ObjectLine, PathStep } from '#lib/reports/objects'
import { formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { openHeap } from './open-capture.ts'
import { siteHeader } from './site-words.ts'
import { EXIT, type Terminal } from './terminal.ts'
import { plain } from './text-table.ts'

/**
 * `leakroom path FILE ADDRESS`: what keeps an object alive.
 * @throws UserError when the file cannot be read or has no such object
 */
export async function path(
  file: string,
  address: string,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const heap = await openHeap(file)
  const object = findObject(heap.snapshot, address)
  if (object === null) throw new UserError('cli/no-object', { address: address.slice(0, 40) })
  const details = objectDetails(heap, object)
  terminal.out(
    json ? JSON.stringify({ file, ...details }, null, 2) : text(details, siteHeader(heap.snapshot.siteKind)),
  )
  return EXIT.done
}

function text({ line, path: steps, retainedShare, facts }: ObjectDetails, sites: string): string {
  const retained =
    line.retainedBytes === null
      ? 'no root reaches it'
      : `${formatBytes(bytes(line.retainedBytes))} retained (${formatShare(retainedShare ?? 0)} of the heap, ${formatCount(line.retainedObjects ?? 0)} objects)`
  return [
    `${named(line)}: ${formatBytes(bytes(line.shallowBytes))} shallow, ${retained}`,
    ...(line.site ? [`${sites.toLowerCase()} ${plain(line.site)}`] : []),
    ...facts.map(({ name, value }) => `${name}: ${plain(value)}`),
    '',
    steps.length === 0
      ? 'Nothing in this dump keeps it alive.'
      : 'What keeps it alive, from the root (= dominates it):',
    ...steps.map(stepText),
  ].join('\n')
}

function stepText(step: PathStep): string {
  if (step.kind === 'root') return `  root: ${plain(step.name)}`
  if (step.kind === 'gap') return `  … ${formatCount(step.steps)} steps …`
  const edge = step.line.edge?.name ? `${plain(step.line.edge.name)}: ` : ''
  return `  ${step.isDominator ? '=' : '-'} ${edge}${named(step.line)}`
}

/** "Array of 10,500 0x7f3c1a40". */
export const named = ({ label, key }: ObjectLine): string => plain(key === null ? label : `${label} ${key}`)
