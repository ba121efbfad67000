'use client' // writes to the clipboard

import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from './button.tsx'
import { say } from './toasts.tsx'

/** Copies `text` and says so. Where the clipboard is closed (plain http on a LAN), it says how to copy by hand. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1600)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    try {
      await copyText(text)
      setCopied(true)
    } catch {
      say.problem('This browser keeps the clipboard closed here. Select the text and copy it by hand.')
    }
  }
  return (
    <Button size="small" onClick={copy}>
      {copied ? <Check size={13} aria-hidden="true" /> : <Copy size={13} aria-hidden="true" />}
      <span aria-live="polite">{copied ? 'Copied' : label}</span>
    </Button>
  )
}

/** @throws Error when the browser refuses: navigator.clipboard exists on https and localhost only. */
export async function copyText(text: string): Promise<void> {
  if (!navigator.clipboard) throw new Error('no clipboard on this origin')
  await navigator.clipboard.writeText(text)
}
