import { parentPort } from 'node:worker_threads'
import { compactState } from '#lib/collab/state'
import { UserError } from '#lib/errors/user-error'
import { livesView } from '#lib/series/lives-view'
import { readGraph } from '#lib/series/read-graph'
import { growthPlaces } from '#lib/series/where-it-grows-all'
import { askStacks } from './answer-stacks.ts'
import { askHeap, readValue } from './ask-heap.ts'
import { collectGarbage } from './collect-garbage.ts'
import { compareFiles } from './compare-files.ts'
import { judgeProduction, judgeRun, judgeRuns } from './experiment-tasks.ts'
import { hashFile } from './hash-file.ts'
import { liveBatches } from './live-lines.ts'
import { liveMetrics } from './live-metrics.ts'
import { OpenHeaps } from './open-heaps.ts'
import { readFile } from './read-file.ts'
import { helpReading } from './second-thread.ts'
import { readSeriesFile } from './series-tasks.ts'
import { sourceMatrix } from './source-matrix.ts'
import type { Results, Task, TaskProgress, WorkerMessage } from './tasks.ts'
import { warmDump, warmUp, warmUpQuestions } from './warm-dump.ts'

// Entry of a reader thread: one task at a time, until the pool ends it. It knows no database and no network.

/** Ten times a second is enough for people. */
const PROGRESS_EVERY_MS = 100

const port = parentPort
if (!port) throw new Error('lib/jobs/worker.ts runs as a worker thread')
const say = (message: WorkerMessage): void => port.postMessage(message)

port.on('message', (task: Task) => {
  void perform(task)
    .then(
      // Never with a list of buffers to hand over: lib/heap/shared.ts says what that would cost every later file.
      (result) => say({ kind: 'done', result }),
      (error: unknown) => say(refusal(error)),
    )
    .then(() => {
      if (task.kind === 'read' || task.kind === 'help') collectGarbage()
    })
})

let dump: Uint8Array | undefined
const heaps = new OpenHeaps()

async function perform(task: Task): Promise<Results[keyof Results]> {
  const onProgress = paced()
  switch (task.kind) {
    case 'read':
      return readFile(task, onProgress)
    case 'help':
      return helpReading(task)
    case 'ask':
      return askHeap(heaps, task)
    case 'value':
      return readValue(heaps, task)
    case 'hash':
      return hashFile(task.path, onProgress)
    case 'compare':
      return compareFiles(task)
    case 'stacks':
      return askStacks(task)
    case 'series':
      return readSeriesFile(task)
    case 'lines':
      return liveBatches(task.body, task.nowMs)
    case 'metrics':
      return liveMetrics(task)
    case 'matrix':
      return sourceMatrix(task.body)
    case 'reading':
      return readGraph(task.samples, task.question, task.counter)
    case 'lives':
      return livesView(task.samples, task.evidence, task.by, task.counter)
    case 'places':
      return growthPlaces(task.input)
    case 'run':
      return judgeRun(task)
    case 'standing':
      return judgeRuns(task)
    case 'production':
      return judgeProduction(task)
    case 'compact':
      return compactState(task.snapshot, task.updates)
    case 'warm': {
      const started = performance.now()
      dump ??= warmDump()
      if (task.practice === 'reading') warmUp(dump)
      else warmUpQuestions(dump)
      return { ms: performance.now() - started }
    }
  }
}

/** Passes on a new stage at once, and within a stage at most one message per PROGRESS_EVERY_MS. */
function paced(): (progress: TaskProgress) => void {
  let said = 0
  let stage = ''
  return (progress) => {
    const now = performance.now()
    if (progress.stage === stage && now - said < PROGRESS_EVERY_MS) return
    said = now
    stage = progress.stage
    say({ kind: 'progress', progress })
  }
}

function refusal(error: unknown): WorkerMessage {
  if (error instanceof UserError)
    return { kind: 'refused', code: error.code, status: error.status, sentence: error.message }
  return { kind: 'broke', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}
