import { describe, expect, it } from 'vitest'
import { evidencePath, investigationMarkdown, type ReportParts } from '#lib/investigation/report-markdown'
import { RoomState } from '#lib/investigation/room-state'
import {
  capture,
  conclusion,
  experiment,
  hypothesis,
  IDS,
  investigation,
  ledgerEntry,
  mark,
  message,
  query,
  run,
} from './draw.ts'

const state = (given: object = {}): RoomState =>
  RoomState.parse({
    seq: 1,
    investigation: investigation(),
    members: [{ userId: IDS.mika, name: 'Mika', role: 'editor' }],
    hypotheses: [],
    evidence: [],
    links: [],
    messages: [],
    marks: [],
    limits: [],
    captures: [],
    series: [],
    ...given,
  })
const parts = (given: Partial<ReportParts> = {}): ReportParts => ({
  notes: '',
  textOf: () => ({ rationale: '', nextStep: '' }),
  growth: '',
  ledger: { entries: [], names: {} },
  baseUrl: 'https://room.example',
  at: Date.UTC(2026, 10, 23, 9, 36),
  ...given,
})

describe('the report', () => {
  it('of an empty room is its title and its state', () => {
    expect(investigationMarkdown(state(), parts())).toBe(
      `# Memory climbs\n\nStatus: investigating. Opened 1970-01-01 00:00 UTC, exported 2026-11-23 09:36 UTC from <https://room.example/i/${IDS.room}>.\n`,
    )
  })

  it('lists captures with their totals, and what stands on the graph', () => {
    const totals = {
      objects: 18_315,
      shallowBytes: 1024 ** 2,
      skippedLines: 0,
      tracedShare: 0,
      partial: true,
      readMs: 1,
    }
    const text = investigationMarkdown(
      state({
        captures: [capture({ label: 'a|b', totals, requestCount: 2500, sha256: 'a'.repeat(64) })],
        marks: [mark({ until: 60_000, kind: 'outage', label: 'down' })],
        limits: [{ id: IDS.mark, kind: 'ram', label: 'RAM', bytes: 16 * 1024 ** 3, version: 1 }],
      }),
      parts(),
    )
    expect(text).toContain('| a\\|b |  |  | 2,500 | 18,315 | 1.0 MiB | ready, partial | `aaaaaaaaaaaa` |')
    expect(text).toContain('- Limit RAM: 16.0 GiB')
    expect(text).toContain('- 1970-01-01 00:00 UTC to 1970-01-01 00:01 UTC: down (outage)')
  })

  it('shows experiments with what they say, and every run, the excluded ones with who and why', () => {
    const reading = {
      kind: 'growing',
      rises: true,
      bytesPerHour: { value: 4e8, low: 3e8, high: 5e8 },
      bytesPerIteration: { value: 1064, low: 1021, high: 1103 },
      iterations: 29_900,
      durationMs: 300_000,
      warmUpMs: 0,
      restarts: 0,
      words: 'Growing.',
    }
    const text = investigationMarkdown(
      state({
        hypotheses: [hypothesis()],
        experiments: [
          experiment({
            conclusion: conclusion('reproduced', { notes: ['1 of 2 runs is excluded.'] }),
            parity: { score: 0.5, isAlike: false, differences: 1, words: '50 % alike, 1 difference.' },
            waived: [{ key: 'kernel\nkernel', reason: 'same | libc', by: IDS.mika, at: 0 }],
          }),
        ],
        runs: [
          run({ state: 'done', endedBy: 'mark', from: 0, to: 300_000, reading }),
          run({
            id: IDS.mark,
            position: 2,
            condition: 'B',
            state: 'done',
            endedBy: 'quiet',
            excluded: { reason: 'a backup\nran', by: IDS.mika, at: 0 },
          }),
        ],
      }),
      parts(),
    )
    expect(text).toContain('## Experiments\n\n### Experiment 2: Memcached down')
    expect(text).toContain('For “Redis”. A is “stopped”, B is “running”.')
    expect(text).toContain('**Reproduced in 4 of 4.**')
    expect(text).toContain('- 1 of 2 runs is excluded.')
    expect(text).toContain('by version 1 of the method')
    expect(text).toContain('50 % alike')
    expect(text).toContain('- Declared not to matter by Mika: kernel kernel: same \\| libc')
    expect(text).toContain(
      '| 1 | A | done | 1970-01-01 00:00 UTC | 5 min | 1,064 B per iteration (95 %: 1,021 B to 1,103 B), growing | 29,900 |',
    )
    expect(text).toContain('| 2 | B | excluded by Mika: a backup ran |')
  })

  it('lists what was said in this room about groups, with reason, author and end, and the saved queries', () => {
    const entries = [
      { ...ledgerEntry({ expiresAt: 0 }), expired: true },
      { ...ledgerEntry({ investigationId: IDS.mark, title: 'of another room' }), expired: false },
    ]
    const text = investigationMarkdown(
      state({ queries: [query({ title: 'A `b`', sql: 'select "```" as x' })] }),
      parts({ ledger: { entries, names: { mika: 'Mika' } } }),
    )
    expect(text).toContain(
      '## Groups marked here\n\n| Group | Verdict | Up to | Reason | By | Until |\n| --- | --- | --- | --- | --- | --- |\n| Session in the pool | expected | 1,000 | the pool is bounded | Mika | 1970-01-01 00:00 UTC, expired |\n',
    )
    expect(text).not.toContain('of another room')
    expect(text).toContain('## Saved queries\n\n### A \\`b\\`\n\n````sql\nselect "```" as x\n````\n')
  })

  it('keeps what people write from becoming structure', () => {
    const hostile = '# Big\n- item\n1. one <img src=x> ![a](b) [x](javascript:1) `c` & _d_'
    const text = investigationMarkdown(
      state({ hypotheses: [hypothesis({ title: '<script>' })], messages: [message({ body: hostile })] }),
      parts(),
    )
    expect(text).toContain('### \\<script\\>')
    expect(text).toContain('> \\# Big\n> \\- item\n> \\1. one')
    expect(text).not.toMatch(/[^\\]<img|[^\\]\[x]|[^\\]_d_/)
  })

  it('moves the headings of the notes below its own and leaves code alone', () => {
    const text = investigationMarkdown(
      state(),
      parts({ notes: '# One\n\n```sh\n# a comment\n```\n\n## Two' }),
    )
    expect(text).toContain('## Notes\n\n### One\n\n```sh\n# a comment\n```\n\n#### Two\n')
  })

  it('says so when a pin is gone, and leaves deleted messages out', () => {
    const gone = message()
    const deleted = message({ id: IDS.room, deleted: true, body: '' })
    const text = investigationMarkdown(state({ messages: [gone, deleted] }), parts())
    expect(text).toContain('**Mika**, 1970-01-01 00:00 UTC:\n\n> look at\n> (a pin that is gone), @Wes')
    expect(text.match(/\*\*Mika\*\*/g)).toHaveLength(1)
  })

  it('links evidence by its id', () => {
    expect(evidencePath('room', 'pin')).toBe('/i/room?pin=pin')
  })
})
