import { describe, expect, it } from 'vitest'
import { stackSuspects } from '#lib/stacks/suspects'
import {
  groupLines,
  readStackBytes,
  readStackFile,
  stackFile,
  textBytes,
  totalOf,
} from '#test/build/stack-files'

const driver = readStackFile('valgrind/memcheck-driver.xml')
const text = new TextDecoder().decode(stackFile('valgrind/memcheck-driver.xml'))
const remarks = (xml: string): string => readStackBytes(textBytes(xml)).profile.notes.remarks.join(' ')

describe('Valgrind memcheck XML', () => {
  it('counts definitely lost bytes once: indirect ones are in them already', () => {
    expect(totalOf(driver, 'definitely-lost', 'in-use-bytes')).toBe(120_000 + 3_055_500 + 4096)
    expect(totalOf(driver, 'definitely-lost', 'in-use-blocks')).toBe(3001)
    expect(totalOf(driver, 'indirectly-lost', 'in-use-bytes')).toBe(3_055_500)
    expect(groupLines(driver).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(3_179_596 + 1_024_000)
  })

  it('names the planted leak, and 1,058.5 bytes of it per request', () => {
    const { suspects } = stackSuspects(driver.profile, 3000)
    expect(suspects[0]?.frame).toMatchObject({ name: 'mc_make_error', file: 'leakyclient.c', line: 36 })
    expect(suspects[0]?.perRequest).toEqual({ blocks: 1, bytes: 1058.5 })
    expect(suspects[0]?.words).toContain('definitely lost')
  })

  it('never names what is still reachable, and puts what was lost once last', () => {
    const { suspects } = stackSuspects(driver.profile)
    expect(suspects.map(({ frame }) => frame.name)).toEqual(['mc_make_error', 'mc_new'])
    expect(suspects[1]?.words).toContain('once')
    expect(totalOf(driver, 'still-reachable', 'in-use-bytes')).toBe(1_024_000)
  })

  it('reads a longer run with the same stacks and more bytes', () => {
    const later = readStackFile('valgrind/memcheck-driver-later.xml')
    expect(groupLines(later).map(({ group }) => group)).toEqual(groupLines(driver).map(({ group }) => group))
    expect(groupLines(later)[0]?.bytes).toBe(9000 * 1058.5)
  })

  it('counts errors that are no leaks apart', () => {
    const errors = readStackFile('valgrind/memcheck-errors.xml')
    expect(new Map(errors.profile.notes.facts)).toEqual(
      expect.objectContaining(new Map([['errors: InvalidWrite', '2']])),
    )
    expect(errors.profile.notes.remarks.join(' ')).toContain('5 memory errors that are no leaks')
    for (const kind of ['definitely-lost', 'indirectly-lost', 'possibly-lost', 'still-reachable'] as const)
      expect(totalOf(errors, kind, 'in-use-blocks')).toBeGreaterThan(0)
  })

  it('says so when a report was never finished', () => {
    const killed = readStackBytes(textBytes(text.slice(0, text.indexOf('<unique>0x3</unique>'))))
    expect(killed.profile.notes.truncated).toBe(true)
    expect(totalOf(killed, 'still-reachable', 'in-use-bytes')).toBe(1_024_000)
    expect(killed.profile.notes.remarks[0]).toContain('stops before its end')
  })

  it('does not take a report without leak records for a clean one', () => {
    const none = text.replace(/<error>[\s\S]*<\/error>/, '').replaceAll('--leak-check=full', '')
    expect(remarks(none)).toContain('does not say that nothing was lost')
    expect(stackSuspects(readStackBytes(textBytes(none)).profile).words).toContain('cannot tell')
  })

  it('asks for --show-leak-kinds=all when reachable blocks are missing for that reason', () => {
    const few = text
      .replaceAll('--show-leak-kinds=all', '')
      .replace(/<error>(?:(?!<error>)[\s\S])*Leak_StillReachable[\s\S]*?<\/error>/, '')
    expect(remarks(few)).toContain('--show-leak-kinds=all')
  })

  it('shows the last of several leak checks of one run, not their sum', () => {
    const records = /<error>[\s\S]*<\/error>/.exec(text)?.[0] ?? ''
    const twice = text.replace('<status>\n  <state>FINISHED', `${records}\n<status>\n  <state>FINISHED`)
    const read = readStackBytes(textBytes(twice))
    expect(totalOf(read, 'definitely-lost', 'in-use-bytes')).toBe(3_179_596)
    expect(read.profile.notes.remarks.join(' ')).toContain('2 leak checks')
  })

  it('passes over a user comment with raw XML in it', () => {
    const odd = text.replace('<pid>', '<usercomment><error><kind>Leak_DefinitelyLost</usercomment>\n<pid>')
    expect(totalOf(readStackBytes(textBytes(odd)), 'definitely-lost', 'in-use-blocks')).toBe(3001)
  })

  it('keeps the summaries of protocol 6 as facts', () => {
    const six = text
      .replace('<protocolversion>4', '<protocolversion>6')
      .replace(
        '<errorcounts>',
        '<heap_summary><malloc_free><allocs>9001</allocs></malloc_free></heap_summary>\n<errorcounts>',
      )
    const facts = new Map(readStackBytes(textBytes(six)).profile.notes.facts)
    expect(facts.get('heap summary malloc free allocs')).toBe('9001')
    expect(facts.get('protocolversion')).toBe('6')
  })

  it('expands no entity that a file declares', () => {
    const bomb = text
      .replace(
        '<valgrindoutput>',
        '<!DOCTYPE v [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n<valgrindoutput>',
      )
      .replace('<fn>mc_new</fn>', '<fn>&b;&lt;new&gt;&#65;</fn>')
    const read = readStackBytes(textBytes(bomb))
    expect(read.profile.strings).toContain('&b;<new>A')
    expect(read.profile.notes.remarks.join(' ')).toContain('not expanded')
  })

  it('refuses the output of other tools of Valgrind with their name', () => {
    expect(() => readStackBytes(textBytes(text.replace('<tool>memcheck', '<tool>helgrind')))).toThrow(
      'helgrind',
    )
  })

  it('names gems and their versions by the path of the extension', () => {
    const gem = text.replaceAll(
      '/home/app/store/native/driver.v2',
      '/var/gems/memcached-1.3.0/ext/rlibmemcached.so',
    )
    expect(readStackBytes(textBytes(gem)).profile.strings).toContain('memcached 1.3.0 (gem)')
  })
})
