'use client' // Copies to the clipboard and reloads.

import { TriangleAlert } from 'lucide-react'
import { useDoc } from '#components/room/room-context'
import { Button } from '#components/ui/button'
import { copyText } from '#components/ui/copy-button'
import { say } from '#components/ui/toasts'

/**
 * The text on this device and the text on the server cannot be merged. Nothing typed is thrown away: the draft stands
 * here until its author has copied it.
 */
export function NeedsAttention({ reason, draft }: { reason: string; draft: string }) {
  const provider = useDoc()
  const copy = async () => {
    await copyText(draft)
    say.done('Your text is on the clipboard, as Markdown.')
  }
  const takeServers = async () => {
    await provider?.takeServersVersion()
    window.location.reload()
  }
  return (
    <section role="alert" className="mx-auto grid max-w-3xl gap-3 p-4">
      <h3 className="flex items-center gap-2 font-semibold text-growth text-md">
        <TriangleAlert className="size-4" aria-hidden />
        The shared text needs your attention
      </h3>
      <p className="text-ink-2">{reason}</p>
      {draft !== '' && (
        <>
          <label htmlFor="draft" className="font-medium">
            Your text on this device
          </label>
          <textarea
            id="draft"
            readOnly
            value={draft}
            rows={10}
            className="num w-full rounded-md border border-line-strong bg-sunken p-3"
          />
        </>
      )}
      <div className="flex flex-wrap gap-2">
        {draft !== '' && (
          <Button look="primary" onClick={copy}>
            Copy my text
          </Button>
        )}
        <Button onClick={takeServers}>Go on with the server's text</Button>
      </div>
    </section>
  )
}
