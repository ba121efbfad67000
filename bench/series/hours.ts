/**
 * What the reading says of hours and days at a sample a minute, whose truth is known (test/unit/series/hours.ts):
 * `npx tsx bench/series/hours.ts [FIRST SEED] [LAST SEED] [HOURS…]`. Prints the table of docs/memory-graphs.md, which
 * stands for seeds 6001–6200: no threshold was chosen by them.
 */
import { readSeries } from '#lib/series/read-series'
import { HOURS, type Hours } from '#test/unit/series/hours'

const [first = 6001, last = 6200, ...lengths] = process.argv.slice(2).map(Number)
const only = process.env.ONLY

function measure(one: Hours, hours: number) {
  const kinds = new Map<string, number>()
  let covered = 0
  let rated = 0
  for (let seed = first; seed <= last; seed++) {
    const { samples, bytesPerHour: truth } = one.draw(seed, hours)
    const { reading } = readSeries(samples)
    kinds.set(reading.kind, (kinds.get(reading.kind) ?? 0) + 1)
    if (reading.kind !== 'growing' || !reading.bytesPerHour) continue
    rated++
    if (reading.bytesPerHour.low <= truth && truth <= reading.bytesPerHour.high) covered++
  }
  return { kinds, covered, rated }
}

const share = (count: number, of: number) => `${Number(((100 * count) / of).toFixed(1))} %`
const seeds = last - first + 1
console.log(`seeds ${first}–${last}, Node ${process.version}\n`)
console.log('| truth | hours | growing | other answers | interval holds the rate |\n|---|---|---|---|---|')
for (const one of HOURS) {
  if (only && !one.name.includes(only)) continue
  for (const hours of lengths.length > 0 ? lengths : [6, 24, 72]) {
    const { kinds, covered, rated } = measure(one, hours)
    const others = [...kinds].filter(([name]) => name !== 'growing').sort((a, b) => b[1] - a[1])
    const said = others.map(([name, count]) => `${name} ${share(count, seeds)}`).join(', ')
    const holds = one.grows && rated > 0 ? share(covered, rated) : ''
    console.log(
      `| ${one.name} | ${hours} | **${share(kinds.get('growing') ?? 0, seeds)}** | ${said} | ${holds} |`,
    )
  }
}
