import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { RoomShell } from '#components/room/room-shell'
import { requireReader } from '#lib/auth/gate'
import { forPage } from '#lib/auth/pages'
import { documentOf } from '#lib/db/documents'
import { loadTeamName } from '#lib/db/investigations'
import { loadRoomState } from '#lib/db/room-state'
import { colorOf } from '#lib/investigation/colors'
import {
  createLink,
  createToken,
  keepTextVersion,
  listAccess,
  listTextVersions,
  restoreTextVersion,
  revokeLink,
  revokeToken,
} from './actions.ts'

interface RoomLayoutProps {
  readonly params: Promise<{ investigationId: string }>
  readonly children: ReactNode
}

export async function generateMetadata({ params }: RoomLayoutProps): Promise<Metadata> {
  const { investigationId } = await params
  const access = await forPage(requireReader(investigationId), `/i/${investigationId}`)
  const { investigation } = await loadRoomState(access)
  return { title: { default: investigation.title, template: `%s · ${investigation.title}` } }
}

/** The room around its page and its captures' pages: the gate, the state of this moment, the live connection. */
export default async function RoomLayout({ params, children }: RoomLayoutProps) {
  const { investigationId } = await params
  const access = await forPage(requireReader(investigationId), `/i/${investigationId}`)
  const [initial, docId, teamName] = await Promise.all([
    loadRoomState(access),
    documentOf(access),
    loadTeamName(access),
  ])
  const { actor } = access
  // The gate lets machines in by token, but a page is for people: a machine has no cursor and no colour.
  if (actor.kind !== 'person') throw new Error('a room page was asked for by a machine')
  const actions = {
    listAccess: listAccess.bind(null, investigationId),
    createLink: createLink.bind(null, investigationId),
    revokeLink: revokeLink.bind(null, investigationId),
    createToken: createToken.bind(null, investigationId),
    revokeToken: revokeToken.bind(null, investigationId),
    listVersions: listTextVersions.bind(null, investigationId),
    keepVersion: keepTextVersion.bind(null, investigationId),
    restoreVersion: restoreTextVersion.bind(null, investigationId),
  }
  return (
    <RoomShell
      initial={initial}
      me={{ userId: actor.userId, name: actor.name, color: colorOf(actor.userId) }}
      role={access.role}
      docId={docId}
      teamName={teamName}
      actions={actions}
    >
      {children}
    </RoomShell>
  )
}
