'use client' // A form.

import { useState } from 'react'
import { Button } from '#components/ui/button'
import { CopyButton } from '#components/ui/copy-button'
import { TextField } from '#components/ui/field'
import type { ApiToken, RoomActions } from './actions.tsx'
import { AGENT_KINDS, type AgentKind, agentLine } from './agent-lines.tsx'
import { AgentsHere } from './agents.tsx'
import { ClockTime } from './clock-time.tsx'
import { told } from './told.tsx'

/**
 * Sends the memory of process `$PID` (Linux, KiB in VmRSS) once: the shell's clock has seconds, which is what the
 * endpoint takes with three zeros.
 */
export const ingestLine = (origin: string, token: string): string =>
  `curl -sS ${origin}/api/ingest -H 'Authorization: Bearer ${token}' --data-binary '{"t":'$(date +%s)'000,"series":"rss","v":'$(awk '/VmRSS/{print $2*1024}' /proc/$PID/status)'}'`

/** Tokens with which machines send points and captures to this one room. */
export function ApiTokens({
  tokens,
  actions,
  onChanged,
}: {
  tokens: readonly ApiToken[] | null
  actions: RoomActions
  onChanged(): Promise<void>
}) {
  const [name, setName] = useState('')
  const [made, setMade] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const create = async () => {
    setBusy(true)
    const created = await told(actions.createToken(name.trim() || 'A machine'))
    setBusy(false)
    if (!created) return
    setMade(created.token)
    setName('')
    await onChanged()
  }
  const revoke = async (id: string) => {
    if ((await told(actions.revokeToken(id))) !== undefined) await onChanged()
  }
  return (
    <div className="grid gap-4">
      <p className="text-ink-2">
        A token lets a program send live memory and captures to this room and to no other. It acts as an
        editor.
      </p>
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          void create()
        }}
      >
        <div className="min-w-0 flex-1">
          <TextField
            label="Which machine?"
            placeholder="app-07"
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <Button look="primary" type="submit" disabled={busy}>
          Make a token
        </Button>
      </form>
      {made && <FreshToken token={made} />}
      <AgentsHere />
      <section aria-label="Tokens of this room">
        {tokens === null ? (
          <p className="text-ink-3">Loading the tokens…</p>
        ) : tokens.length === 0 ? (
          <p className="text-ink-3">No machine has a token.</p>
        ) : (
          <ul className="divide-y divide-line">
            {tokens.map((token) => (
              <li key={token.id} className="flex flex-wrap items-center gap-2 py-2">
                <bdi className="font-[550]">{token.name}</bdi>
                <code className="num text-ink-3">{token.prefix}…</code>
                <span className="min-w-0 flex-1 text-ink-3 text-sm">
                  {token.lastUsedAt === null ? (
                    'never used'
                  ) : (
                    <>
                      last used <ClockTime at={token.lastUsedAt} />
                    </>
                  )}
                </span>
                <Button look="danger" size="small" onClick={() => void revoke(token.id)}>
                  Revoke
                </Button>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  )
}

function FreshToken({ token }: { token: string }) {
  const [shown, setShown] = useState<AgentKind | 'curl'>('sh')
  const { origin } = window.location
  const line = shown === 'curl' ? ingestLine(origin, token) : agentLine(shown, origin, token)
  const about = AGENT_KINDS.find(({ kind }) => kind === shown)?.about
  return (
    <div className="grid gap-2 rounded-md border border-accent bg-accent-soft p-2.5">
      <p className="text-sm">This token is shown once. Run the line where the process is.</p>
      <div className="flex items-center gap-2">
        <code className="num min-w-0 flex-1 break-all rounded bg-panel px-2 py-1" data-testid="api-token">
          {token}
        </code>
        <CopyButton text={token} />
      </div>
      <fieldset className="flex flex-wrap gap-1.5">
        <legend className="sr-only">What to watch</legend>
        {[...AGENT_KINDS, { kind: 'curl' as const, title: 'Only curl' }].map(({ kind, title }) => (
          <Button
            key={kind}
            size="small"
            look={kind === shown ? 'primary' : 'plain'}
            aria-pressed={kind === shown}
            onClick={() => setShown(kind)}
          >
            {title}
          </Button>
        ))}
      </fieldset>
      <p className="text-ink-2 text-sm">
        {about ?? (
          <>
            Sends one point; put it into a loop (<code className="num">while sleep 1; do … done</code>) with
            the process in <code className="num">PID</code>.
          </>
        )}
      </p>
      <pre className="num overflow-x-auto whitespace-pre-wrap break-all rounded bg-panel px-2 py-1.5">
        {line}
      </pre>
      <div className="justify-self-end">
        <CopyButton text={line} label="Copy the line" />
      </div>
    </div>
  )
}
