'use client' // A context, and a token that lives as long as this page.

import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import type { RoomActions } from './actions.tsx'
import { told } from './told.tsx'

interface MachineToken {
  /** Null until one was made on this page: the server gives each only once. */
  readonly token: string | null
  /** Makes one for lines to copy; a refusal becomes a message. */
  make(name: string): Promise<void>
}

const TokenContext = createContext<MachineToken>({ token: null, make: async () => {} })

/** Keeps a token that was made for a line to copy, so that the next line of this page has it, too. */
export function MachineTokens({ actions, children }: { actions: RoomActions; children: ReactNode }) {
  const [token, setToken] = useState<string | null>(null)
  const make = useCallback(
    async (name: string) => {
      const made = await told(actions.createToken(name.slice(0, 80)))
      if (made) setToken(made.token)
    },
    [actions],
  )
  const value = useMemo(() => ({ token, make }), [token, make])
  return <TokenContext value={value}>{children}</TokenContext>
}

/** The token for lines to copy of this page. Outside of a room's shell there is none, and none can be made. */
export const useMachineToken = (): MachineToken => useContext(TokenContext)
