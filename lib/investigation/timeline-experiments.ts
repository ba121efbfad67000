import type { RoomEvent } from './events.ts'
import type { Conclusion, RunRow } from './experiments.ts'
import type { Stance } from './rows.ts'

type ExperimentEvent = Extract<
  RoomEvent,
  { type: 'experiment:added' | 'experiment:changed' | 'experiment:concluded' | 'run:added' | 'run:changed' }
>

/**
 * What a reading says about the hypothesis of its experiment. Only a negative from an environment that is like production
 * speaks against it; people keep the last word.
 */
export function stanceOf({
  result,
  fix,
  parity,
  runsLeft,
}: Pick<Conclusion, 'result' | 'fix' | 'parity' | 'runsLeft'>): Stance {
  if (runsLeft > 0) return 'neutral'
  // A fix that works shows that what was changed was the cause.
  if (fix) return fix.verdict === 'gone' || fix.verdict === 'less' ? 'for' : 'neutral'
  if (result.verdict === 'reproduced') return 'for'
  return result.verdict === 'not-reproduced' && parity !== null && parity >= LIKE_ENOUGH
    ? 'against'
    : 'neutral'
}

/** As in lib/experiments/result.ts, whose test holds the two together. */
export const LIKE_ENOUGH = 0.7

const CHANGE_WORDS = {
  title: 'title',
  hypothesis: 'hypothesis',
  steps: 'steps',
  conditions: 'names of the conditions',
  length: 'length of runs',
  expected: 'expected growth',
  trouble: 'known trouble in production',
  'production-series': 'graph of production',
  production: 'environment of production',
  reproduction: 'environment of the reproduction',
  waived: 'differences that do not matter',
  counted: 'way in which iterations are counted',
} as const

/** What happened to an experiment, without who and without a full stop. */
export function experimentDeed(
  event: ExperimentEvent,
  names: { hypothesis(id: string): string | undefined },
): string {
  switch (event.type) {
    case 'experiment:added': {
      const { experiment, runs } = event.payload
      const about = experiment.hypothesisId && names.hypothesis(experiment.hypothesisId)
      const count = runs.length === 1 ? '1 run' : `${runs.length} runs`
      return `planned the experiment “${experiment.title}” with ${count}${about ? ` for “${about}”` : ''}`
    }
    case 'experiment:changed':
      return changeDeed(event.payload)
    case 'experiment:concluded': {
      const { title, conclusion } = event.payload.experiment
      return `read the experiment “${title}”: ${conclusion?.words.replace(/\.$/, '') ?? 'nothing yet'}`
    }
    case 'run:added': {
      const { experiment, runs } = event.payload
      const which = runs.map(({ position, condition }) => `run ${position} (${condition})`).join(' and ')
      return `added ${which} to the experiment “${experiment.title}”`
    }
    case 'run:changed':
      return runDeed(event.payload)
  }
}

function changeDeed({ experiment, changed }: Extract<RoomEvent, { type: 'experiment:changed' }>['payload']) {
  const title = `the experiment “${experiment.title}”`
  const deeds = changed.map((field) => {
    if (field === 'archived') return `put ${title} away`
    if (field === 'unarchived') return `took ${title} up again`
    return `changed the ${CHANGE_WORDS[field]} of ${title}`
  })
  return deeds.join(' and ') || `changed ${title}`
}

function runDeed({
  run,
  title,
  deed,
  reason,
}: Extract<RoomEvent, { type: 'run:changed' }>['payload']): string {
  const which = `run ${run.position} (${run.condition}) of “${title}”`
  const because = reason ? `: ${reason}` : ''
  switch (deed) {
    case 'attached':
      return `attached a graph as ${which}`
    case 'detached':
      return `took the graph away from ${which}${because}`
    case 'started':
      return `began ${which}`
    case 'ended':
      return `ended ${which}${endedWords(run)}`
    case 'excluded':
      return `excluded ${which}${because}`
    case 'included':
      return `counts ${which} again${because}`
    case 'read':
      return reason ? `read ${which} again${because}` : `read ${which}`
  }
}

const endedWords = ({ endedBy }: RunRow): string =>
  endedBy === 'quiet'
    ? ', for nothing was heard of it any more'
    : endedBy === 'next'
      ? ', for the next one began'
      : ''
