import type { ExperimentRow, RunRow } from '#lib/investigation/experiments'
import { runName } from '#lib/investigation/experiments'

/** What stands in a line where a token has to be put in. */
export const TOKEN_PLACE = 'TOKEN'

/** A word of a shell's line: as it is when it is plain, else in single quotes. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`

/** One line: what somebody has typed may hold ends of lines, which a shell would run one by one. */
const oneLine = (text: string): string => text.replace(/\s*[\r\n]+\s*/g, '; ').trim()

/** Anything that is more than a program and its arguments needs a shell. */
const needsShell = (command: string): boolean => /[|&;<>()$`*?#~{}]/.test(command)

/**
 * The line that makes one run: brings the condition about, then watches the command and sends its memory to the room under
 * the run's name. `timeout` ends a command that does not end by itself.
 */
export function runLine(
  experiment: Pick<ExperimentRow, 'number' | 'command' | 'beforeA' | 'beforeB' | 'iterations' | 'runSeconds'>,
  run: Pick<RunRow, 'position' | 'condition'>,
  room: string,
  token: string | null,
): string {
  const before = oneLine(run.condition === 'A' ? experiment.beforeA : experiment.beforeB)
  const command = oneLine(experiment.command) || 'COMMAND'
  const limit = experiment.runSeconds === null ? '' : `timeout ${experiment.runSeconds} `
  const watch = [
    'leakroom watch',
    `--room ${quoted(room)}`,
    `--token ${quoted(token ?? TOKEN_PLACE)}`,
    `--run ${runName(experiment.number, run.position)}`,
    `--condition ${run.condition}`,
    ...(experiment.iterations === '' ? [] : [`--iterations ${quoted(oneLine(experiment.iterations))}`]),
    `-- ${limit}${needsShell(command) ? `sh -c ${quoted(command)}` : command}`,
  ].join(' ')
  return before === '' ? watch : `${before} && ${watch}`
}
