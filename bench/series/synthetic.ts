/**
 * What the first reading says of synthetic processes whose truth is known (test/unit/series/synthetic.ts):
 * `npx tsx bench/series/synthetic.ts [FIRST SEED] [LAST SEED]`. Prints the table of docs/memory-graphs.md, which stands for
 * seeds 2001–2200: no threshold was chosen by them. For trying something out, use others.
 */
import { readSeries } from '#lib/series/read-series'
import { lives } from '#lib/series/restarts'
import { drawDeepSaw, drawRestarts, SYNTHETIC, type Synthetic } from '#test/unit/series/synthetic'

const LENGTHS = [600, 1800]
const [first = 2001, last = 2200] = process.argv.slice(2).map(Number)

interface Counts {
  readonly kinds: Map<string, number>
  /** Of those called growing, how many intervals hold the planted rate. */
  covered: number
}

function measure(one: Synthetic, seconds: number): Counts {
  const counts: Counts = { kinds: new Map(), covered: 0 }
  for (let seed = first; seed <= last; seed++) {
    const { kind, bytesPerHour } = readSeries(one.draw(seed, seconds)).reading
    counts.kinds.set(kind, (counts.kinds.get(kind) ?? 0) + 1)
    const truth = (one.bytesPerSecond ?? 0) * 3600
    if (kind === 'growing' && bytesPerHour && bytesPerHour.low <= truth && truth <= bytesPerHour.high)
      counts.covered++
  }
  return counts
}

const seeds = last - first + 1
const share = (count: number, of: number) => `${Number(((100 * count) / of).toFixed(1))} %`

console.log(`seeds ${first}–${last}, Node ${process.version}\n`)
console.log(`| truth | samples | growing | other answers | interval holds the rate |\n|---|---|---|---|---|`)
for (const one of SYNTHETIC) {
  for (const seconds of LENGTHS) {
    const { kinds, covered } = measure(one, seconds)
    const growing = kinds.get('growing') ?? 0
    const others = [...kinds].filter(([kind]) => kind !== 'growing').sort((a, b) => b[1] - a[1])
    const said = others.map(([kind, count]) => `${kind} ${share(count, seeds)}`).join(', ')
    const holds = one.grows && growing > 0 ? share(covered, growing) : ''
    console.log(
      `| ${one.name} | ${seconds.toLocaleString('en')} | **${share(growing, seeds)}** | ${said} | ${holds} |`,
    )
  }
}

/** A restart is found when one is inferred at most three samples away from it. */
const NEAR_MS = 3 * 60_000
let planted = 0
let found = 0
let invented = 0
for (let seed = first; seed <= last; seed++) {
  const { samples, restarts } = drawRestarts(seed)
  const inferred = lives(samples).restarts.map(({ at }) => at)
  const isNear = (at: number, others: readonly number[]) =>
    others.some((other) => Math.abs(other - at) <= NEAR_MS)
  planted += restarts.length
  found += restarts.filter((at) => isNear(at, inferred)).length
  invented += inferred.filter((at) => !isNear(at, restarts)).length
}
console.log(`\nrestarts without pids: ${found} of ${planted} found, ${invented} invented`)
for (const depth of [0.2, 0.28, 0.4, 0.55]) {
  let counted = 0
  for (let seed = first; seed <= last; seed++) counted += lives(drawDeepSaw(seed, depth)).restarts.length
  const perSeries = (counted / seeds).toFixed(2)
  console.log(`saws ${100 * depth} % deep, no restart: ${perSeries} restarts inferred per series`)
}
