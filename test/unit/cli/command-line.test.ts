import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { main } from '#lib/cli/main'
import { rubyFixturePath } from '#test/build/ruby-dump'

const STACKS = join(import.meta.dirname, '../../fixtures/stacks')
const RUBY_TRIO = ['trace-1-warm', 'trace-2-after-4000', 'trace-3-after-8000'].map(rubyFixturePath)
const ARTICLE = ['1-end-of-up', '2-end-of-down', '3-end-of-up'].map(rubyFixturePath)
const REQUESTS = ['--requests', '2500,6500,10500']

/** What DESIGN promises to scripts, and nothing more. */
const Group = z.object({
  type: z.string(),
  className: z.string(),
  site: z.string().nullable(),
  counts: z.array(z.number()),
  shallowBytes: z.array(z.number()),
  retainedBytes: z.array(z.number()).nullable(),
  shape: z.string(),
  suspect: z.boolean(),
  holder: z.object({ words: z.string(), path: z.array(z.string()) }).nullable(),
})
const Analysis = z.object({
  captures: z.array(
    z.object({
      file: z.string(),
      format: z.string(),
      producer: z.string(),
      objects: z.number(),
      shallowBytes: z.number(),
      skipped: z.number(),
      readMs: z.number(),
    }),
  ),
  groups: z.array(Group),
  suspects: z.array(Group.extend({ reason: z.string().min(1) })),
  findings: z.array(z.object({ title: z.string(), words: z.string() })),
})

async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const status = await main(args, {
    out: (text) => {
      said.out += `${text}\n`
    },
    err: (text) => {
      said.err += `${text}\n`
    },
  })
  return { status, ...said }
}

async function analysis(...args: string[]): Promise<z.infer<typeof Analysis>> {
  const { status, out, err } = await run('analyze', '--json', ...args)
  expect(err).toBe('')
  expect(status).toBe(0)
  return Analysis.parse(JSON.parse(out))
}

describe('leakroom analyze', () => {
  it('names exactly the nine planted groups of the Ruby set, the largest collection first, with who holds them', async () => {
    const { suspects, findings, captures, groups } = await analysis(...RUBY_TRIO, ...REQUESTS)
    expect(captures.map(({ format }) => format)).toEqual(Array(3).fill('ruby-objspace'))
    expect(suspects).toHaveLength(9)
    expect(suspects[0]).toMatchObject({
      className: 'AuditTrail::Entry',
      counts: [2500, 6500, 10500],
      holder: { words: 'module AuditTrail → Array of 10,500' },
    })
    expect(suspects[0]!.site).toMatch(/audit_trail\.rb:14$/)
    expect(new Set(suspects.map(({ holder }) => holder?.words.split(' → ')[0]))).toEqual(
      new Set(['module AuditTrail', 'module QuoteMemo']),
    )
    expect(findings).toHaveLength(2)
    const ring = groups.filter(({ site }) => site?.includes('fragment_lru.rb'))
    expect(ring.length).toBeGreaterThan(0)
    expect(ring.filter(({ suspect }) => suspect)).toEqual([])
  })

  it('accuses nobody in the dumps of a process whose leak is outside of its heap', async () => {
    const { suspects, findings } = await analysis(...ARTICLE)
    expect(suspects).toEqual([])
    expect(findings).toEqual([])
  })

  it('puts what the leak checker calls lost first, and never what is still reachable', async () => {
    const { suspects, groups } = await analysis(join(STACKS, 'valgrind/memcheck-driver.xml'))
    expect(suspects[0]).toMatchObject({ className: 'mc_make_error', counts: [3000] })
    expect(groups[0]).toMatchObject({ className: 'mc_make_error', suspect: true })
    expect(groups.filter(({ type, suspect }) => type === 'still reachable' && suspect)).toEqual([])
  })

  it.each([
    ['pprof/go-base.pb.gz', 'pprof/go-later.pb.gz', 'main.newTicket'],
    ['pprof/tc-0002.pb.gz', 'pprof/tc-0007.pb.gz', 'mc_make_error'],
    ['valgrind/memcheck-driver.xml', 'valgrind/memcheck-driver-later.xml', 'mc_make_error'],
    ['gperftools/tc.0002.heap', 'gperftools/tc.0007.heap', 'driver.v2+0x158a'],
    ['jemalloc/je-first.heap', 'jemalloc/je-final.heap', 'driver.v2+0x158a'],
  ])('names the planted place first between %s and %s', async (first, second, className) => {
    const { suspects } = await analysis(join(STACKS, first), join(STACKS, second))
    expect(suspects[0]?.className).toBe(className)
    expect(suspects.map((suspect) => suspect.className)).not.toContain('warm_cache')
  })

  it('names in one massif file what grew within its run, and says what decides', async () => {
    const { status, out } = await run('analyze', join(STACKS, 'valgrind/massif-driver.out'))
    expect(status).toBe(0)
    expect(out).toMatch(/mc_make_error +leakyclient\.c:39/)
    expect(out).toContain('a longer one decides')
    const { suspects } = await analysis(join(STACKS, 'valgrind/massif-driver.out'))
    expect(new Set(suspects.map((suspect) => suspect.className))).toEqual(new Set(['mc_make_error']))
    expect(suspects[0]?.reason).toContain('held more and more within this run')
  })

  it('writes the same in words for people', async () => {
    const { out } = await run('analyze', '--top', '9', ...RUBY_TRIO, ...REQUESTS)
    expect(out).toContain('module AuditTrail → Array of 10,500')
    expect(out).toContain('1.00 objects and 561 B per request')
    expect(out).not.toMatch(/\bleak\b/i)
  })
})

describe('leakroom analyze --fail-on-growth', () => {
  it('exits with 3 and says what grew when it finds what it looks for', async () => {
    const { status, err } = await run(
      'analyze',
      ...RUBY_TRIO,
      '--fail-on-growth',
      'class=AuditTrail::Entry site=audit_trail.rb',
    )
    expect(status).toBe(3)
    expect(err).toContain('2,500 → 6,500 → 10,500')
  })

  it('exits with 0 for a bounded store, whose objects are all new, and for a process without growth', async () => {
    const ring = await run('analyze', ...RUBY_TRIO, '--fail-on-growth', 'site=fragment_lru.rb')
    expect(ring.status).toBe(0)
    const article = await run('analyze', ...ARTICLE, '--fail-on-growth', 'any')
    expect(article.status).toBe(0)
  })

  it('looks at who holds it, too', async () => {
    const { status } = await run('analyze', ...RUBY_TRIO, '--fail-on-growth', 'holder=module QuoteMemo')
    expect(status).toBe(3)
  })
})

describe('leakroom path and dominators', () => {
  const dump = rubyFixturePath('trace-3-after-8000')

  it('shows the way from a root to an object that the dominators list', async () => {
    const listed = await run('dominators', dump, '--json', '--top', '40')
    expect(listed.status).toBe(0)
    const { lines } = z
      .object({ lines: z.array(z.object({ key: z.string().nullable(), label: z.string() })) })
      .parse(JSON.parse(listed.out))
    const module = lines.find(({ label }) => label.includes('AuditTrail'))
    expect(module?.key).toMatch(/^0x/)
    const { status, out } = await run('path', dump, module!.key!)
    expect(status).toBe(0)
    expect(out).toMatch(/5\.\d MiB retained/)
    expect(out).toContain('root: ')
  })

  it('says where to look when there is no such object, and when a file has no graph', async () => {
    const unknown = await run('path', dump, '0x1234')
    expect(unknown.status).toBe(1)
    expect(unknown.err).toContain('leakroom dominators')
    const stacks = await run('dominators', join(STACKS, 'valgrind/memcheck-driver.xml'))
    expect(stacks.status).toBe(1)
    expect(stacks.err).toContain('no graph')
  })
})

describe('leakroom with input that makes no sense', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'leakroom-cli-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('ends with 1 and one sentence for a file that is not there, or not one that we read', async () => {
    const missing = await run('analyze', join(folder, 'nothing.json'))
    expect(missing.status).toBe(1)
    expect(missing.err.trim().split('\n')).toHaveLength(1)
    expect(missing.err).toContain('no such file')
    const text = join(folder, 'notes.txt')
    writeFileSync(text, 'dear diary\n'.repeat(20))
    const foreign = await run('analyze', text)
    expect(foreign.status).toBe(1)
    expect(foreign.err).toContain('Leakroom reads')
  })

  it('refuses to compare two kinds, and counts that do not fit', async () => {
    const mixed = await run('analyze', ARTICLE[0]!, join(STACKS, 'pprof/go-base.pb.gz'))
    expect(mixed.status).toBe(1)
    expect(mixed.err).toContain('one kind')
    const counts = await run('analyze', ...ARTICLE, '--requests', '1,2')
    expect(counts.status).toBe(1)
    expect(counts.err).toContain('one per file')
  })

  it('ends with 2 for a usage that it does not know, and with 0 for help', async () => {
    expect((await run('analyse', 'x')).status).toBe(2)
    expect((await run('analyze')).status).toBe(2)
    expect((await run('analyze', 'x', '--fail-on-growth', 'colour=red')).status).toBe(2)
    const help = await run('analyze', '--help')
    expect(help.status).toBe(0)
    expect(help.out).toContain('--fail-on-growth')
  })
})
