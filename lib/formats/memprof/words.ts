import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'

/** What a dump tells beside its objects. */
export interface Facts {
  /** KiB, by `ps`; 0 when it does not say. */
  rss: number
  openFiles: number
  rootRows: number
  sharedAddresses: number
  ambiguous: number
}

/** What the file tells about the process. */
export function hints(facts: Facts): string[] {
  const said = ['written by memprof (Ruby 1.8 or REE)']
  const files = `${formatCount(facts.openFiles)} open files`
  if (facts.rss > 0) {
    const rss = `the process that wrote it, often a forked child, held ${formatBytes(bytes(facts.rss * 1024))}`
    said.push(facts.openFiles > 0 ? `${rss} and had ${files}` : rss)
  } else if (facts.openFiles > 0) said.push(`the process that wrote it had ${files}`)
  return said
}

/** One sentence for each thing that limits what such a dump can tell. */
export function remarks(facts: Facts): string[] {
  const said = [
    'Sizes are estimated: memprof writes none. 40 bytes an object, and what its length says of strings, arrays, hashes and tables.',
  ]
  if (facts.rootRows > 0)
    said.push(
      'memprof lists global variables, frames and finalizers as roots, and no C stack: objects that none of them reaches are shown as kept by the root itself.',
    )
  if (facts.sharedAddresses > 0)
    said.push(
      `${facts.sharedAddresses === 1 ? 'One address belongs' : `${formatCount(facts.sharedAddresses)} addresses belong`} to several objects, because memprof prints half of each. References to them (${formatCount(facts.ambiguous)}) lead to both, so less is said to be held by one alone.`,
    )
  return said
}
