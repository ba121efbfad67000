import { RoomPage } from '#components/room/room-page'
import { requireReader } from '#lib/auth/gate'
import { forPage } from '#lib/auth/pages'

/** The room itself. Its state comes from the layout; the gate stands here too, because layouts are kept. */
export default async function Page({ params }: { params: Promise<{ investigationId: string }> }) {
  const { investigationId } = await params
  await forPage(requireReader(investigationId), `/i/${investigationId}`)
  return <RoomPage />
}
