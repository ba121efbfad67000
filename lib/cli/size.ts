import { type Bytes, bytes } from '#lib/units/quantity'

const FACTORS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...(['k', 'm', 'g', 't'] as const).flatMap((letter, i): [string, number][] => [
    // "16G" is what ulimit, Docker and the JVM call 16 GiB; "GB" with a B is what disks and clouds call 10⁹.
    [letter, 1024 ** (i + 1)],
    [`${letter}i`, 1024 ** (i + 1)],
    [`${letter}ib`, 1024 ** (i + 1)],
    [`${letter}b`, 1000 ** (i + 1)],
  ]),
])

/** "16GiB", "512 MiB", "1.5g", "1000000": a size above 0; undefined when it is none. */
export function sizeOf(text: string): Bytes | undefined {
  const [, number, unit] = /^\s*([0-9][0-9_]*(?:\.[0-9]+)?)\s*([a-z]*)\s*$/i.exec(text) ?? []
  const factor = FACTORS.get((unit ?? '').toLowerCase())
  if (number === undefined || factor === undefined) return undefined
  const size = Math.round(Number(number.replaceAll('_', '')) * factor)
  return Number.isSafeInteger(size) && size > 0 ? bytes(size) : undefined
}
