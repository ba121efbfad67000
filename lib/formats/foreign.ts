import { recognisesPprof } from './pprof/recognise.ts'

/** A file that we do not read, recognised by how it starts, and what to say about it. */
interface Foreigner {
  readonly matches: (head: Uint8Array, text: string) => boolean
  readonly sentence: string
}

/** In order: the first that matches speaks. `text` is the head, one character per byte. */
const FOREIGNERS: readonly Foreigner[] = [
  { matches: (head) => head.length === 0, sentence: 'This file is empty.' },
  {
    matches: (_, text) => /^\s*\{\s*"head"\s*:\s*\{\s*"callFrame"/.test(text),
    sentence: 'This looks like a V8 sampling heap profile (.heapprofile).',
  },
  {
    matches: (_, text) => text.startsWith('JAVA PROFILE'),
    sentence: 'This looks like a Java heap dump (hprof).',
  },
  {
    matches: (_, text) => text.includes('<valgrindoutput>'),
    sentence: 'This looks like Valgrind memcheck output (XML).',
  },
  {
    matches: (_, text) => /^==\d+== (?:Memcheck|HEAP SUMMARY|Command)/m.test(text),
    sentence:
      'This looks like Valgrind memcheck output as text; run it again with --xml=yes --xml-file=FILE.',
  },
  {
    matches: (_, text) => /^desc: /.test(text) && /^cmd: /m.test(text) && /^time_unit: /m.test(text),
    sentence: 'This looks like Valgrind massif output.',
  },
  { matches: (_, text) => /^heap_v2\/\d+/.test(text), sentence: 'This looks like a jemalloc heap profile.' },
  {
    matches: (_, text) => text.startsWith('heap profile:'),
    sentence: 'This looks like a heap profile of gperftools or Go (text).',
  },
  { matches: (head) => recognisesPprof(head), sentence: 'This looks like a pprof profile.' },
  {
    matches: (_, text) => /^v [0-9a-f]+ [0-9a-f]+\n(?:X |I |x )/.test(text),
    sentence:
      'This looks like heaptrack’s own recording; convert it with heaptrack_print -f FILE -M out.massif.',
  },
  {
    matches: (_, text) => /^\s*\{\s*"dhatFileVersion"/.test(text),
    sentence: 'This looks like a profile of Valgrind’s DHAT; use memcheck or massif instead.',
  },
  {
    matches: (_, text) => /^\s*\{\s*"nodes"\s*:\s*\[\s*\{\s*"id"\s*:\s*\d+\s*,\s*"callFrame"/.test(text),
    sentence:
      'This is a CPU profile of V8, which says nothing of memory; take a heap snapshot or a .heapprofile.',
  },
  {
    matches: (_, text) => /^==\d+==ERROR: LeakSanitizer/m.test(text),
    sentence:
      'This looks like a report of LeakSanitizer, which is not read; Valgrind memcheck with --xml=yes is.',
  },
  {
    matches: (_, text) => text.startsWith('memray'),
    sentence: 'This looks like a recording of memray, which is not read.',
  },
  {
    matches: (head, text) => text.startsWith('\x7fELF') && head[16] === 4,
    sentence: 'This is a core dump of a process; a heap dump written by its runtime is needed instead.',
  },
  { matches: (_, text) => text.startsWith('\x7fELF'), sentence: 'This is an ELF program or library.' },
  { matches: (_, text) => text.startsWith('MDMP'), sentence: 'This is a Windows minidump.' },
  { matches: (_, text) => text.startsWith('\x89PNG'), sentence: 'This is a PNG picture.' },
  { matches: (_, text) => text.startsWith('\xff\xd8\xff'), sentence: 'This is a JPEG picture.' },
  { matches: (_, text) => text.startsWith('%PDF'), sentence: 'This is a PDF document.' },
  {
    matches: (_, text) => text.startsWith('PK\x03\x04'),
    sentence: 'This is a ZIP archive; unpack it and upload what is inside.',
  },
  {
    matches: (_, text) => text.slice(257, 262) === 'ustar',
    sentence: 'This is a tar archive; unpack it and upload what is inside.',
  },
  { matches: (_, text) => text.startsWith('\x1f\x8b'), sentence: 'This is packed with gzip more than once.' },
  {
    matches: (_, text) => text.startsWith('BZh') || text.startsWith('\xfd7zXZ'),
    sentence: 'This is packed with bzip2 or xz; pack it with gzip or zstd instead.',
  },
  {
    matches: (_, text) => text.startsWith('SQLite format 3\0'),
    sentence: 'This is an SQLite database.',
  },
  {
    matches: (_, text) => /^\s*(?:<!doctype html|<html)/i.test(text),
    sentence:
      'This is a web page, perhaps an error page or a sign-in page that was saved instead of the dump.',
  },
  {
    matches: (_, text) => /^\s*<\?xml/.test(text),
    sentence: 'This is an XML file of a kind that we do not know.',
  },
  {
    matches: (_, text) => /^version https:\/\/git-lfs/.test(text),
    sentence: 'This is a Git LFS pointer; the file itself was not fetched (git lfs pull).',
  },
  {
    matches: (_, text) => /"_id"\s*:\s*"?0x[0-9a-f]+"?/.test(text) && /"type"\s*:/.test(text),
    sentence: "This looks like a dump of memprof (Ruby 1.8's).",
  },
  {
    matches: (_, text) => /^\s*[[{]/.test(text) && /[:,\]}]/.test(text),
    sentence: 'This is JSON, but not a heap snapshot of a kind that we know.',
  },
]

/**
 * One sentence that says what a file is that no format recognises: for the error format/unknown. `head` is the front
 * of the plain file (SNIFF_BYTES are enough). Guesses are worded as such; never throws.
 */
export function describeForeign(head: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(head)
  const known = FOREIGNERS.find((one) => one.matches(head, text))
  if (known !== undefined) return known.sentence
  return isText(head)
    ? 'This is a text file, perhaps a log, but none of its first lines is a line of a heap dump.'
    : 'This is a binary file of a kind that we do not know.'
}

/** No NUL, hardly any control characters. */
function isText(head: Uint8Array): boolean {
  let controls = 0
  for (const byte of head) {
    if (byte === 0) return false
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x1b) controls++
  }
  return controls <= head.length / 50
}
