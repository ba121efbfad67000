import { UserError } from '#lib/errors/user-error'
import { StackBuilder } from '#lib/stacks/builder'
import type { StackProfile, StackTimeline } from '#lib/stacks/stack-profile'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { latin1 } from '../bytes/text-lines.ts'
import type { StackFormat } from '../stack-format.ts'
import { timelinePlaces } from './places.ts'
import { type MassifSnapshot, readSnapshots } from './snapshots.ts'
import { addTree } from './tree.ts'

const LABEL = 'massif profile'

/** `valgrind --tool=massif`, and what `heaptrack_print -M` writes. */
export const massif: StackFormat = {
  id: 'massif',
  label: LABEL,
  readable: 'massif output (Valgrind, or heaptrack_print -M)',
  recognises(head) {
    const text = latin1(head)
    return /^desc: [\s\S]*?^cmd: /m.test(text) || /^snapshot=\d+\r?$[\s\S]*?^mem_heap_B=\d/m.test(text)
  },
  parse,
}

function parse(content: Uint8Array): StackProfile {
  const { header, snapshots, skipped, endsMidway } = readSnapshots(content)
  if (snapshots.length === 0) throw new UserError('format/empty', { format: LABEL })
  const shown = snapshots.findLastIndex(({ lines }) => lines.length > 0)
  const builder = new StackBuilder(['in-use-bytes'])
  const tree = addTree(snapshots[shown]?.lines ?? [], builder)
  const timeline = timelineOf(snapshots, shown, header.get('time_unit'))
  const isPages = tree.isPages || /--pages-as-heap=yes/.test(header.get('desc') ?? '')
  return builder.profile({
    producer: header.get('time_unit') === 's' ? 'heaptrack' : 'massif',
    sampling: {
      isSampled: false,
      words: isPages
        ? 'Exact: all pages that the program mapped, which is another quantity than what it allocated on its heap.'
        : 'Exact: bytes live at that moment. Places below the threshold are summed by massif itself.',
    },
    timeline: { ...timeline, places: timelinePlaces(snapshots, builder, isPages) },
    notes: {
      bytesRead: content.length,
      skipped: skipped + tree.skipped,
      truncated: endsMidway,
      facts: facts(header, snapshots, shown),
      remarks: remarks(snapshots, shown, timeline.peak, isPages, endsMidway),
    },
  })
}

const UNITS: ReadonlyMap<string, StackTimeline['unit']> = new Map([
  ['i', 'instructions'],
  ['ms', 'milliseconds'],
  ['B', 'allocated bytes'],
  ['s', 'seconds'],
])

const totalOf = ({ heapBytes, extraBytes, stackBytes }: MassifSnapshot): number =>
  heapBytes + extraBytes + stackBytes

function timelineOf(
  snapshots: readonly MassifSnapshot[],
  shown: number,
  unit: string | undefined,
): StackTimeline {
  let peak = 0
  for (const [index, snapshot] of snapshots.entries())
    if (totalOf(snapshot) > totalOf(snapshots[peak]!)) peak = index
  return {
    unit: UNITS.get(unit ?? '') ?? 'instructions',
    at: Float64Array.from(snapshots, ({ time }) => time),
    heapBytes: Float64Array.from(snapshots, ({ heapBytes }) => heapBytes),
    extraBytes: Float64Array.from(snapshots, ({ extraBytes }) => extraBytes),
    stackBytes: Float64Array.from(snapshots, ({ stackBytes }) => stackBytes),
    peak,
    shown: Math.max(0, shown),
  }
}

function facts(
  header: ReadonlyMap<string, string>,
  snapshots: readonly MassifSnapshot[],
  shown: number,
): [string, string][] {
  const list: [string, string][] = []
  const command = header.get('cmd')
  const options = header.get('desc')
  if (command) list.push(['command', command])
  if (options) list.push(['options', options])
  list.push(['moments', formatCount(snapshots.length)])
  const at = snapshots[shown]
  if (at) {
    list.push(['moment shown', `${formatCount(shown)}${at.tree === 'peak' ? ' (the peak)' : ''}`])
    list.push(['allocator overhead then', formatBytes(bytes(at.extraBytes))])
    if (at.stackBytes > 0) list.push(['thread stacks then', formatBytes(bytes(at.stackBytes))])
  }
  return list
}

function remarks(
  snapshots: readonly MassifSnapshot[],
  shown: number,
  peak: number,
  isPages: boolean,
  endsMidway: boolean,
): string[] {
  const list: string[] = []
  const at = snapshots[shown]
  const highest = snapshots[peak]
  const last = snapshots.at(-1)
  if (endsMidway)
    list.push('The file stops before its end: massif or the process was killed while writing it.')
  if (!at)
    list.push(
      'No moment of this file has stacks, only totals: run massif with --detailed-freq=1 to get them.',
    )
  else if (highest && totalOf(highest) > totalOf(at) * 1.01)
    list.push(
      `The stacks are those of the last detailed moment, with ${formatBytes(bytes(totalOf(at)))}; at its peak the program held ${formatBytes(bytes(totalOf(highest)))}.`,
    )
  if (at && last && totalOf(last) < totalOf(at) * 0.99)
    list.push(`At the end, ${formatBytes(bytes(totalOf(last)))} were left; that moment has no stacks.`)
  if (isPages)
    list.push(
      'These are pages that the program mapped (--pages-as-heap), not its heap: do not compare them with a heap profile.',
    )
  list.push('massif counts bytes, not blocks.')
  return list
}
