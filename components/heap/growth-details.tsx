'use client' // Pins, starts a hunch, copies a link.

import { Lightbulb, Pin, X } from 'lucide-react'
import { usePin } from '#components/room/pin'
import { useCommand, useRoom } from '#components/room/room-context'
import { Button, IconButton } from '#components/ui/button'
import { CopyButton } from '#components/ui/copy-button'
import { HypothesisId } from '#lib/investigation/ids'
import type { GrowthHolder, GrowthRow } from '#lib/reports/growth-report'
import { formatByteChange, formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import type { LetteredCapture } from './growth-choice.tsx'
import { changeOf, perHour, perRequest } from './growth-columns.tsx'
import { ConfidenceTag } from './growth-suspects.tsx'
import { groupTitle, pinOfRow, pinTitle } from './growth-words.tsx'
import { HolderLink } from './holder-link.tsx'
import { MarkExpectedButton } from './mark-expected.tsx'
import { visible } from './raw-text.tsx'
import { ShapeTag } from './shape-tag.tsx'
import { useLedger } from './use-ledger.tsx'

interface GrowthDetailsProps {
  readonly row: GrowthRow
  readonly holders: readonly GrowthHolder[]
  readonly compared: readonly LetteredCapture[]
  /** The address of exactly this view. */
  readonly href: string
  readonly onClose: () => void
}

/** Pins a row, or starts a hypothesis from it with the row as its first evidence. */
export function useRowActions(compared: readonly LetteredCapture[]) {
  const { openPin, canPin } = usePin()
  const command = useCommand()
  const refOf = (row: GrowthRow) =>
    pinOfRow(
      row,
      compared.map(({ capture }) => capture.id),
    )
  return {
    canPin,
    pin: (row: GrowthRow) => openPin(refOf(row), pinTitle(row)),
    hunch: async (row: GrowthRow) => {
      const id = HypothesisId.parse(crypto.randomUUID())
      const added = await command('hypothesis:add', { id, title: `${groupTitle(row)} is kept for too long` })
      if (added) openPin(refOf(row), pinTitle(row), added.id)
    },
  }
}

/** Everything about the selected row, in full. */
export function GrowthDetails({ row, holders, compared, href, onClose }: GrowthDetailsProps) {
  const { canWrite } = useRoom()
  const { canPin, pin, hunch } = useRowActions(compared)
  return (
    <section
      aria-label="The selected group"
      className="sticky bottom-0 max-h-[45dvh] shrink-0 overflow-y-auto border-line-strong border-t bg-panel px-4 py-3 @3xl:static @3xl:max-h-none @3xl:w-[330px] @3xl:border-t-0 @3xl:border-l"
    >
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <h3 className="font-semibold text-md [overflow-wrap:anywhere]">
            <bdi>{visible(row.className)}</bdi>{' '}
            <span className="font-normal text-ink-3">{visible(row.type)}</span>
          </h3>
          <p className="font-mono text-ink-2 text-xs [overflow-wrap:anywhere]">
            <bdi>{row.site ? visible(row.siteWords) : 'No site known'}</bdi>
          </p>
        </div>
        <ShapeTag shape={row.shape} />
        <IconButton label="Close the details" onClick={onClose}>
          <X size={14} aria-hidden />
        </IconButton>
      </div>
      <div className="mt-2.5 flex flex-wrap gap-2">
        {canPin && (
          <Button look="primary" size="small" onClick={() => pin(row)}>
            <Pin size={13} aria-hidden /> Pin as evidence{' '}
            <kbd className="border-0! px-0! text-inherit!">P</kbd>
          </Button>
        )}
        {canWrite && (
          <Button size="small" onClick={() => void hunch(row)}>
            <Lightbulb size={13} aria-hidden /> New hunch from this
          </Button>
        )}
        {canWrite && (
          <MarkExpectedButton
            subject={{
              fingerprint: row.fingerprint,
              title: groupTitle(row),
              objects: row.counts.at(-1) ?? null,
            }}
          />
        )}
        <CopyButton text={href} label="Copy link" />
      </div>
      <LedgerNotes row={row} />
      <p className="mt-2 max-w-[90ch] text-ink-2">{row.reason}</p>
      <p className="mt-1 max-w-[90ch] text-ink-2">
        <ConfidenceTag confidence={row.confidence} /> {row.confidence.reason}
      </p>
      <HeldBy row={row} holders={holders} compared={compared} />
      {row.births && row.births.spread !== 'cannot tell' && (
        <p className="mt-1 max-w-[90ch] text-ink-2">{row.births.words}</p>
      )}
      {row.evidence && <p className="mt-1 max-w-[90ch] text-ink-2">{row.evidence.words}</p>}
      <NumbersPerCapture row={row} compared={compared} />
    </section>
  )
}

/** What people of the team have said about this group. */
function LedgerNotes({ row }: { row: GrowthRow }) {
  const { ledger } = useLedger()
  const said = ledger.entries.filter(({ fingerprint }) => fingerprint === row.fingerprint)
  if (said.length === 0) return null
  return (
    <ul className="mt-2 grid gap-1 rounded-md bg-sunken px-2.5 py-1.5">
      {said.map((entry) => (
        <li key={entry.id} className="[overflow-wrap:anywhere]">
          <b className="font-semibold">
            {Object.hasOwn(ledger.names, entry.createdBy) ? ledger.names[entry.createdBy] : 'Somebody'}
          </b>{' '}
          {entry.verdict === 'expected' ? 'expects it' : 'does not expect it'}
          {entry.bound !== null && `, up to ${formatCount(entry.bound)}`}
          {entry.expired && ' (ran out)'}: <bdi>{entry.reason}</bdi>
        </li>
      ))}
    </ul>
  )
}

/** Who keeps what grew, with the way to each. */
function HeldBy({ row, holders, compared }: Pick<GrowthDetailsProps, 'row' | 'holders' | 'compared'>) {
  const { investigationId } = useRoom()
  const captures = compared.map(({ capture }) => capture.id)
  const named = row.heldBy.flatMap(({ holder, share }) => {
    const found = holders.find(({ id }) => id === holder)
    return found ? [{ found, share }] : []
  })
  if (named.length === 0) return null
  return (
    <div className="mt-2">
      <h4 className="font-semibold text-ink-2 text-sm">Held by</h4>
      <ul>
        {named.map(({ found, share }) => (
          <li key={found.id}>
            <HolderLink holder={found} investigationId={investigationId} captures={captures} share={share} />
          </li>
        ))}
        {row.moreHolders > 0 && <li className="text-ink-3">and {formatCount(row.moreHolders)} more</li>}
      </ul>
    </div>
  )
}

/** The group in every capture, then what that comes to. */
function NumbersPerCapture({ row, compared }: Pick<GrowthDetailsProps, 'row' | 'compared'>) {
  return (
    <>
      <table className="mt-2 whitespace-nowrap text-sm">
        <thead className="text-ink-3 text-xs">
          <tr>
            <th scope="col" className="pr-4 text-left font-medium">
              Capture
            </th>
            <th scope="col" className="px-3 text-right font-medium">
              Objects
            </th>
            <th scope="col" className="px-2 text-right font-medium">
              Shallow
            </th>
            {row.retained && (
              <th scope="col" className="pl-2 text-right font-medium">
                Retained
              </th>
            )}
          </tr>
        </thead>
        <tbody className="num text-right">
          {compared.map(({ letter, capture }, at) => (
            <NumbersLine
              key={capture.id}
              name={letter}
              title={visible(capture.label)}
              objects={formatCount(row.counts[at] ?? 0)}
              size={formatBytes(bytes(row.bytes[at] ?? 0))}
              retained={row.retained && formatBytes(bytes(row.retained[at] ?? 0))}
            />
          ))}
          <NumbersLine
            name="Change"
            objects={changeOf(row, 'count')}
            size={changeOf(row, 'bytes')}
            retained={
              row.retainedChange === undefined ? undefined : formatByteChange(bytes(row.retainedChange))
            }
          />
          {row.perRequest && (
            <NumbersLine
              name="Per request"
              objects={perRequest(row, 'count')}
              size={perRequest(row, 'bytes')}
            />
          )}
          {!row.perRequest && row.perHour && (
            <NumbersLine name="Per hour" objects={perHour(row, 'count')} size={perHour(row, 'bytes')} />
          )}
        </tbody>
      </table>
      <p className="mt-1 text-ink-3 text-xs">
        {formatShare(row.shareOfGrowth)} of all bytes by which groups grew.
      </p>
    </>
  )
}

function NumbersLine({
  name,
  title,
  objects,
  size,
  retained,
}: {
  name: string
  title?: string
  objects: string
  size: string
  retained?: string | undefined
}) {
  return (
    <tr>
      <th scope="row" title={title} className="pr-4 text-left font-normal font-sans text-ink-2">
        {name}
      </th>
      <td className="px-3">{objects}</td>
      <td className="px-2">{size}</td>
      {retained !== undefined && <td className="pl-2">{retained}</td>}
    </tr>
  )
}
