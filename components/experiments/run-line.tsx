import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'

/** What stands in a line where a token has to be put in. */
export const TOKEN_PLACE = 'TOKEN'

/** Where the room is, and a token of it; null: somebody has to put one in. */
export interface LineAddress {
  readonly room: string
  readonly token: string | null
}

type Planned = Pick<ExperimentRow, 'number' | 'command' | 'beforeA' | 'beforeB' | 'iterations' | 'runSeconds'>

/** A word of a shell's line: as it is when it is plain, else in single quotes. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`

/** One line: what somebody has typed may hold ends of lines, which a shell would run one by one. */
const oneLine = (text: string): string => text.replace(/\s*[\r\n]+\s*/g, '; ').trim()

/** Anything that is more than a program and its arguments needs a shell. */
const needsShell = (command: string): boolean => /[|&;<>()$`*?#~{}]/.test(command)

const toRoom = ({ room, token }: LineAddress): string =>
  `--room ${quoted(room)} --token ${quoted(token ?? TOKEN_PLACE)}`

function watched(command: string): string {
  const line = oneLine(command) || 'COMMAND'
  return `-- ${needsShell(line) ? `sh -c ${quoted(line)}` : line}`
}

/** The line that makes one run: brings the condition about, then watches the command and sends its memory to the room. */
export function runLine(
  experiment: Planned,
  run: Pick<RunRow, 'position' | 'condition'>,
  address: LineAddress,
): string {
  const before = oneLine(run.condition === 'A' ? experiment.beforeA : experiment.beforeB)
  const watch = [
    'leakroom watch',
    toRoom(address),
    `--experiment ${experiment.number} --run ${run.position} --condition ${run.condition}`,
    ...(experiment.iterations === '' ? [] : [`--iterations ${quoted(oneLine(experiment.iterations))}`]),
    // A command that does not end by itself is ended.
    ...(experiment.runSeconds === null ? [] : [`--seconds ${experiment.runSeconds}`]),
    watched(experiment.command),
  ].join(' ')
  return before === '' ? watch : `${before} && ${watch}`
}

/** The line that makes every run that is left, in the drawn order; length and iterations it takes from the room's plan. */
export function allRunsLine(experiment: Planned, address: LineAddress): string {
  const before = (option: string, line: string) => (line === '' ? [] : [`${option} ${quoted(oneLine(line))}`])
  return [
    `leakroom experiment ${experiment.number}`,
    toRoom(address),
    ...before('--before-a', experiment.beforeA),
    ...before('--before-b', experiment.beforeB),
    watched(experiment.command),
  ].join(' ')
}
