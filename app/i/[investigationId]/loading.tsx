/** What is being waited for, in the shape of what will come. */
export default function Loading() {
  return (
    <div role="status" className="flex h-dvh flex-col">
      <div className="h-12 border-line border-b bg-panel" />
      <p className="p-4 text-ink-2">Opening the room…</p>
    </div>
  )
}
