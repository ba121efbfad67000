'use client' // Drag handle, menu and form.

import { useSortable } from '@dnd-kit/sortable'
import { CSS } from '@dnd-kit/utilities'
import clsx from 'clsx'
import { Ellipsis, GripVertical, Pencil, Pin } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { usePin } from '#components/room/pin'
import { useProgress, useRoomState } from '#components/room/room-context'
import { Button, IconButton } from '#components/ui/button'
import { Menu, MenuItem, MenuLink, MenuSeparator } from '#components/ui/menu'
import { Tag } from '#components/ui/pill'
import type { CaptureRow } from '#lib/investigation/rows'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { CaptureForm } from './capture-form.tsx'
import { CaptureMeter } from './capture-progress.tsx'
import { captureRemarks, stateWords, totalsWords } from './capture-words.tsx'
import { LocalTime } from './local-time.tsx'
import { visible } from './raw-text.tsx'

/** What can be done with a capture; the tab does it. */
export interface CaptureActions {
  moveBy(id: string, steps: -1 | 1): void
  cancel(id: string): void
  readAgain(id: string): void
  remove(id: string): void
}

interface CaptureCardProps {
  readonly capture: CaptureRow
  readonly letter: string
  readonly investigationId: string
  readonly uploadedBy: string
  readonly canWrite: boolean
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly actions: CaptureActions
}

/** One capture of the list: what it is, how it is doing, and everything that can be done with it. */
export function CaptureCard(props: CaptureCardProps) {
  const { capture, letter, canWrite } = props
  const [isEditing, setEditing] = useState(false)
  const progress = useProgress().get(capture.id)
  const sortable = useSortable({ id: capture.id, disabled: !canWrite || isEditing })
  const isOver = capture.state === 'failed' || capture.state === 'cancelled'
  const name = visible(capture.label)

  return (
    <li
      ref={sortable.setNodeRef}
      style={{ transform: CSS.Transform.toString(sortable.transform), transition: sortable.transition }}
      aria-label={`${letter}, ${name}`}
      className={clsx(
        'rounded-lg border border-line-strong bg-panel px-3 py-2.5',
        sortable.isDragging && 'relative z-10 shadow-pop',
        capture.state === 'failed' && 'border-growth',
      )}
    >
      <div className="flex items-start gap-2.5">
        {canWrite && (
          <button
            type="button"
            ref={sortable.setActivatorNodeRef}
            {...sortable.attributes}
            {...sortable.listeners}
            aria-label={`Move ${name}: space, then the arrow keys`}
            className="-ml-1 grid h-6 w-4 shrink-0 cursor-grab touch-none place-items-center rounded-sm text-ink-3 hover:text-ink"
          >
            <GripVertical size={14} aria-hidden />
          </button>
        )}
        <div className="min-w-0 flex-1">
          <CaptureHeading {...props} name={name} />
          <p className="num mt-0.5 text-ink-3">{capture.state === 'ready' ? totalsWords(capture) : null}</p>
          <CaptureFacts {...props} />
          <CaptureMeter capture={capture} progress={progress} />
          {isOver && (
            <p
              role={capture.state === 'failed' ? 'alert' : undefined}
              className={clsx('mt-1', capture.state === 'failed' ? 'text-growth' : 'text-ink-3')}
            >
              {stateWords(capture)}
            </p>
          )}
        </div>
        <CaptureButtons {...props} name={name} onEdit={() => setEditing(true)} />
      </div>
      {isEditing && <CaptureForm capture={capture} onClose={() => setEditing(false)} />}
    </li>
  )
}

function CaptureHeading({ capture, letter, name, investigationId }: CaptureCardProps & { name: string }) {
  return (
    <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
      <b className="font-semibold">{letter}</b>
      {capture.state === 'ready' ? (
        <Link
          href={`/i/${investigationId}/captures/${capture.id}`}
          className="min-w-0 truncate font-medium hover:underline"
          title={name}
        >
          <bdi>{name}</bdi>
        </Link>
      ) : (
        <bdi className="min-w-0 truncate font-medium" title={name}>
          {name}
        </bdi>
      )}
      {captureRemarks(capture).map((remark) => (
        <span key={remark.words} title={remark.title}>
          <Tag tone={remark.isWarning ? 'warm' : 'neutral'}>{remark.words}</Tag>
        </span>
      ))}
    </div>
  )
}

/** Time, process and request count where known, then where the file came from. */
function CaptureFacts({ capture, uploadedBy }: CaptureCardProps) {
  const fileName = visible(capture.fileName)
  return (
    <p className="flex flex-wrap gap-x-3 text-ink-3 text-xs">
      {capture.takenAt !== null && (
        <span>
          taken <LocalTime at={capture.takenAt} />
        </span>
      )}
      {capture.process !== null && <bdi>{visible(capture.process)}</bdi>}
      {capture.requestCount !== null && <span>{formatCount(capture.requestCount)} requests</span>}
      <span className="flex min-w-0 gap-1">
        <bdi className="max-w-[28ch] truncate" title={fileName}>
          {fileName}
        </bdi>
        {capture.size > 0 && <span>({formatBytes(bytes(capture.size))})</span>}
      </span>
      <span>attached by {uploadedBy}</span>
    </p>
  )
}

interface ButtonsProps extends CaptureCardProps {
  readonly name: string
  readonly onEdit: () => void
}

function CaptureButtons({
  capture,
  letter,
  name,
  canWrite,
  investigationId,
  actions,
  onEdit,
  ...at
}: ButtonsProps) {
  const valuesHidden = useRoomState((room) => room.investigation.valuesHidden)
  const { canPin, openPin } = usePin()
  const { id, state } = capture
  const isUnderWay = state === 'uploading' || state === 'queued' || state === 'reading'
  const file = `/api/investigations/${investigationId}/captures/${id}/file`
  return (
    <div className="flex shrink-0 items-center gap-0.5">
      {isUnderWay && canWrite && (
        <Button size="small" onClick={() => actions.cancel(id)}>
          Cancel
        </Button>
      )}
      {(state === 'failed' || state === 'cancelled') && canWrite && capture.sha256 !== null && (
        <Button size="small" onClick={() => actions.readAgain(id)}>
          Read again
        </Button>
      )}
      {state === 'ready' && canPin && (
        <IconButton
          label={`Pin ${name} as evidence`}
          onClick={() => openPin({ kind: 'capture', captureId: id, view: '' }, `${letter}: ${name}`)}
        >
          <Pin size={14} aria-hidden />
        </IconButton>
      )}
      {canWrite && (
        <IconButton label={`Edit ${name}`} onClick={onEdit}>
          <Pencil size={13} aria-hidden />
        </IconButton>
      )}
      <Menu
        trigger={
          <IconButton label={`More about ${name}`}>
            <Ellipsis size={15} aria-hidden />
          </IconButton>
        }
      >
        {state === 'ready' && (
          <MenuLink>
            <Link href={`/i/${investigationId}/captures/${id}`}>Open</Link>
          </MenuLink>
        )}
        {/* The file holds every value. */}
        {capture.sha256 !== null && !valuesHidden && (
          <MenuLink>
            <a href={file} download>
              Download the file
            </a>
          </MenuLink>
        )}
        {canWrite && (
          <>
            <MenuItem disabled={at.isFirst} onSelect={() => actions.moveBy(id, -1)}>
              Move up
            </MenuItem>
            <MenuItem disabled={at.isLast} onSelect={() => actions.moveBy(id, 1)}>
              Move down
            </MenuItem>
            <MenuSeparator />
            <MenuItem danger onSelect={() => actions.remove(id)}>
              Remove
            </MenuItem>
          </>
        )}
      </Menu>
    </div>
  )
}
