'use client' // The live connection and what stays open while people walk through the room.

import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { NewExperiment } from '#components/experiments/new-experiment'
import { takeFiles } from '#components/home/handed-files'
import { UploadZone } from '#components/uploads/upload-zone'
import { useUploads } from '#components/uploads/uploads-context'
import type { RoomActions } from './actions.tsx'
import { DeepLinks } from './deep-links.tsx'
import { LimitDialog, MarkDialog } from './graph-dialogs.tsx'
import { HelpDialog } from './help-dialog.tsx'
import { HistoryDialog } from './history-dialog.tsx'
import { ImportFiles } from './import-files.tsx'
import { MachineTokens } from './machine-tokens.tsx'
import { Palette } from './palette.tsx'
import { PinProvider } from './pin.tsx'
import { PrometheusDialog } from './prometheus-dialog.tsx'
import { useRoom } from './room-context.tsx'
import { RoomProvider, type RoomProviderProps } from './room-provider.tsx'
import { ShareDialog } from './share-dialog.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { usePinBrushed } from './use-pin-brushed.tsx'
import { useView, ViewProvider } from './view.tsx'

export interface RoomShellProps extends RoomProviderProps {
  readonly actions: RoomActions
}

/**
 * Around the room's page and its captures' pages: connection, uploads, pinning, keys and dialogs. Mounted by the layout,
 * so that walking from the room to a capture and back keeps the socket and the uploads.
 */
export function RoomShell({ actions, children, ...room }: RoomShellProps) {
  return (
    <RoomProvider {...room}>
      <ViewProvider investigationId={room.initial.investigation.id}>
        <MachineTokens actions={actions}>
          <Pins>
            <Files>
              {children}
              <DeepLinks />
              <Dialogs actions={actions} />
            </Files>
          </Pins>
        </MachineTokens>
      </ViewProvider>
    </RoomProvider>
  )
}

function Pins({ children }: { children: ReactNode }) {
  const { canWrite } = useRoom()
  return <PinProvider canPin={canWrite}>{children}</PinProvider>
}

/** Files from anywhere: captures are uploaded, graphs go one by one through the import's preview. */
function Files({ children }: { children: ReactNode }) {
  const [graphs, setGraphs] = useState<readonly File[]>([])
  const add = useCallback((file: File) => setGraphs((before) => [...before, file]), [])
  const first = graphs[0]
  return (
    <UploadZone onSeriesFile={add}>
      {children}
      <HandedFiles />
      {first && <ImportFiles file={first} onDone={() => setGraphs((before) => before.slice(1))} />}
    </UploadZone>
  )
}

/** Files that were dropped on the home page before this room existed. */
function HandedFiles() {
  const { investigationId } = useRoom()
  const { attach } = useUploads()
  useEffect(() => {
    const files = takeFiles(investigationId)
    if (files.length > 0) attach(files)
  }, [investigationId, attach])
  return null
}

function Dialogs({ actions }: { actions: RoomActions }) {
  const { canWrite } = useRoom()
  const { dialog, setDialog } = useView()
  const pinBrushed = usePinBrushed()
  const close = useCallback(() => setDialog(null), [setDialog])
  return (
    <>
      <Shortcuts onPin={pinBrushed} />
      {dialog === 'palette' && <Palette onPin={pinBrushed} onClose={close} />}
      {dialog === 'help' && <HelpDialog onClose={close} />}
      {dialog === 'history' && <HistoryDialog actions={actions} onClose={close} />}
      {canWrite && dialog === 'share' && <ShareDialog actions={actions} onClose={close} />}
      {canWrite && dialog === 'mark' && <MarkDialog onClose={close} />}
      {canWrite && dialog === 'limit' && <LimitDialog onClose={close} />}
      {canWrite && dialog === 'experiment' && <NewExperiment onClose={close} />}
      {canWrite && dialog === 'import' && <ImportFiles onDone={close} />}
      {dialog === 'prometheus' && <PrometheusDialog onClose={close} />}
    </>
  )
}
