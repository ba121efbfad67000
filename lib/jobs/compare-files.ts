import { readFileSync } from 'node:fs'
import { decodeGroupTable } from '#lib/findings/group-table'
import { growth } from '#lib/findings/growth'
import { decodeIdentityTable } from '#lib/findings/identity-table'
import { decodeOwnerTree } from '#lib/findings/owner-tree'
import { growthReport } from '#lib/reports/growth-page'
import type { GrowthReport } from '#lib/reports/growth-report'
import { sound } from './sound.ts'
import type { CompareTask } from './tasks.ts'

/**
 * What grew between captures, from their stored tables: no dump is read again. Runs in a worker thread; 10 bytes an
 * object and capture are held meanwhile.
 */
export function compareFiles(task: CompareTask): GrowthReport {
  const captures = task.captures.map((capture) => ({
    groups: sound(decodeGroupTable, readFileSync(capture.groups)),
    identities: optional(capture.identities, decodeIdentityTable),
    owners: optional(capture.owners, decodeOwnerTree),
    ...capture.circumstances,
    siteKind: capture.siteKind,
    sampledEvery: capture.sampledEvery,
  }))
  return growthReport(growth(captures))
}

const optional = <T>(path: string | undefined, decode: (stored: Uint8Array) => T): T | undefined =>
  path === undefined ? undefined : sound(decode, readFileSync(path))
