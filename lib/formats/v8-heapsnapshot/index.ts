import type { HeapFormat } from '../format.ts'
import { LABEL } from './header.ts'
import { recognisesV8Snapshot } from './recognise.ts'
import { V8Scanner } from './scanner.ts'

/** V8's heap snapshots, also those with allocation stacks. docs/formats/v8-heapsnapshot.md has the shapes and traps. */
export const v8Heapsnapshot: HeapFormat = {
  id: 'v8-heapsnapshot',
  label: LABEL,
  readable: 'V8 heap snapshots (Node.js, Chrome: .heapsnapshot, .heaptimeline)',
  recognises: recognisesV8Snapshot,
  scanner: (expectation) => new V8Scanner(expectation),
}
