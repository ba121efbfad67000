import { loadLedger } from '#lib/db/ledger'
import type { ReadAccess } from '#lib/investigation/access'
import type { Ledger } from '#lib/investigation/rows'

/** The team's ledger for a page of one of its rooms (lib/investigation/rows.ts, Ledger). One query and the names. */
export const answerLedger = (access: ReadAccess): Promise<Ledger> => loadLedger(access)
