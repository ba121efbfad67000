'use client' // Forms that call server actions.

import { Tabs } from 'radix-ui'
import { useCallback, useEffect, useState } from 'react'
import { Dialog } from '#components/ui/dialog'
import type { ApiToken, RoomActions, ShareLink } from './actions.tsx'
import { ApiTokens } from './api-tokens.tsx'
import { HideValues } from './hide-values.tsx'
import { useRoomState } from './room-context.tsx'
import { ShareLinks } from './share-links.tsx'
import { told } from './told.tsx'

const TAB =
  'border-transparent border-b-2 px-2.5 pb-2 font-[550] text-ink-2 data-[state=active]:border-ink data-[state=active]:text-ink max-md:pb-3'

/** Links for people and tokens for machines, to this one room. */
export function ShareDialog({ actions, onClose }: { actions: RoomActions; onClose(): void }) {
  const members = useRoomState((state) => state.members)
  const [links, setLinks] = useState<readonly ShareLink[] | null>(null)
  const [tokens, setTokens] = useState<readonly ApiToken[] | null>(null)
  const load = useCallback(async () => {
    const listed = await told(actions.listAccess())
    if (!listed) return
    setLinks(listed.links)
    setTokens(listed.tokens)
  }, [actions])
  useEffect(() => void load(), [load])
  return (
    <Dialog open onOpenChange={(open) => open || onClose()} title="Share this room" wide>
      <Tabs.Root defaultValue="people">
        <Tabs.List className="-mt-1 mb-4 flex gap-1 border-line border-b" aria-label="Share with">
          <Tabs.Trigger value="people" className={TAB}>
            People
          </Tabs.Trigger>
          <Tabs.Trigger value="machines" className={TAB}>
            Machines
          </Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="people">
          <ShareLinks links={links} members={members} actions={actions} onChanged={load} />
          <HideValues />
        </Tabs.Content>
        <Tabs.Content value="machines">
          <ApiTokens tokens={tokens} actions={actions} onChanged={load} />
        </Tabs.Content>
      </Tabs.Root>
    </Dialog>
  )
}
