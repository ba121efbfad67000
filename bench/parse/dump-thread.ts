import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { captureTables } from '#lib/findings/capture'
import { scanSource } from '#lib/formats/format'
import { rubyObjspace } from '#lib/formats/ruby-objspace/index'
import { retention } from '#lib/heap/retention'
import { collectGarbage } from '#lib/jobs/collect-garbage'
import { warmDump, warmUp } from '#lib/jobs/warm-dump'

// A warm thread of the benchmark that reads whole dumps to their tables, one after another.

warmUp(warmDump())
parentPort?.on('message', (path: string) => {
  const file = openSync(path, 'r')
  const { size } = fstatSync(file)
  const source = { size, read: (into: Uint8Array) => readSync(file, into, 0, into.length, null) }
  const snapshot = scanSource(source, rubyObjspace.scanner({ plainBytes: size }), () => {})
  closeSync(file)
  const { groups, identities, owners } = captureTables(snapshot, retention(snapshot))
  parentPort!.postMessage({ groups, identities, owners })
  setImmediate(collectGarbage)
})
