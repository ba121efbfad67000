import type { LedgerEntryRow } from './rows.ts'

/** What the team's ledger says about a group, all its voices together. */
export type LedgerState = 'expected' | 'exceeded' | 'not-expected' | 'conflict' | 'expired'

/** An entry with what the clock says of it (rows.ts, Ledger). */
export type LedgerVoice = Pick<LedgerEntryRow, 'fingerprint' | 'verdict' | 'bound'> & {
  readonly expired: boolean
}

/**
 * The state of one group with `count` objects in its newest capture. People who disagree are a conflict, whoever spoke
 * last; an expected group beyond every bound that was set for it is not folded away. Null: nobody has said anything.
 * O(entries).
 */
export function ledgerState(
  entries: readonly LedgerVoice[],
  fingerprint: string,
  count: number,
): LedgerState | null {
  const said = entries.filter((entry) => entry.fingerprint === fingerprint)
  if (said.length === 0) return null
  const living = said.filter(({ expired }) => !expired)
  if (living.length === 0) return 'expired'
  const expected = living.filter(({ verdict }) => verdict === 'expected')
  if (expected.length > 0 && expected.length < living.length) return 'conflict'
  if (expected.length === 0) return 'not-expected'
  const holds = expected.some(({ bound }) => bound === null || count <= bound)
  return holds ? 'expected' : 'exceeded'
}

/** `ledgerState` for many groups: entries are sorted by fingerprint once. O(entries), then O(1) a group. */
export function ledgerReader(
  entries: readonly LedgerVoice[],
): (fingerprint: string, count: number) => LedgerState | null {
  const byFingerprint = new Map<string, LedgerVoice[]>()
  for (const entry of entries) {
    const said = byFingerprint.get(entry.fingerprint)
    if (said) said.push(entry)
    else byFingerprint.set(entry.fingerprint, [entry])
  }
  return (fingerprint, count) => ledgerState(byFingerprint.get(fingerprint) ?? [], fingerprint, count)
}
