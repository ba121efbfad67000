'use client' // Pins, starts a hunch, copies a link.

import { Lightbulb, Pin, X } from 'lucide-react'
import { usePin } from '#components/room/pin'
import { useCommand, useRoom } from '#components/room/room-context'
import { Button, IconButton } from '#components/ui/button'
import { CopyButton } from '#components/ui/copy-button'
import { HypothesisId } from '#lib/investigation/ids'
import type { GrowthRow } from '#lib/reports/growth-report'
import { formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import type { LetteredCapture } from './growth-choice.tsx'
import { changeOf, perRequest } from './growth-columns.tsx'
import { groupTitle, pinOfRow, pinTitle } from './growth-words.tsx'
import { visible } from './raw-text.tsx'
import { ShapeTag } from './shape-tag.tsx'

interface GrowthDetailsProps {
  readonly row: GrowthRow
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
export function GrowthDetails({ row, compared, href, onClose }: GrowthDetailsProps) {
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
            <bdi>{row.site ? visible(row.siteWords) : 'Allocation site not traced'}</bdi>
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
        <CopyButton text={href} label="Copy link" />
      </div>
      <p className="mt-2 max-w-[90ch] text-ink-2">{row.reason}</p>
      {row.evidence && <p className="mt-1 max-w-[90ch] text-ink-2">{row.evidence.words}</p>}
      <NumbersPerCapture row={row} compared={compared} />
    </section>
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
            <th scope="col" className="px-3 text-right font-medium">
              Shallow size
            </th>
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
            />
          ))}
          <NumbersLine name="Change" objects={changeOf(row, 'count')} size={changeOf(row, 'bytes')} />
          {row.perRequest && (
            <NumbersLine
              name="Per request"
              objects={perRequest(row, 'count')}
              size={perRequest(row, 'bytes')}
            />
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
}: {
  name: string
  title?: string
  objects: string
  size: string
}) {
  return (
    <tr>
      <th scope="row" title={title} className="pr-4 text-left font-normal font-sans text-ink-2">
        {name}
      </th>
      <td className="px-3">{objects}</td>
      <td className="px-3">{size}</td>
    </tr>
  )
}
