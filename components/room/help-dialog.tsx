'use client' // A dialog.

import { Dialog } from '#components/ui/dialog'
import { useRoom } from './room-context.tsx'
import { SHORTCUTS } from './shortcuts.tsx'

/** The keys, and the three moves that make the room. */
export function HelpDialog({ onClose }: { onClose(): void }) {
  const { canWrite } = useRoom()
  return (
    <Dialog open onOpenChange={(open) => open || onClose()} title="Keys and moves">
      <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-1.5">
        {SHORTCUTS.filter(({ write }) => canWrite || !write).map(({ keys, words }) => (
          <div key={keys} className="contents">
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <ul className="mt-4 grid gap-1.5 border-line border-t pt-3 text-ink-2">
        <li>Drop files anywhere to attach captures and memory graphs; pasting works, too.</li>
        <li>Hold shift and drag over the graph to brush a range: its rate appears, and P pins it.</li>
        <li>
          In a message, <kbd>@</kbd> mentions somebody and <kbd>#</kbd> puts in a pin.
        </li>
      </ul>
      <p className="mt-3 text-ink-3 text-sm">On Windows and Linux ⌘ is Ctrl.</p>
    </Dialog>
  )
}
