import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { FileRange } from '#lib/formats/ranges'
import { rubyObjspace } from '#lib/formats/ruby-objspace/index'
import { warmDump, warmUp } from '#lib/jobs/warm-dump'

// The second thread of the benchmark: reads ranges of files, one after another, and hands over what it read.

export interface RangeRequest {
  readonly path: string
  readonly range: FileRange
}

warmUp(warmDump())

parentPort?.on('message', ({ path, range }: RangeRequest) => {
  const scanner = rubyObjspace.rangeScanner!({
    plainBytes: range.end - range.start,
    startsAt: range.start,
  })
  const file = openSync(path, 'r')
  for (let at = range.start; at < range.end; ) {
    const space = scanner.space()
    const count = readSync(file, space, 0, Math.min(space.length, range.end - at), at)
    scanner.wrote(count)
    at += count
  }
  closeSync(file)
  parentPort!.postMessage(scanner.part())
})
