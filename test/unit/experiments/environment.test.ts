import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Environment } from '#lib/experiments/environment/facts'
import { readEnvironment } from '#lib/experiments/environment/read-environment'
import { classOf, parity, rowKey } from '#lib/experiments/parity'
import { negative } from '#lib/experiments/result'
import { TEMPLATES } from '#lib/experiments/templates'

const said = (text: string): Record<string, string> =>
  Object.fromEntries(readEnvironment(text).facts.map(({ kind, name, value }) => [`${kind} ${name}`, value]))

describe('what people paste', () => {
  it('bundle list', () => {
    const facts = said(
      'Gems included by the bundle:\n  * rails (7.0.4)\n  * memcached (1.8.0)\n  * own (1.0 9f2c1ab)\n',
    )
    expect(facts).toEqual({
      'package rails': '7.0.4',
      'native-library memcached': '1.8.0',
      'package own': '1.0 9f2c1ab',
    })
  })

  it('Gemfile.lock: what is installed, not what is asked for, with the platform’s builds as native', () => {
    const facts = said(
      [
        'GIT',
        '  remote: https://github.com/acme/own.git',
        '  revision: 9f2c1ab',
        '  specs:',
        '    own (0.3.1)',
        '',
        'GEM',
        '  remote: https://rubygems.org/',
        '  specs:',
        '    dalli (3.2.6)',
        '    rails (7.0.4)',
        '      actionpack (= 7.0.4)',
        '    something (2.0.0-x86_64-linux)',
        '',
        'PLATFORMS',
        '  x86_64-linux',
        '',
        'DEPENDENCIES',
        '  rails (~> 7.0)',
        '',
        'RUBY VERSION',
        '   ruby 3.1.2p20',
        '',
        'BUNDLED WITH',
        '   2.3.7',
      ].join('\n'),
    )
    expect(facts).toEqual({
      'package own': '0.3.1',
      'package dalli': '3.2.6',
      'package rails': '7.0.4',
      'native-library something': '2.0.0',
      'runtime ruby': '3.1.2p20',
      'setting bundler': '2.3.7',
    })
  })

  it('pip freeze, without the passwords in addresses', () => {
    const facts = said(
      'Django==4.2.1\nnumpy==1.26.0\nown @ git+https://me:secret@git.acme.org/own@abc\n-e git+https://git.acme.org/x.git@1#egg=x_y\n',
    )
    expect(facts).toEqual({
      'package django': '4.2.1',
      'native-library numpy': '1.26.0',
      'package own': 'git+https://git.acme.org/own@abc',
      'package x-y': 'git+https://git.acme.org/x.git@1',
    })
  })

  it('npm ls, as a tree and as JSON, with all versions of a package', () => {
    const facts = said(
      'app@1.0.0 /srv/app\n├─┬ express@4.18.2\n│ └── qs@6.11.0\n├── qs@6.12.0 deduped\n├── UNMET DEPENDENCY gone@1.0.0\n└── sharp@0.33.0\n',
    )
    expect(facts).toEqual({
      'package express': '4.18.2',
      'package qs': '6.11.0, 6.12.0',
      'native-library sharp': '0.33.0',
    })
    const tree = {
      name: 'app',
      dependencies: { express: { version: '4.18.2', dependencies: { qs: { version: '6.11.0' } } } },
    }
    expect(said(JSON.stringify(tree))).toEqual({ 'package express': '4.18.2', 'package qs': '6.11.0' })
  })

  it('package-lock.json, yarn.lock and poetry.lock', () => {
    const lock = {
      lockfileVersion: 3,
      packages: {
        '': { name: 'app' },
        'node_modules/a': { version: '1.0.0' },
        'node_modules/a/node_modules/@s/b': { version: '2.0.0', hasInstallScript: true },
      },
    }
    expect(said(JSON.stringify(lock))).toEqual({ 'package a': '1.0.0', 'native-library @s/b': '2.0.0' })
    expect(said('"@s/b@^1.0.0", "@s/b@^1.2.0":\n  version "1.2.3"\n  resolved "https://x"\n')).toEqual({
      'package @s/b': '1.2.3',
    })
    expect(
      said(
        '[[package]]\nname = "flask"\nversion = "3.0.0"\n\n[[package]]\nname = "lxml"\nversion = "5.1.0"\n',
      ),
    ).toEqual({
      'package flask': '3.0.0',
      'native-library lxml': '5.1.0',
    })
  })

  it('runtimes, system and allocator', () => {
    const facts = said(
      [
        'ruby 3.1.2p20 (2022-04-12 revision 4491bb740a) +YJIT [x86_64-linux-gnu]',
        'Python 3.11.2',
        'v20.20.0',
        'Linux web-1 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian x86_64 GNU/Linux',
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
        'VERSION_ID="12"',
        'ldd (Debian GLIBC 2.36-9+deb12u4) 2.36',
        '7f1c2a000000-7f1c2a0d5000 r-xp 00000000 08:01 131 /usr/lib/x86_64-linux-gnu/libjemalloc.so.2',
        '7f1c2b000000-7f1c2b0d5000 r-xp 00000000 08:01 132 /usr/lib/x86_64-linux-gnu/libssl.so.3',
        '7f1c2c000000-7f1c2c0d5000 rw-p 00000000 00:00 0 [heap]',
      ].join('\n'),
    )
    expect(facts).toMatchObject({
      'runtime ruby': '3.1.2p20',
      'os platform': 'x86_64-linux-gnu',
      'setting ruby jit': 'on',
      'runtime python': '3.11.2',
      'runtime node': '20.20.0',
      'kernel linux': '6.1.0-18-amd64',
      'os architecture': 'x86_64',
      'os distribution': 'Debian GNU/Linux 12 (bookworm)',
      'libc glibc': '2.36 (Debian GLIBC 2.36-9+deb12u4)',
      'allocator libjemalloc': '2',
      'native-library libssl': '3',
    })
  })

  it('keeps only variables that change memory: others may be secrets', () => {
    const facts = said(
      'MALLOC_ARENA_MAX=2\nexport LD_PRELOAD="/usr/lib/libjemalloc.so.2"\nSECRET_KEY_BASE=hunter2\nDATABASE_URL=postgres://me:pw@db/x\nWEB_CONCURRENCY=4\nRUBY_GC_HEAP_GROWTH_FACTOR=1.1\n',
    )
    expect(facts).toEqual({
      'allocator MALLOC_ARENA_MAX': '2',
      'allocator LD_PRELOAD': '/usr/lib/libjemalloc.so.2',
      'concurrency WEB_CONCURRENCY': '4',
      'setting RUBY_GC_HEAP_GROWTH_FACTOR': '1.1',
    })
  })

  it('spoken facts, among them known trouble', () => {
    expect(said('workers: 4\nhealth memcached: flapping since May\nmemory limit: 16 GiB')).toEqual({
      'concurrency workers': '4',
      'dependency-health memcached': 'flapping since may',
      'setting memory limit': '16 GiB',
    })
  })

  it('never throws, whatever is pasted, and takes names that are none of ours', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.json()), (text) => {
        readEnvironment(text)
      }),
      { seed: 40_611 },
    )
    expect(said('__proto__==1.0\nconstructor==2.0')['package constructor']).toBe('2.0')
    expect(readEnvironment('{"packages":{"node_modules/__proto__":{"version":"1.0.0"}}}').facts).toHaveLength(
      1,
    )
    expect(readEnvironment('nothing\nof this kind').ignored).toBe(2)
  })

  it('reads four megabytes of the worst lines in one go', () => {
    const worst = [
      'a@'.repeat(1000),
      '` -'.repeat(660),
      `lib${'1'.repeat(1990)}`,
      `Linux a b ${'x86 '.repeat(490)}`,
      '[a] '.repeat(490),
      '/lib1.so'.repeat(240),
    ]
    for (const line of worst) expect(readEnvironment(`${line}\n`.repeat(2000)).facts.length).toBeLessThan(10)
  })

  it('stays fast on hostile lines', () => {
    for (const hostile of [
      '├'.repeat(20_000),
      'a'.repeat(20_000),
      'lib'.repeat(7000),
      '@/'.repeat(10_000),
      '" '.repeat(9000),
    ])
      expect(readEnvironment(`${hostile}\n`.repeat(20)).facts.length).toBeLessThan(100)
  })
})

describe('parity', () => {
  const env = (...lines: string[]): Environment => readEnvironment(lines.join('\n'))
  const PRODUCTION = env(
    'ruby 3.1.2p20',
    'MALLOC_ARENA_MAX=2',
    '  * memcached (1.8.0)',
    '  * rails (7.0.4)',
    'threads: 5',
  )

  it('is whole for the same paste, whatever its order', () => {
    const same = env(
      'threads: 5',
      '  * rails (7.0.4)',
      '  * memcached (1.8.0)',
      'MALLOC_ARENA_MAX=2',
      'ruby 3.1.2p20',
    )
    const { score, rows, isAlike } = parity(PRODUCTION, same)
    expect(score).toBe(1)
    expect(isAlike).toBe(true)
    expect(rows.every(({ difference }) => difference === 'equal')).toBe(true)
  })

  it('puts the weightiest difference on top and weighs it', () => {
    const other = env(
      'ruby 3.1.2p20',
      'MALLOC_ARENA_MAX=2',
      '  * memcached (1.9.0)',
      '  * rails (7.0.5)',
      'threads: 1',
    )
    const { score, rows, words, isAlike } = parity(PRODUCTION, other)
    expect(rows.slice(0, 3).map(({ name, difference }) => [name, difference])).toEqual([
      ['memcached', 'minor'],
      ['threads', 'major'],
      ['rails', 'patch'],
    ])
    // Equal: runtime 4 and allocator 5 of 18.
    expect(score).toBeCloseTo(9 / 18, 9)
    expect(isAlike).toBe(false)
    expect(words).toBe(
      '50 % alike, 3 differences. Below 70 % a run without growth says nothing about production. Neither side says anything about the health of dependencies.',
    )
  })

  it('is not carried by many equal packages: another runtime and allocator still show', () => {
    const many = Array.from({ length: 300 }, (_, i) => `  * gem-${i} (1.0.0)`)
    const production = env(...many, 'ruby 3.1.2p20', 'MALLOC_ARENA_MAX=2', 'health memcached: down')
    const here = env(...many, 'ruby 3.3.0', 'health memcached: up')
    expect(parity(production, here).score!).toBeLessThan(0.7)
  })

  it('takes a difference that somebody waived as equal', () => {
    const other = env(
      'ruby 3.1.2p20',
      'MALLOC_ARENA_MAX=2',
      '  * memcached (1.8.0)',
      '  * rails (7.0.5)',
      'threads: 1',
    )
    const before = parity(PRODUCTION, other)
    const threads = before.rows.find(({ name }) => name === 'threads')!
    expect(parity(PRODUCTION, other, new Set([rowKey(threads)])).score!).toBeGreaterThan(before.score!)
  })

  it('claims nothing when one side is empty', () => {
    expect(parity(PRODUCTION, env('')).score).toBeNull()
  })

  it('is the same from both sides', () => {
    const facts = fc.array(
      fc.record({
        kind: fc.constantFrom('package' as const, 'runtime' as const, 'allocator' as const),
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        value: fc.constantFrom('1.0.0', '1.0.1', '2.0.0'),
      }),
      { minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(facts, facts, (a, b) => {
        const there = parity({ facts: a, ignored: 0 }, { facts: b, ignored: 0 })
        const here = parity({ facts: b, ignored: 0 }, { facts: a, ignored: 0 })
        expect(there.score).toBeCloseTo(here.score!, 12)
        expect(there.score).toBeGreaterThanOrEqual(0)
        expect(there.score).toBeLessThanOrEqual(1 + 1e-12)
      }),
      { seed: 40_612 },
    )
  })

  it.each([
    ['1.2.3', '1.2.3', 'equal'],
    ['1.2.3', '1.2.4', 'patch'],
    ['1.2.3', '1.3.0', 'minor'],
    ['1.2.3', '2.0.0', 'major'],
    ['up', 'down', 'other'],
    ['1.0', null, 'missing'],
  ])('%s against %s is %s', (a, b, expected) => {
    expect(classOf(a, b)).toBe(expected)
  })

  it('decides what "not reproduced" may claim', () => {
    expect(negative(0.9)).toBe('Not reproduced')
    expect(negative(0.55)).toBe('Not reproduced in an unlike environment (55 % alike)')
    expect(negative(null)).toContain('nobody compared')
  })
})

describe('templates', () => {
  it('each say what level and slope would mean, and what they cannot tell', () => {
    expect(TEMPLATES.map(({ id }) => id)).toEqual([
      'dependency-down',
      'allocator',
      'malloc-trim',
      'forced-gc',
      'idle',
      'one-thread',
    ])
    for (const { steps, meanings, caution, a, b } of TEMPLATES) {
      expect(steps.length).toBeGreaterThan(0)
      expect(meanings.length).toBeGreaterThanOrEqual(3)
      expect(caution).not.toBe('')
      expect(a).not.toBe(b)
    }
    expect(JSON.stringify(TEMPLATES)).not.toMatch(/leak/i)
  })
})
