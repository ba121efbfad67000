'use client' // A list that leads to a form.

import { useState } from 'react'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import type { GrowthPage } from '#lib/reports/growth-report'
import { type LedgerSubject, MarkExpected } from './mark-expected.tsx'
import { visible } from './raw-text.tsx'

type Proposal = GrowthPage['proposals'][number]

/** What the machine takes for expected: flat or slowing down, from boot on, bounded. People decide, one by one. */
export function ProposalsDialog({
  proposals,
  onShowRow,
  onClose,
}: {
  proposals: readonly Proposal[]
  onShowRow(key: string): void
  onClose(): void
}) {
  const [subject, setSubject] = useState<LedgerSubject | null>(null)
  if (subject) return <MarkExpected subject={subject} onClose={() => setSubject(null)} />
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      wide
      title="Probably expected"
      description="Groups that were there from the start and stay within a bound. Nothing is marked until one of you says so, with a reason."
    >
      {proposals.length === 0 && <p className="text-ink-2">All proposals have been answered.</p>}
      <ul className="grid gap-2">
        {proposals.map((proposal) => (
          <li
            key={proposal.key}
            className="flex flex-wrap items-start gap-x-3 gap-y-2 rounded-lg border border-line-strong px-3 py-2.5"
          >
            <div className="min-w-0 flex-1 basis-64">
              <h3 className="font-semibold [overflow-wrap:anywhere]">
                <bdi>{visible(proposal.title)}</bdi>
              </h3>
              <p className="text-ink-2 [overflow-wrap:anywhere]">{visible(proposal.reason)}</p>
            </div>
            <Button
              size="small"
              onClick={() => {
                onShowRow(proposal.key)
                onClose()
              }}
            >
              Show the row
            </Button>
            <Button
              size="small"
              look="primary"
              onClick={() =>
                setSubject({
                  fingerprint: proposal.fingerprint,
                  title: proposal.title,
                  objects: null,
                  proposal: { reason: proposal.reason, bound: proposal.bound },
                })
              }
            >
              Mark as expected…
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
