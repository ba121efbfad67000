import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'
import type { ChildResult } from './child.ts'

const Result = z.object({
  tried: z.number(),
  refused: z.number(),
  maxRssMiB: z.number(),
  failures: z.array(z.string()),
})

export interface ChildTask {
  readonly mode: 'rounds' | 'attacks'
  readonly names: readonly string[]
  readonly seed: number
  readonly rounds: number
  /** JavaScript's own heap: columns are outside of it and are seen in `maxRssMiB`. */
  readonly heapMiB: number
  readonly deadlineMs: number
}

/**
 * Runs rounds in a process of its own, which may hang, crash or run out of memory without harm to the tests.
 * @throws Error that names what was tried last when there is no result at the deadline.
 */
export function runChild({
  mode,
  names,
  seed,
  rounds,
  heapMiB,
  deadlineMs,
}: ChildTask): Promise<ChildResult> {
  const script = join(import.meta.dirname, 'child.ts')
  const node = [`--max-old-space-size=${heapMiB}`, '--import', 'tsx', script]
  const child = spawn(process.execPath, [...node, mode, `${seed}`, `${rounds}`, ...names], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let complaint = ''
  child.stdout.on('data', (piece: Buffer) => {
    said = (said + piece.toString()).slice(-20_000)
  })
  child.stderr.on('data', (piece: Buffer) => {
    complaint = (complaint + piece.toString()).slice(-2000)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs)
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const last = said.trim().split('\n').at(-1) ?? ''
      if (code === 0 && last.startsWith('{')) resolve(Result.parse(JSON.parse(last)))
      else reject(new Error(`ended with ${signal ?? code} at "${last}".\n${complaint}`))
    })
  })
}
