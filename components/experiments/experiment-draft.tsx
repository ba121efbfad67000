import { balancedOrder, type Condition } from '#lib/experiments/order'
import { smallestP } from '#lib/experiments/permutation'
import { assumedNoise, type Plan, plan } from '#lib/experiments/plan'
import { ALPHA } from '#lib/experiments/power'
import { type ExperimentTemplate, TEMPLATES } from '#lib/experiments/templates'
import { chance } from '#lib/experiments/words'
import type { ExperimentKind, ExperimentRow } from '#lib/investigation/experiments'

/** The fields of a new experiment as they stand in the form. Numbers are text until they are sent. */
export interface ExperimentDraft {
  readonly kind: ExperimentKind
  /** Id of a template; '' for none. */
  readonly template: string
  readonly title: string
  readonly labelA: string
  readonly labelB: string
  readonly steps: string
  readonly command: string
  readonly iterations: string
  readonly beforeA: string
  readonly beforeB: string
  readonly perArm: number
  readonly calibration: boolean
  readonly minutes: string
  /** MiB an hour; '' for not expected to be any size. */
  readonly expected: string
  /** Memory of the process, MiB: the noise is in proportion to it. */
  readonly level: string
  readonly seed: number
}

/** Instead of a hypothesis: a new one. */
export const NEW_HUNCH = 'new'

const MIB = 1024 ** 2
/** What the assumed noise was measured with (lib/experiments/plan.ts). */
const USUAL_LEVEL = '500'

export const EMPTY_DRAFT: ExperimentDraft = {
  kind: 'compare',
  template: '',
  title: '',
  labelA: '',
  labelB: '',
  steps: '',
  command: '',
  iterations: '',
  beforeA: '',
  beforeB: '',
  perArm: 4,
  calibration: false,
  minutes: '45',
  expected: '',
  level: USUAL_LEVEL,
  seed: 1,
}

export const templateOf = (id: string | null): ExperimentTemplate | undefined =>
  TEMPLATES.find((template) => template.id === id)

const stepsOf = (template: ExperimentTemplate | undefined): string => template?.steps.join('\n') ?? ''

/** Another template: fills what is empty or still stands as the one before had it, and touches nothing that was written. */
export function withTemplate(draft: ExperimentDraft, id: string): ExperimentDraft {
  const before = templateOf(draft.template)
  const next = templateOf(id)
  const filled = (now: string, was: string | undefined, then: string | undefined): string =>
    now === '' || now === was ? (then ?? '') : now
  return {
    ...draft,
    template: id,
    title: filled(draft.title, before?.title, next?.title),
    labelA: filled(draft.labelA, before?.a, next?.a),
    labelB: filled(draft.labelB, before?.b, next?.b),
    steps: filled(draft.steps, stepsOf(before), stepsOf(next)),
  }
}

/** What an experiment says about itself, as fields. */
export const draftOf = (experiment: ExperimentRow): ExperimentDraft => ({
  kind: experiment.kind,
  template: experiment.template ?? '',
  title: experiment.title,
  labelA: experiment.labelA,
  labelB: experiment.labelB,
  steps: experiment.steps,
  command: experiment.command,
  iterations: experiment.iterations,
  beforeA: experiment.beforeA,
  beforeB: experiment.beforeB,
  perArm: experiment.perArm,
  calibration: experiment.calibration > 0,
  minutes: experiment.runSeconds === null ? '' : String(experiment.runSeconds / 60),
  expected: experiment.expectedPerHour === null ? '' : (experiment.expectedPerHour / MIB).toFixed(1),
  level: '',
  seed: experiment.seed,
})

/** A check of a fix: what is measured and for how long is as in the experiment that showed the growth. */
export const draftOfFix = (experiment: ExperimentRow, seed: number): ExperimentDraft => ({
  ...draftOf(experiment),
  kind: 'verify',
  template: '',
  title: `Is it gone? ${experiment.title}`.slice(0, 200),
  labelA: 'before the fix',
  labelB: 'after the fix',
  // After the fix the condition that made it grow has to hold, too.
  beforeB: experiment.beforeA,
  calibration: false,
  seed,
})

/** A positive number in a field; undefined for anything else. A comma is a point. */
export function positive(text: string): number | undefined {
  const number = Number(text.trim().replace(',', '.'))
  return text.trim() !== '' && Number.isFinite(number) && number > 0 ? number : undefined
}

/** What the draft would see, and what keeps it from being planned. */
export interface DraftFacts {
  readonly plan: Plan | null
  /** How small the chance can get; null with so few runs that the plan itself says never. */
  readonly least: string | null
  readonly order: readonly Condition[]
  readonly runSeconds: number | null
  /** Bytes per hour. */
  readonly expectedPerHour: number | null
  /** The first thing that is missing or wrong; null when it can be sent. */
  readonly problem: string | null
}

/** Pure; some milliseconds, for the power is computed. */
export function draftFacts(draft: ExperimentDraft): DraftFacts {
  const minutes = positive(draft.minutes)
  const expected = positive(draft.expected)
  const level = positive(draft.level)
  const expectedPerHour = expected === undefined ? null : expected * MIB
  const p = smallestP(draft.perArm, draft.perArm)
  const shown =
    minutes === undefined
      ? null
      : plan({
          perArm: draft.perArm,
          runMs: minutes * 60_000,
          noise: assumedNoise((level ?? Number(USUAL_LEVEL)) * MIB),
          expected: expectedPerHour ?? undefined,
        })
  return {
    plan: shown,
    least: p > ALPHA ? null : `The smallest possible chance is ${p < 0.0005 ? 'below 0.1 %' : chance(p)}.`,
    order: balancedOrder(draft.perArm, draft.seed, { calibration: draft.calibration }).map(
      ({ condition }) => condition,
    ),
    runSeconds: minutes === undefined ? null : Math.max(1, Math.round(minutes * 60)),
    expectedPerHour,
    problem: problemOf(draft),
  }
}

function problemOf(draft: ExperimentDraft): string | null {
  if (draft.title.trim() === '') return 'It needs a title.'
  if (draft.labelA.trim() === '' || draft.labelB.trim() === '') return 'Name both conditions.'
  if (draft.labelA.trim() === draft.labelB.trim()) return 'The two conditions have the same name.'
  if (draft.minutes.trim() !== '' && positive(draft.minutes) === undefined)
    return 'The length of a run is a number of minutes.'
  if (draft.expected.trim() !== '' && positive(draft.expected) === undefined)
    return 'The expected growth is a number of MiB an hour.'
  if (draft.iterations.trim() !== '' && !isRule(draft.iterations.trim()))
    return 'Iterations are counted by “every 2 s” or by a regular expression.'
  return null
}

/** The same rule as lib/cli/watch-iterations.ts reads. */
function isRule(text: string): boolean {
  if (/^every\s/i.test(text)) return /^every\s+\d+(?:\.\d+)?\s*s(?:econds?)?$/i.test(text)
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}
