'use client' // Has a button that opens the file dialog.

import { useRoom } from '#components/room/room-context'
import { EmptyState } from '#components/ui/empty-state'
import { CaptureGuide } from './capture-guide.tsx'
import { AttachButton } from './snapshots-tab.tsx'

/** Nothing can be compared yet: what is there, and what to bring. */
export function GrowthEmpty({ ready, underWay }: { ready: number; underWay: number }) {
  const { canWrite } = useRoom()
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <EmptyState
        title={TITLES[Math.min(ready, 2)] ?? ''}
        action={canWrite ? <AttachButton /> : undefined}
        className="pb-4"
      >
        {sentence(ready, underWay)}
      </EmptyState>
      <div className="mx-auto max-w-2xl px-4 pb-8">
        <CaptureGuide />
      </div>
    </div>
  )
}

const TITLES = ['Nothing to compare yet', 'One capture is here', 'Choose at least two captures']

function sentence(ready: number, underWay: number): string {
  if (ready >= 2) return 'Press the captures above that belong together: one process, in the order of time.'
  if (underWay > 0) return 'More are on their way. The comparison appears as soon as two have been read.'
  if (ready === 1) {
    return 'One capture shows what is there. Attach a second one of the same process to see what changed, and a third, after as much work again, to see what keeps growing.'
  }
  return 'Attach two or more heap dumps of one process. What grew between them stands here, by class and allocation site, for everybody in the room.'
}
