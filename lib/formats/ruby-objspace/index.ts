import type { HeapFormat } from '../format.ts'
import { recognisesRubyDump } from './recognise.ts'
import { RubyScanner } from './scanner.ts'

/** Ruby's `ObjectSpace.dump_all`: one JSON object per line. docs/formats/ruby-objspace.md has the shapes and traps. */
export const rubyObjspace: HeapFormat = {
  id: 'ruby-objspace',
  label: 'Ruby heap dump',
  readable: 'Ruby heap dumps (ObjectSpace.dump_all)',
  recognises: recognisesRubyDump,
  scanner: (expectation) => new RubyScanner(expectation),
  rangeScanner: (expectation) => new RubyScanner(expectation),
}
