import { callLevel } from '#lib/stacks/call-tree'
import { compareStacks, mergedByFunction } from '#lib/stacks/difference'
import { flameBoxes } from '#lib/stacks/flame'
import { kindWords, measureWords, type StackMeasure, type StackProfile } from '#lib/stacks/stack-profile'
import { stackRows } from '#lib/stacks/stack-table'
import { mainMeasure } from '#lib/stacks/totals'
import { chosenKinds, differenceView, type StackView, stackView } from '#lib/stacks/view'
import type {
  CallLineRow,
  CallsAnswer,
  FlameAnswer,
  StackAnswers,
  StackOrder,
  StackQuery,
  StackTablePage,
  StackTableRow,
} from './stack-questions.ts'

/** Names on a page are cut: one C++ name can be kilobytes long. */
const MAX_NAME = 300
const MAX_LIBRARIES = 40

interface Shown {
  readonly view: StackView
  readonly head: Pick<FlameAnswer, 'measure' | 'words' | 'isBytes' | 'sum' | 'earlierSum' | 'remarks'>
}

/**
 * Answers a question about a profile, beside an earlier one where `since` names one. `undefined` when the node that was
 * asked about does not exist. O(nodes).
 */
export function answerStacks(
  question: StackQuery,
  profile: StackProfile,
  earlier: StackProfile | undefined,
): StackAnswers[StackQuery['ask']] | undefined {
  const shown = shownOf(question, profile, earlier)
  if (question.ask === 'flame') return flame(shown)
  if (question.ask === 'calls') return calls(shown, question.node)
  return table(shown, question)
}

function shownOf(question: StackQuery, profile: StackProfile, earlier: StackProfile | undefined): Shown {
  const { measure: asked, kind } = question
  // A flame graph shows functions: one that is called from three lines is one box. A difference is made that way already.
  const shown = question.ask === 'flame' && !earlier ? mergedByFunction(profile) : profile
  const difference = earlier && compareStacks(earlier, profile)
  const offered = difference ? difference.measures : profile.measures
  const measure = asked && offered.includes(asked) ? asked : (offered[0] ?? mainMeasure(profile))
  const kinds = chosenKinds(kind)
  const view = difference ? differenceView(difference, measure, kinds) : stackView(shown, measure, kinds)
  return {
    view,
    head: {
      measure,
      words: shownWords(measure, kind, profile.blockWord),
      isBytes: isBytes(measure),
      sum: view.total[0] ?? 0,
      earlierSum: view.earlier?.total[0] ?? null,
      remarks: [...(difference?.remarks ?? [])],
    },
  }
}

/** "bytes in use", "blocks definitely lost". */
function shownWords(measure: StackMeasure, kind: StackQuery['kind'], blockWord: string): string {
  if (kind === 'all' || kind === 'live') return measureWords(measure, blockWord)
  return `${isBytes(measure) ? 'bytes' : blockWord} ${kindWords(kind)}`
}

const isBytes = (measure: StackMeasure): boolean => measure.endsWith('-bytes')

function flame({ view, head }: Shown): FlameAnswer {
  const libraries = stackRows(view, 'library')
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.own - a.own || b.total - a.total)
    .slice(0, MAX_LIBRARIES)
    .map(({ library, own }) => ({ name: cut(library), value: own }))
  const boxes = flameBoxes(view).map(({ frame, earlier, ...box }) => ({
    ...box,
    frame: { ...frame, name: cut(frame.name), file: cut(frame.file), library: cut(frame.library) },
    earlier: earlier ?? null,
  }))
  return { ...head, boxes, libraries }
}

function calls({ view, head }: Shown, node: number): CallsAnswer | undefined {
  const level = callLevel(view, node)
  if (!level) return undefined
  const row = ({ frame, earlier, ...line }: (typeof level.lines)[number]): CallLineRow => ({
    ...line,
    frame: { ...frame, name: cut(frame.name), file: cut(frame.file), library: cut(frame.library) },
    earlier: earlier ?? null,
  })
  return { ...head, path: level.path.map(row), lines: level.lines.map(row), rest: level.rest }
}

function table({ view, head }: Shown, question: Extract<StackQuery, { ask: 'table' }>): StackTablePage {
  const all = stackRows(view, question.by)
  const words = question.q.toLowerCase().split(/\s+/).filter(Boolean)
  const matching = all.filter(({ name, place, library }) => {
    const text = `${name} ${place} ${library}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const rows = matching.map(
    (row): StackTableRow => ({
      ...row,
      key: cut(row.key),
      name: cut(row.name),
      place: cut(row.place),
      library: cut(row.library),
      earlier: row.earlier ?? null,
    }),
  )
  const order = question.sort ?? (view.earlier ? 'change' : 'own')
  rows.sort(byOrder(order, question.dir))
  return {
    ...head,
    by: question.by,
    all: all.length,
    offset: question.offset,
    total: rows.length,
    rows: rows.slice(question.offset, question.offset + question.limit),
  }
}

function byOrder(order: StackOrder, dir: 'asc' | 'desc'): (a: StackTableRow, b: StackTableRow) => number {
  const sign = dir === 'asc' ? 1 : -1
  const value = (row: StackTableRow): number => {
    if (order === 'own') return row.own
    return order === 'total' ? row.total : row.total - (row.earlier ?? 0)
  }
  return (a, b) => {
    const first = order === 'name' ? compareText(a.name, b.name) : value(a) - value(b)
    return first * sign || b.total - a.total || compareText(a.key, b.key)
  }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const cut = (text: string): string => (text.length > MAX_NAME ? `${text.slice(0, MAX_NAME - 1)}…` : text)
