'use client' // keeps the messages that are shown now (sonner)

import { Toaster, toast } from 'sonner'

/** Once in the layout: where `say` appears. */
export function Toasts() {
  return (
    <Toaster
      position="bottom-center"
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'flex w-full items-center gap-3 rounded-lg border border-line-strong bg-panel px-3 py-2.5 text-base text-ink shadow-pop',
          description: 'text-ink-2',
          actionButton: 'ml-auto shrink-0 font-semibold text-accent',
        },
      }}
    />
  )
}

interface Offer {
  readonly label: string
  readonly run: () => void
}

/** Short messages about what has just happened. What must not be missed belongs on the page, not here. */
export const say = {
  /** Something was done. */
  done: (sentence: string, offer?: Offer): void => {
    toast(sentence, { action: offer && { label: offer.label, onClick: offer.run } })
  },
  /** Something did not work: the sentence says what and what to do. Stays longer. */
  problem: (sentence: string, offer?: Offer): void => {
    toast.error(sentence, {
      duration: 8000,
      action: offer && { label: offer.label, onClick: offer.run },
    })
  },
}
