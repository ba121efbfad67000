import { formatByteChange, formatCount, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import type { ExperimentRow, RunRow, StoredRunReading } from './experiments.ts'
import { cell, escaped, table, time } from './markdown-text.ts'
import { personName, type RoomState } from './room-state.ts'

/**
 * Every experiment with what it says, what was done, and all of its runs, the excluded ones with their reasons; '' without
 * any. O(rows).
 */
export function experimentsMarkdown(state: RoomState): string {
  return state.experiments.map((row) => experimentMarkdown(row, state)).join('\n\n')
}

function experimentMarkdown(row: ExperimentRow, state: RoomState): string {
  const runs = state.runs.filter(({ experimentId }) => experimentId === row.id)
  const about = state.hypotheses.find(({ id }) => id === row.hypothesisId)
  const question =
    row.kind === 'verify'
      ? 'Is growth gone after the fix? A is before it, B after it.'
      : `A is “${escaped(row.labelA)}”, B is “${escaped(row.labelB)}”.`
  return [
    `### Experiment ${row.number}: ${escaped(row.title)}${row.archived ? ' (put away)' : ''}`,
    `${about ? `For “${escaped(about.title)}”. ` : ''}${question}`,
    verdict(row),
    environments(row, state),
    row.steps && escaped(row.steps),
    row.knownTrouble && `Known trouble in production: ${escaped(row.knownTrouble)}`,
    runs.length > 0 ? runTable(runs, state) : '',
  ]
    .filter((text) => text !== '')
    .join('\n\n')
}

function verdict({ conclusion }: ExperimentRow): string {
  if (!conclusion) return '**Nothing was measured yet.**'
  const { words, result, production, notes, at } = conclusion
  const beside = [...result.reasons, ...(production ? [production.words] : []), ...notes]
  const lines = beside.map((reason) => `- ${escaped(reason)}`)
  const method = `Judged ${time(at)} by version ${result.version} of the method.`
  return [`**${escaped(words)}**`, lines.join('\n'), method].filter((text) => text !== '').join('\n\n')
}

function environments({ parity, waived }: ExperimentRow, state: RoomState): string {
  if (!parity) return 'Nobody compared the environment with production.'
  const lines = waived.map(({ key, reason, by }) => {
    const name = personName(state, by) ?? 'somebody who has left'
    return `- Declared not to matter by ${escaped(name)}: ${cell(key)}: ${cell(reason)}`
  })
  return [`Environment: ${escaped(parity.words)}`, ...lines].join('\n')
}

const ENDED = {
  mark: '',
  person: ', ended by hand',
  quiet: ', fell silent',
  next: ', fell silent before the next',
  attached: ', chosen from a graph',
} as const

function runTable(runs: readonly RunRow[], state: RoomState): string {
  const body = runs.map((run) => {
    const { reading, excluded, endedBy, from } = run
    const marks = [
      run.isCalibration ? 'to learn the noise' : '',
      run.isAdded ? 'added' : '',
      run.takenFrom ? 'taken over' : '',
    ]
    const by = excluded ? (personName(state, excluded.by) ?? 'somebody who has left') : ''
    return [
      [String(run.position), ...marks.filter((mark) => mark !== '')].join(', '),
      run.condition,
      excluded
        ? `excluded by ${cell(by)}: ${cell(excluded.reason)}`
        : `${run.state}${endedBy ? ENDED[endedBy] : ''}`,
      from === null ? '' : time(from),
      reading ? formatDuration(milliseconds(reading.durationMs)) : '',
      reading ? slope(reading) : '',
      reading && reading.iterations > 0 ? formatCount(reading.iterations) : '',
    ]
  })
  return table(['Run', 'Condition', 'State', 'Began', 'Length', 'Growth', 'Iterations'], body)
}

/** With the interval, per iteration where iterations were counted. */
function slope({ kind, bytesPerHour, bytesPerIteration }: StoredRunReading): string {
  const unit = bytesPerIteration ? 'per iteration' : 'per hour'
  const rate = bytesPerIteration ?? bytesPerHour
  if (!rate) return 'cannot tell'
  const [value, low, high] = [rate.value, rate.low, rate.high].map(size)
  return `${value} ${unit} (95 %: ${low} to ${high}), ${kind === 'cannot-tell' ? 'cannot tell' : kind}`
}

/** Small sizes keep their last byte: they are compared with what code asks for. */
const size = (value: number): string =>
  Math.abs(value) < 10_000 ? `${formatCount(Math.round(value))} B` : formatByteChange(bytes(value))
