import { formatBytes, formatCount } from '#lib/units/format'
import type { Bytes } from '#lib/units/quantity'
import { SOURCE_FAILURES } from './source-failures.ts'
import { STORE_FAILURES } from './store-failures.ts'

/**
 * Every failure that a person can cause, with the sentence that she reads: what happened, the number, what to do
 * next. Anything that is not listed here is a bug and is answered with one fixed sentence.
 */
const FAILURES = {
  'access/sign-in': { status: 401, say: () => 'Sign in to see this.' },
  'access/unknown': {
    status: 404,
    say: () => 'There is nothing here, or you are not a member. Ask for an invitation.',
  },
  'access/read-only': {
    status: 403,
    say: () => 'You can look but not change anything here. Ask an owner for the editor role.',
  },
  'access/owner-only': { status: 403, say: () => 'Only an owner of the team can do this.' },
  'access/link-ended': {
    status: 410,
    say: () => 'This link has ended. Ask the person who sent it for a new one.',
  },
  'access/origin': { status: 403, say: () => 'This request came from another site and was refused.' },
  'account/email-taken': {
    status: 409,
    say: () => 'Another account here has this e-mail address. Sign in with it, or give another address.',
  },
  'account/wrong-password': {
    status: 403,
    say: () => 'The current password does not match. Type it again; an owner can also send you a new link.',
  },
  'account/no-password': {
    status: 409,
    say: () => 'This account comes in by single sign-on and has no password here: change it there.',
  },
  'account/open-already': {
    status: 409,
    say: () => 'Somebody was here first and opened this installation. Ask that person for a team link.',
  },
  'team/last-owner': {
    status: 409,
    say: () => 'A team needs an owner. Make somebody else an owner first.',
  },
  'link/role': {
    status: 403,
    say: (d: { role: string }) => `A link cannot give the ${d.role} role: it is more than you have yourself.`,
  },
  'server/restarting': {
    status: 503,
    say: () => 'The server restarts. Try again in a few seconds.',
  },
  'request/malformed': {
    status: 400,
    say: (d: { where: string }) => `The request is not of the expected form (${d.where}).`,
  },
  'ingest/other-protocol': {
    status: 415,
    say: (d: { reads: string }) => `This address reads ${d.reads}.`,
  },
  'request/too-often': {
    status: 429,
    say: (d: { seconds: number }) => `Too many requests. Try again in ${d.seconds} s.`,
  },
  'request/given-up': {
    status: 499,
    say: () =>
      'This was stopped before there was an answer: nobody waits for it, or the server is going down.',
  },
  'request/not-found': {
    status: 404,
    say: (d: { what: string }) => `This ${d.what} does not exist any more.`,
  },
  'upload/too-large': {
    status: 413,
    say: (d: { size: Bytes; limit: Bytes }) =>
      `This file is ${formatBytes(d.size)}. The limit here is ${formatBytes(d.limit)}.`,
  },
  'upload/disk-full': {
    status: 507,
    say: () => 'The server has no room left for this file. Remove old captures or give it more disk.',
  },
  'upload/bomb': {
    status: 422,
    say: (d: { size: Bytes; limit: Bytes }) =>
      `This archive unpacks to more than ${formatBytes(d.limit)} from ${formatBytes(d.size)} and was stopped there. Upload the plain file if it really is that large.`,
  },
  'format/unknown': {
    status: 422,
    say: (d: { looksLike: string; readable: string }) => `${d.looksLike} Leakroom reads ${d.readable}.`,
  },
  'format/empty': {
    status: 422,
    say: (d: { format: string }) => `This ${d.format} holds nothing to read. Was it written to the end?`,
  },
  'format/truncated': {
    status: 422,
    say: (d: { format: string; offset: Bytes }) =>
      `This ${d.format} stops short after ${formatBytes(d.offset)}. Was the process killed while writing it? Take it again and upload the new file.`,
  },
  'format/too-many-bad-lines': {
    status: 422,
    say: (d: { format: string; bad: number; lines: number }) =>
      `${formatCount(d.bad)} of ${formatCount(d.lines)} lines of this ${d.format} cannot be read. Is it the right file?`,
  },
  'format/damaged': {
    status: 422,
    say: (d: { format: string; what: string }) =>
      `This ${d.format} is damaged: ${d.what}. Copy the file again, or take a new one.`,
  },
  'format/damaged-archive': {
    status: 422,
    say: (d: { archive: string; offset: Bytes }) =>
      `This ${d.archive} archive is damaged after ${formatBytes(d.offset)} of unpacked content. Pack the file again, or upload it as it is.`,
  },
  'read/crashed': {
    status: 500,
    say: () =>
      'The reader ran out of memory or broke on this file and was replaced; nothing else was touched. Try "Read again", or take the capture with fewer objects.',
  },
  'read/too-slow': {
    status: 500,
    say: (d: { minutes: number }) =>
      `Reading this file was stopped after ${d.minutes} min without an end. Try "Read again"; if it stops again, the file is not what it seems.`,
  },
  'read/stopped-twice': {
    status: 500,
    say: () =>
      'The server went down twice while it read this file, so it is not tried a third time by itself. "Read again" tries once more.',
  },
  'read/not-ready': {
    status: 409,
    say: (d: { label: string; state: string }) =>
      `"${d.label}" is ${d.state}, so its tables cannot be shown yet.`,
  },
  'read/damaged-columns': {
    status: 409,
    say: () =>
      'What was stored of this capture is damaged, so its file is being read again. Ask again in a moment.',
  },
  'read/question-too-slow': {
    status: 503,
    say: (d: { seconds: number }) =>
      `This was stopped after ${d.seconds} s without an answer. Ask for less at once, or try again when the server is less busy.`,
  },
  'value/hidden': {
    status: 403,
    say: () =>
      'Values are hidden in this investigation. Who may change it can show them again in its settings.',
  },
  'value/file-hidden': {
    status: 403,
    say: () =>
      'Values are hidden in this investigation, and this file holds them: it cannot be downloaded. Who may change the investigation can show values again in its settings.',
  },
  'value/none': {
    status: 422,
    say: (d: { what: string }) =>
      `The file has nothing to show for this ${d.what}: there is no text of it in there.`,
  },
  'query/refused': { status: 422, say: (d: { why: string }) => d.why },
  'query/too-slow': {
    status: 422,
    say: (d: { seconds: number }) =>
      `The query was stopped after ${d.seconds} s. Filter earlier, join on fewer rows, or download the Parquet file and ask your own engine.`,
  },
  'query/too-much-memory': {
    status: 422,
    say: (d: { limit: Bytes }) =>
      `The query needs more than the ${formatBytes(d.limit)} of memory that one may take. Filter or group earlier, or download the Parquet file and ask your own engine.`,
  },
  'query/busy': {
    status: 429,
    say: () => 'Your last query is still running. Cancel it or wait for its answer.',
  },
  'query/crowded': {
    status: 503,
    say: () => 'Many people are asking at the moment. Try again in a few seconds.',
  },
  // 499 as nginx has it: whoever asked is gone, and nobody reads this.
  'query/cancelled': { status: 499, say: () => 'The query was cancelled.' },
  'query/crashed': {
    status: 500,
    say: () =>
      'The engine broke on this query and was replaced; nothing else was touched. Try it in a simpler form.',
  },
  'compare/too-few': {
    status: 400,
    say: () => 'Choose two or more captures that have been read: growth is what changed between them.',
  },
  'compare/mixed': {
    status: 400,
    say: (d: { heaps: number; stacks: number }) =>
      `${d.heaps} of these captures hold objects and ${d.stacks} hold allocation stacks. Compare one kind at a time: heap dumps with heap dumps, stacks with stacks.`,
  },
  'capture/other-kind': {
    status: 409,
    say: (d: { label: string; kind: string }) =>
      `"${d.label}" holds ${d.kind}, so there is nothing of this kind in it.`,
  },
  'cli/request-counts': {
    status: 400,
    say: (d: { counts: number; files: number }) =>
      `There are ${formatCount(d.counts)} request counts for ${formatCount(d.files)} files. Give one per file: --requests 2500,6500,10500.`,
  },
  'cli/mixed-formats': {
    status: 400,
    say: (d: { first: string; second: string }) =>
      `${d.first}, ${d.second}: only captures of one kind can be compared. Analyze them apart.`,
  },
  'cli/no-object': {
    status: 404,
    say: (d: { address: string }) =>
      `There is no object at ${d.address} in this dump. "leakroom dominators FILE" shows addresses of the largest.`,
  },
  'cli/no-graph': {
    status: 400,
    say: (d: { file: string; format: string }) =>
      `${d.file} is a ${d.format}: it has call stacks and no graph of objects, so nothing tells what keeps one alive. Try "leakroom analyze".`,
  },
  'cli/no-memory': {
    status: 422,
    say: (d: { file: string; columns: string }) =>
      `${d.file} has no column of memory, only: ${d.columns}. Say which one is with --answer "unit:COLUMN=bytes".`,
  },
  'cli/no-series': {
    status: 404,
    say: (d: { file: string; wanted: string; columns: string }) =>
      `${d.file} has no memory column "${d.wanted}". It has: ${d.columns}.`,
  },
  'cli/room': {
    status: 400,
    say: (d: { why: string }) => `There is nowhere to send to: ${d.why}.`,
  },
  'cli/experiment': {
    status: 400,
    say: (d: { number: number; why: string }) => `Experiment ${d.number} cannot go on: ${d.why}`,
  },
  'cli/upload': {
    status: 502,
    say: (d: { file: string; why: string }) => `${d.file} was not attached: ${d.why}`,
  },
  'cli/no-process': {
    status: 404,
    say: (d: { pid: number }) => `There is no process ${d.pid}. "ps -e" lists those that run.`,
  },
  'cli/no-proc': {
    status: 400,
    say: () =>
      'This system has no /proc, from which memory is read. Watch on Linux, or in a container there.',
  },
  'upload/unfinished': {
    status: 410,
    say: () => 'This upload was never finished and its parts were removed. Upload the file again.',
  },
  'upload/gone': {
    status: 410,
    say: () => 'This upload was cancelled or has ended. Choose the file again to start a new one.',
  },
  'series/no-samples': {
    status: 422,
    say: (d: { why: string }) =>
      `No samples were found: ${d.why} A header line with a time and a memory column is enough.`,
  },
  ...SOURCE_FAILURES,
  ...STORE_FAILURES,
  'row/conflict': {
    status: 409,
    say: (d: { winner: string; change: string }) =>
      `${d.winner} was faster: ${d.change}. Look at it, then decide again.`,
  },
  'row/transition': {
    status: 409,
    say: (d: { from: string; to: string; why: string }) =>
      `A ${d.from} hypothesis cannot become ${d.to}: ${d.why}`,
  },
  'row/last-evidence': {
    status: 409,
    say: () => 'This is the last evidence for a confirmed hypothesis. Reopen the hypothesis first.',
  },
  'row/not-yours': {
    status: 403,
    say: (d: { what: string }) => `Only the person who wrote this ${d.what} can change it.`,
  },
  'row/person-needed': {
    status: 403,
    say: () => 'Only a person can do this. An API token can add marks, limits, points and captures.',
  },
  'experiment/archived': {
    status: 409,
    say: () => 'This experiment was put away. Take it up again first.',
  },
  'experiment/no-runs': {
    status: 409,
    say: () => 'That experiment has no finished run with the first condition that could stand for "before".',
  },
  'experiment/no-facts': {
    status: 422,
    say: () =>
      'Nothing in this text describes an environment. Paste what bundle list, Gemfile.lock, pip freeze, npm ls, ruby -v or uname -a say.',
  },
  'run/excluded-first': {
    status: 409,
    say: (d: { run: number }) => `Run ${d.run} counts. Exclude it first, with the reason.`,
  },
  'run/taken-over': {
    status: 409,
    say: (d: { run: number }) => `Run ${d.run} was taken over from another experiment and stays as it is.`,
  },
  'run/state': {
    status: 409,
    say: (d: { run: number; why: string }) => `Run ${d.run} ${d.why}`,
  },
  'run/range': {
    status: 422,
    say: (d: { why: string }) => `This range cannot be a run: ${d.why}`,
  },
  'room/full': {
    status: 409,
    say: (d: { what: string; limit: number }) =>
      `This investigation holds ${formatCount(d.limit)} ${d.what}, the most that a room can hold. Remove some, or open another one.`,
  },
  'team/full': {
    status: 409,
    say: (d: { what: string; limit: number }) =>
      `This team holds ${formatCount(d.limit)} ${d.what}, the most that a team can hold. Remove some first.`,
  },
  'agent/gone': {
    status: 409,
    say: (d: { process: string }) =>
      `The agent of "${d.process}" does not answer at the moment. Start it again, then ask.`,
  },
  'agent/no-snapshot': {
    status: 409,
    say: (d: { process: string }) =>
      `The agent of "${d.process}" watches from outside and cannot take snapshots. Use the agent for Ruby or Node inside the process itself.`,
  },
  'agent/busy': {
    status: 409,
    say: (d: { process: string }) =>
      `"${d.process}" is taking a snapshot already. Wait until it is here, then ask for the next one.`,
  },
  'capture/settled': {
    status: 409,
    say: (d: { state: string }) => `This capture is ${d.state} already: there is nothing left to stop.`,
  },
} satisfies Record<string, { status: number; say: (detail: never) => string }>

export type FailureCode = keyof typeof FAILURES
type Detail<C extends FailureCode> =
  Parameters<(typeof FAILURES)[C]['say']> extends [infer D] ? [detail: D] : []

// The server, Next's bundles and the reader threads each have this class: what one of them throws the others must know.
const BRAND = Symbol.for('leakroom.user-error')

/** A failure that a person can understand and mend. `message` is the sentence that she reads. */
export class UserError extends Error {
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  override readonly name = 'UserError'
  readonly [BRAND] = true
  readonly code: FailureCode
  /** The HTTP status that goes with it. */
  readonly status: number
  /** Plain data that lets the page offer the next step: a conflict carries the row as it stands now. */
  detail: unknown

  constructor(...[code, ...detail]: { [C in FailureCode]: [code: C, ...Detail<C>] }[FailureCode]) {
    // reason: the tuple type above ties code and detail together; the compiler cannot follow it through the table.
    const failure = FAILURES[code] as { status: number; say: (detail: unknown) => string }
    super(failure.say(detail[0]))
    this.code = code
    this.status = failure.status
  }

  /** A refusal from a reader thread: code, status and sentence as they were made there. */
  static retold(code: string, status: number, sentence: string): UserError {
    const error: UserError = Object.create(UserError.prototype)
    const { stack } = new Error(sentence)
    return Object.assign(error, { name: 'UserError', [BRAND]: true, code, status, message: sentence, stack })
  }

  /** The same error, with data for the page beside the sentence. */
  carrying(detail: unknown): this {
    this.detail = detail
    return this
  }
}

/** The one sentence for everything that is our fault. */
export const BUG_SENTENCE = 'Something broke on our side. It was logged; trying again is safe.'
