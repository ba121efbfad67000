import { memprofLine, pointer } from '#test/build/memprof-dump'
import { stackFile } from '#test/build/stack-files'
import { smallSnapshot } from './drawn-files.ts'

/** A file of bad intent, some megabytes large, and which subject's reader gets it. */
export interface Attack {
  readonly name: string
  /** Those of one family share a process. */
  readonly family: string
  readonly subject: string
  content(): Uint8Array
}

const HEAPS: ReadonlySet<string> = new Set(['ruby', 'v8', 'memprof'])
const MEGABYTE = 1 << 20
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')
const lines = (count: number, line: (n: number) => string): Buffer =>
  bytesOf(Array.from({ length: count }, (_, n) => `${line(n)}\n`).join(''))
const rubyObject = (n: number, more: string): string =>
  `{"address":"0x${(0x7f00_0000_0000 + n * 40).toString(16)}", "type":"OBJECT"${more}, "memsize":40}`
const rubyRoot = '{"type":"ROOT", "root":"vm", "references":["0x7f0000000000"]}\n'
const replaced = (content: Uint8Array, was: RegExp, is: string): Buffer =>
  bytesOf(Buffer.from(content).toString('latin1').replace(was, is))
const longName = 'N'.repeat(MEGABYTE)
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth)

const DRAWN: readonly Omit<Attack, 'family'>[] = [
  {
    name: 'ruby: one object a page',
    subject: 'ruby',
    content: () =>
      Buffer.concat([
        bytesOf(rubyRoot),
        lines(
          60_000,
          (n) => `{"address":"0x${(n * 65_536 + 8).toString(16)}", "type":"OBJECT", "memsize":40}`,
        ),
      ]),
  },
  {
    name: 'ruby: pages that meet in one place of the table of pages',
    subject: 'ruby',
    content: () => Buffer.concat([bytesOf(rubyRoot), bytesOf(meetingPages(40_000))]),
  },
  {
    name: 'ruby: addresses that meet in one place of the index',
    subject: 'ruby',
    content: () => Buffer.concat([bytesOf(rubyRoot), bytesOf(meetingSlots(60_000))]),
  },
  {
    name: 'ruby: a chain of 400,000 objects',
    subject: 'ruby',
    content: () =>
      Buffer.concat([
        bytesOf(rubyRoot),
        lines(400_000, (n) =>
          rubyObject(n, `, "references":["0x${(0x7f00_0000_0000 + (n + 1) * 40).toString(16)}"]`),
        ),
      ]),
  },
  {
    name: 'ruby: names of a megabyte',
    subject: 'ruby',
    content: () =>
      Buffer.concat([
        bytesOf(rubyRoot),
        lines(
          24,
          (n) =>
            `{"address":"0x${(0x7f00_0000_0000 + n * 40).toString(16)}", "type":"CLASS", "name":"${n}${longName}", "file":"/${n}${longName}.rb", "line":1, "memsize":40}`,
        ),
      ]),
  },
  {
    name: 'ruby: 200,000 names that all differ',
    subject: 'ruby',
    content: () =>
      Buffer.concat([
        bytesOf(rubyRoot),
        lines(200_000, (n) => rubyObject(n, `, "file":"/app/generated/and/long/${n}.rb", "line":${n}`)),
      ]),
  },
  {
    // The interner's hash looks at 24 bytes of a name: the first, middle and last 8.
    name: 'ruby: 150,000 names that differ only where no hash looks',
    subject: 'ruby',
    content: () =>
      Buffer.concat([
        bytesOf(rubyRoot),
        lines(150_000, (n) =>
          rubyObject(
            n,
            `, "file":"/app/gen/x${String(n).padStart(8, '0')}${'-'.repeat(40)}/model.rb", "line":1`,
          ),
        ),
      ]),
  },
  {
    name: 'ruby: a value nested a million times',
    subject: 'ruby',
    content: () =>
      Buffer.concat([
        bytesOf(rubyRoot),
        bytesOf(`${rubyObject(0, '')}\n${rubyObject(1, `, "x":${nested('[', ']', MEGABYTE)}`)}\n`),
      ]),
  },
  {
    name: 'v8: counts in the header that no memory holds',
    subject: 'v8',
    content: () => replaced(smallSnapshot(), /"(node|edge)_count":\d+/g, '"$1_count":4000000000'),
  },
  {
    name: 'v8: edges that a node claims and nobody wrote',
    subject: 'v8',
    content: () => replaced(smallSnapshot(), /"nodes":\[7,0,1,0,1/, '"nodes":[7,0,1,0,4294967295'),
  },
  {
    name: 'v8: a tree of calls nested half a million times',
    subject: 'v8',
    content: () =>
      replaced(
        smallSnapshot(),
        /"trace_tree":.*?,"samples"/,
        `"trace_tree":${'[1,0,0,0,['.repeat(MEGABYTE / 2)}${']]'.repeat(MEGABYTE / 2)},"samples"`,
      ),
  },
  {
    name: 'v8: a header without an end',
    subject: 'v8',
    content: () => Buffer.concat([bytesOf('{"snapshot":{"meta":{"x":"'), Buffer.alloc(24 * MEGABYTE, 0x78)]),
  },
  {
    name: 'v8: a string of 40 MB',
    subject: 'v8',
    content: () => replaced(smallSnapshot(), /"text of a session"/, `"${'s'.repeat(40 * MEGABYTE)}"`),
  },
  {
    name: 'v8: a million empty strings',
    subject: 'v8',
    content: () =>
      replaced(smallSnapshot(), /"\/app\/leak.js"\]/, `"/app/leak.js"${',""'.repeat(MEGABYTE)}]`),
  },
  {
    name: 'memprof: one address for all, and references to it',
    subject: 'memprof',
    content: () =>
      lines(100_000, (n) =>
        memprofLine({ _id: pointer(1), type: 'array', length: n, data: [pointer(1), pointer(2)] }).toString(
          'latin1',
        ),
      ),
  },
  {
    name: 'memprof: a value nested a million times',
    subject: 'memprof',
    content: () =>
      bytesOf(
        `{"_id":"${pointer(1)}","type":"array","length":1,"data":${nested('[', ']', MEGABYTE)}}\n{"_id":"${pointer(2)}","type":"string","data":"a"}\n`,
      ),
  },
  {
    name: 'memprof: 50,000 global variables',
    subject: 'memprof',
    content: () =>
      bytesOf(
        `{"_id":"globals","type":"globals","variables":{${Array.from({ length: 50_000 }, (_, n) => `":$g${n}":"${pointer(n)}"`).join(',')}}}\n{"_id":"${pointer(2)}","type":"string","data":"a"}\n`,
      ),
  },
  {
    name: 'massif: a tree deeper than any stack',
    subject: 'valgrind/massif-driver.out',
    content: () =>
      bytesOf(
        `desc: x\ncmd: y\ntime_unit: i\n#-----------\nsnapshot=0\n#-----------\ntime=0\nmem_heap_B=5\nmem_heap_extra_B=0\nmem_stacks_B=0\nheap_tree=detailed\n${Array.from({ length: 3000 }, (_, n) => `${' '.repeat(n)}n99999999: 5 0x1: f${n} (a.c:1)\n`).join('')}`,
      ),
  },
  {
    name: 'memcheck: elements nested half a million times',
    subject: 'valgrind/memcheck-driver.xml',
    content: () =>
      replaced(
        stackFile('valgrind/memcheck-driver.xml'),
        /<error>/,
        `<error>${nested('<stack>', '</stack>', MEGABYTE / 2)}`,
      ),
  },
  {
    name: 'memcheck: entities that unfold',
    subject: 'valgrind/memcheck-driver.xml',
    content: () =>
      replaced(
        stackFile('valgrind/memcheck-driver.xml'),
        /<valgrindoutput>/,
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><valgrindoutput><fn>&b;&b;</fn>',
      ),
  },
  {
    name: 'gperftools: a stack of 200,000 frames',
    subject: 'gperftools/tc.0002.heap',
    content: () =>
      bytesOf(
        `heap profile:  1:   64 [  1:   64] @ heapprofile\n     1:       64 [     1:       64] @${' 0x7f0000001000'.repeat(200_000)}\n`,
      ),
  },
  {
    name: 'jemalloc: a million stacks of one frame',
    subject: 'jemalloc/je-final.heap',
    content: () =>
      bytesOf(
        `heap_v2/524288\n  t*: 1: 64 [0: 0]\n${Array.from({ length: 200_000 }, (_, n) => `@ 0x${(0x7f0000001000 + n).toString(16)}\n  t*: 1: 64 [0: 0]\n`).join('')}`,
      ),
  },
  {
    name: 'pprof: a length that the file does not have',
    subject: 'pprof/go-later.pb.gz',
    content: () =>
      Buffer.concat([stackFile('pprof/go-later.pb.gz'), Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x0f])]),
  },
  {
    name: 'pprof: a sample with two million frames',
    subject: 'pprof/go-later.pb.gz',
    content: () => {
      const frames = Buffer.alloc(2 * MEGABYTE, 1)
      const packed = Buffer.concat([Buffer.from([0x0a]), varint(frames.length), frames])
      return Buffer.concat([
        stackFile('pprof/go-later.pb.gz'),
        Buffer.from([0x12]),
        varint(packed.length),
        packed,
      ])
    },
  },
  {
    name: 'heapprofile: children nested 200,000 times',
    subject: 'v8-heapprofile',
    content: () => {
      const node =
        '{"callFrame":{"functionName":"f","scriptId":"1","url":"a.js","lineNumber":1,"columnNumber":1},"selfSize":8,"id":1,"children":['
      return bytesOf(`{"head":${node.repeat(200_000)}${']}'.repeat(200_000)},"samples":[]}`)
    },
  },
]

/** All of them. */
export const ATTACKS: readonly Attack[] = DRAWN.map((attack) => ({
  ...attack,
  family: HEAPS.has(attack.subject) ? attack.subject : 'stacks',
}))

/** lib/heap/slots.ts hashes a page like this. */
function meetingPages(count: number): string {
  let text = ''
  for (let page = 1, found = 0; found < count; page++) {
    const hash = Math.imul(page, 0x9e3779b1)
    if (((hash ^ (hash >>> 15)) & (2 ** 17 - 1)) >= 256) continue
    found++
    text += `{"address":"0x${page.toString(16)}0008", "type":"OBJECT", "memsize":40}\n`
  }
  return text
}

/** One object a page, each at the place in it where lib/heap/slot-index.ts hashes it to the start of its table. */
function meetingSlots(count: number): string {
  const slotHash = (slot: number): number => {
    const first = Math.imul(slot, 0x9e3779b1)
    const second = Math.imul(first ^ (first >>> 15), 0x85ebca6b)
    return (second ^ (second >>> 13)) >>> 0
  }
  let text = ''
  for (let page = 1; page <= count; page++) {
    // The root's page is number 0, so that page n gets number n.
    let step = 0
    while (step < 8191 && (slotHash((page << 13) | step) & (2 ** 17 - 1)) >= 256) step++
    text += `{"address":"0x${(0x1000_0000 + page).toString(16)}${(step * 8).toString(16).padStart(4, '0')}", "type":"OBJECT", "memsize":40}\n`
  }
  return text
}

function varint(value: number): Buffer {
  const out: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) out.push((rest & 0x7f) | 0x80)
  return Buffer.from([...out, rest])
}

export function attackOf(name: string): Attack {
  const attack = ATTACKS.find((one) => one.name === name)
  if (!attack) throw new Error(`no attack is called ${name}`)
  return attack
}
