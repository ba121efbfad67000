import { writeSync } from 'node:fs'
import { UserError } from '#lib/errors/user-error'
import { attackOf } from './attacks.ts'
import { below, damaged, randomOf } from './damage.ts'
import { type Reading, type Subject, subjectOf } from './subjects.ts'

// Rounds in a process of its own: `child.ts rounds|attacks <seed> <rounds> <name>…`, names of subjects or of attacks. What
// is about to be tried is written before it begins, so that whoever waits knows where it hung or died; the last line is
// the result.

/** What a child says at its end. */
export interface ChildResult {
  readonly tried: number
  readonly refused: number
  readonly maxRssMiB: number
  readonly failures: readonly string[]
}

/** More of one kind say nothing new. */
const MAX_FAILURES = 5

const [mode = '', seedText = '0', roundsText = '0', ...names] = process.argv.slice(2)
const [seed, rounds] = [Number(seedText), Number(roundsText)]
const failures: string[] = []
let tried = 0
let refused = 0

/** The reading, or undefined when the file was refused with a sentence. Anything else is a failure. */
function readOrRefuse(subject: Subject, content: Uint8Array, what: string): Reading | undefined {
  writeSync(1, `${what}\n`)
  tried++
  try {
    return subject.read(content)
  } catch (error) {
    if (error instanceof UserError && error.message.length > 0 && error.message.length < 1500) {
      refused++
      return undefined
    }
    failures.push(`${what}: ${error instanceof Error ? error.stack?.slice(0, 900) : String(error)}`)
    return undefined
  }
}

function damageRounds(subject: Subject, count: number): void {
  const content = subject.content()
  const limit = failures.length + MAX_FAILURES
  for (let round = 0; round < count && failures.length < limit; round++)
    readOrRefuse(subject, damaged(content, randomOf(seed + round)), `${subject.name} seed ${seed + round}`)
}

/** Cut anywhere, a file is less and says so, or is refused. Files of fewer bytes than rounds are cut at every byte. */
function prefixRounds(subject: Subject, count: number): void {
  const content = subject.content()
  const whole = readOrRefuse(subject, content, `${subject.name} as it is`)
  const random = randomOf(seed)
  const isEvery = content.length <= count
  const limit = failures.length + MAX_FAILURES
  for (let round = 0; round < Math.min(count, content.length) && failures.length < limit; round++) {
    const end = isEvery ? round : lengthOf(round, content.length, random)
    const what = `${subject.name} prefix ${end}`
    const read = readOrRefuse(subject, content.subarray(0, end), what)
    if (read === undefined || read.isLossSaid || read.amount === whole?.amount) continue
    if (!subject.isWholeAt(content, end))
      failures.push(`${what}: ${read.amount} of ${whole?.amount ?? 0}, and not a word about it`)
  }
}

/** The first and last bytes of a file, where most of its structure is, and places in between. */
function lengthOf(round: number, length: number, random: () => number): number {
  if (round % 3 === 0) return Math.min(length, Math.floor(round / 3))
  if (round % 3 === 1) return Math.max(0, length - 1 - Math.floor(round / 3))
  return below(random, length)
}

for (const name of names) {
  if (mode === 'attacks') {
    const attack = attackOf(name)
    readOrRefuse(subjectOf(attack.subject), attack.content(), name)
    continue
  }
  const subject = subjectOf(name)
  const count = Math.max(2, Math.floor(rounds / subject.weight))
  damageRounds(subject, count)
  prefixRounds(subject, count * 2)
}
for (const key in {}) failures.push(`every object now has "${key}"`)
const result: ChildResult = {
  tried,
  refused,
  maxRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  failures,
}
writeSync(1, `${JSON.stringify(result)}\n`)
