import { writeSync } from 'node:fs'
import { UserError } from '#lib/errors/user-error'
import { attackOf } from './attacks.ts'
import { below, damaged, randomOf } from './damage.ts'
import { type Reading, type Subject, subjectOf } from './subjects.ts'

// One subject's rounds in a process of its own: `child.ts damage|prefixes|attack <subject> <seed> <rounds>`. Each round's
// number is written before it begins, so that whoever waits knows where it hung or died; the last line is the result.

/** What a child says at its end. */
export interface ChildResult {
  readonly rounds: number
  readonly refused: number
  readonly maxRssMiB: number
  readonly failures: readonly string[]
}

/** More than this says nothing new. */
const MAX_FAILURES = 5

const [mode = '', name = '', seedText = '0', roundsText = '0'] = process.argv.slice(2)
const [seed, rounds] = [Number(seedText), Number(roundsText)]
const failures: string[] = []
let refused = 0

/** The reading, or undefined when the file was refused with a sentence. Anything else is a failure of this round. */
function readOrRefuse(subject: Subject, content: Uint8Array, what: string): Reading | undefined {
  try {
    return subject.read(content)
  } catch (error) {
    if (error instanceof UserError) {
      refused++
      if (error.message.length > 0 && error.message.length < 1500) return undefined
    }
    failures.push(`${what}: ${error instanceof Error ? error.stack?.slice(0, 900) : String(error)}`)
    return undefined
  }
}

function damageRounds(subject: Subject): void {
  const content = subject.content()
  for (let round = 0; round < rounds && failures.length < MAX_FAILURES; round++) {
    writeSync(1, `${round}\n`)
    readOrRefuse(subject, damaged(content, randomOf(seed + round)), `seed ${seed + round}`)
  }
}

/** Cut anywhere, a file is less, says so, or is refused. Small files are cut at every byte. */
function prefixRounds(subject: Subject): void {
  const content = subject.content()
  const whole = subject.read(content)
  const random = randomOf(seed)
  const isEvery = content.length <= rounds
  for (let round = 0; round < Math.min(rounds, content.length) && failures.length < MAX_FAILURES; round++) {
    const end = isEvery ? round : lengthOf(round, content.length, random)
    writeSync(1, `${end}\n`)
    const prefix = content.subarray(0, end)
    const read = readOrRefuse(subject, prefix, `prefix ${end}`)
    if (read === undefined || read.isLossSaid || read.amount === whole.amount) continue
    const isWholeRows = subject.isRows && (end === 0 || content[end - 1] === 0x0a || content[end] === 0x0a)
    if (!isWholeRows)
      failures.push(`prefix ${end}: ${read.amount} of ${whole.amount}, and not a word about it`)
  }
}

/** The first and last bytes of a file, where most of its structure is, and places in between. */
function lengthOf(round: number, length: number, random: () => number): number {
  if (round % 3 === 0) return Math.min(length, Math.floor(round / 3))
  if (round % 3 === 1) return Math.max(0, length - 1 - Math.floor(round / 3))
  return below(random, length)
}

if (mode === 'damage') damageRounds(subjectOf(name))
else if (mode === 'prefixes') prefixRounds(subjectOf(name))
else {
  const attack = attackOf(name)
  writeSync(1, '0\n')
  readOrRefuse(subjectOf(attack.subject), attack.content(), name)
}
const result: ChildResult = {
  rounds,
  refused,
  maxRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  failures,
}
writeSync(1, `${JSON.stringify(result)}\n`)
