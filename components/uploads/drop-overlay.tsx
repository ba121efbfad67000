import { FileUp, Lock } from 'lucide-react'

/** Covers the page while files are held over it. */
export function DropOverlay({ canAttach }: { canAttach: boolean }) {
  const Icon = canAttach ? FileUp : Lock
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-0 z-50 grid place-items-center bg-bg/80 p-6 backdrop-blur-[2px]"
    >
      <div className="flex max-w-md flex-col items-center gap-2 rounded-lg border-2 border-accent border-dashed bg-panel px-10 py-8 text-center shadow-pop">
        <Icon size={22} className="text-accent" aria-hidden />
        <p className="font-semibold text-lg tracking-tight">
          {canAttach ? 'Drop to attach' : 'Viewers cannot attach files'}
        </p>
        <p className="text-ink-2">
          {canAttach
            ? 'Heap dumps (Ruby, Node and Chromium, memprof) and allocation stacks (memcheck, massif, pprof, jemalloc, gperftools, .heapprofile) of any size, packed or not; memory graphs as CSV, ps, pidstat or Prometheus. Several at once.'
            : 'Ask an owner for the editor role.'}
        </p>
      </div>
    </div>
  )
}
