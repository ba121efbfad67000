import { parentPort } from 'node:worker_threads'
import { helpReading } from '#lib/jobs/second-thread'
import type { HelpTask } from '#lib/jobs/tasks'
import { warmDump, warmUp } from '#lib/jobs/warm-dump'

// The second thread of the benchmark: helps with one file after another, as a thread of the worker pool does.

warmUp(warmDump())
parentPort?.on('message', (task: HelpTask) => void helpReading(task))
