import { describe, expect, it } from 'vitest'
import {
  groupLines,
  readStackBytes,
  readStackFile,
  stackFile,
  textBytes,
  totalOf,
} from '#test/build/stack-files'

const text = new TextDecoder().decode(stackFile('valgrind/massif-driver.out'))

describe('massif', () => {
  const driver = readStackFile('valgrind/massif-driver.out')

  it('reads the last detailed moment into stacks that sum to its heap', () => {
    expect(totalOf(driver, 'live', 'in-use-bytes')).toBe(6_303_329)
    expect(groupLines(driver).slice(0, 4)).toEqual([
      { group: 'in use · mc_make_error · leakyclient.c:39', count: 0, bytes: 4_978_953 },
      { group: 'in use · warm_cache · driver.c:7', count: 0, bytes: 1_024_000 },
      { group: 'in use · mc_make_error · leakyclient.c:36', count: 0, bytes: 199_320 },
      { group: 'in use · mc_make_error · leakyclient.c:38', count: 0, bytes: 94_677 },
    ])
  })

  it('keeps the totals of all moments, with the peak', () => {
    const { timeline } = driver.profile
    expect(timeline?.at.length).toBe(86)
    expect(timeline?.peak).toBe(85)
    expect(timeline?.unit).toBe('instructions')
    expect(timeline?.extraBytes[85]).toBe(279_047)
  })

  it('says that pages are another quantity, and blames the code behind brk', () => {
    const pages = readStackFile('valgrind/massif-driver-pages.out')
    expect(pages.profile.sampling.words).toContain('another quantity')
    expect(pages.profile.notes.remarks.join(' ')).toContain('--pages-as-heap')
    expect(groupLines(pages).map(({ group }) => group)).toContain('in use · mc_make_error · leakyclient.c:39')
  })

  it('reads heaptrack’s form: header last, seconds, children that never come', () => {
    const tree = [
      '#-----------\nsnapshot=0\n#-----------\ntime=1.5\nmem_heap_B=100\nmem_heap_extra_B=0\nmem_stacks_B=0\nheap_tree=detailed',
      'n5: 100 (heap allocation functions) malloc/new/new[], --alloc-fns, etc.',
      ' n5: 90 0x55a: keep(int) (app.cpp:3)',
      '  n0: 60 0x55b: main (app.cpp:9)',
      " n0: 10 in 2 places, all below massif's threshold (1%)",
      'desc: heaptrack\ncmd: ./app\ntime_unit: s\n',
    ].join('\n')
    const read = readStackBytes(textBytes(tree))
    expect(read.format.id).toBe('massif')
    expect(read.profile.producer).toBe('heaptrack')
    expect(read.profile.timeline?.unit).toBe('seconds')
    expect(totalOf(read, 'live', 'in-use-bytes')).toBe(100)
    expect(groupLines(read)[0]).toMatchObject({ group: 'in use · keep(int) · app.cpp:3', bytes: 90 })
  })

  it('says what it shows when the peak was before the last detailed moment', () => {
    const lower = text.replace('mem_heap_B=6291934', 'mem_heap_B=96291934')
    expect(readStackBytes(textBytes(lower)).profile.notes.remarks.join(' ')).toContain('at its peak')
  })

  it('says so when it stops midway', () => {
    expect(readStackBytes(textBytes(text.slice(0, 20_000))).profile.notes.truncated).toBe(true)
    expect(readStackFile('valgrind/massif-driver.out').profile.notes.truncated).toBe(false)
  })

  it('does not believe children that hold more than their parent', () => {
    const odd = text.replaceAll('n1: 1024000 0x109295', 'n1: 99999999999 0x109295')
    expect(totalOf(readStackBytes(textBytes(odd)), 'live', 'in-use-bytes')).toBe(6_303_329)
  })
})
