import type { HeapFormat } from '../format.ts'
import { recognisesMemprof } from './recognise.ts'
import { LABEL, MemprofScanner } from './scanner.ts'

/** The dumps of memprof, for Ruby 1.8 and REE. docs/formats/memprof.md has the shapes and traps. */
export const memprof: HeapFormat = {
  id: 'memprof',
  label: LABEL,
  readable: 'memprof dumps (Ruby 1.8, Memprof.dump_all)',
  recognises: recognisesMemprof,
  scanner: (expectation) => new MemprofScanner(expectation),
}
