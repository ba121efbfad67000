'use client' // A click votes.

import { clsx } from 'clsx'
import { useCommand, useRoom, useRoomState } from '#components/room/room-context'
import { Button } from '#components/ui/button'
import { Popover } from '#components/ui/popover'
import { personName, type RoomState } from '#lib/investigation/room-state'
import type { HypothesisRow } from '#lib/investigation/rows'

const LEVELS = [1, 2, 3, 4, 5] as const
export const CONFIDENCE_WORDS = ['', 'very unlikely', 'unlikely', 'even', 'likely', 'nearly sure'] as const

/** The team's confidence: the mean of the votes, or null without any. */
export function teamConfidence(confidence: HypothesisRow['confidence']): number | null {
  const votes = Object.values(confidence)
  return votes.length === 0 ? null : votes.reduce((sum, vote) => sum + vote, 0) / votes.length
}

/** "Ana 4, Ben 2": who thinks what, for the tooltip. */
function votesInWords(
  confidence: HypothesisRow['confidence'],
  people: Pick<RoomState, 'members' | 'formerNames'>,
): string {
  const name = (userId: string) => personName(people, userId) ?? 'somebody'
  return Object.entries(confidence)
    .map(([userId, vote]) => `${name(userId)} ${vote} of 5`)
    .join(', ')
}

/** The team's confidence as one meter; it opens the own vote. */
export function ConfidenceMeter({ hypothesis }: { hypothesis: HypothesisRow }) {
  const { me, canWrite } = useRoom()
  const members = useRoomState((state) => state.members)
  const formerNames = useRoomState((state) => state.formerNames)
  const run = useCommand()
  const team = teamConfidence(hypothesis.confidence)
  const mine = hypothesis.confidence[me.userId]
  const words =
    team === null
      ? 'Nobody has said how sure they are'
      : `Team confidence ${team.toFixed(1)} of 5: ${votesInWords(hypothesis.confidence, { members, formerNames })}`
  const vote = (value: number | null) => void run('confidence:set', { hypothesisId: hypothesis.id, value })
  const bars = (
    <span className="inline-flex items-center gap-0.5" aria-hidden>
      {LEVELS.map((level) => (
        <i
          key={level}
          className={clsx(
            'h-[11px] w-[5px] rounded-[1px]',
            team !== null && team >= level - 0.5 ? 'bg-accent' : 'bg-line-strong',
          )}
        />
      ))}
    </span>
  )
  if (!canWrite)
    return (
      <span role="img" aria-label={words} title={words}>
        {bars}
      </span>
    )
  return (
    <Popover
      align="end"
      trigger={
        <button type="button" aria-label={`${words}. Give yours`} title={words} className="rounded p-1">
          {bars}
        </button>
      }
    >
      <fieldset>
        <legend className="font-[550]">How sure are you?</legend>
        <div className="mt-2 grid grid-cols-5 gap-1">
          {LEVELS.map((level) => (
            <button
              key={level}
              type="button"
              aria-pressed={mine === level}
              aria-label={`${level} of 5, ${CONFIDENCE_WORDS[level]}`}
              onClick={() => vote(level)}
              className={clsx(
                'num h-8 rounded-md border max-md:h-10',
                mine === level
                  ? 'border-accent bg-accent-soft text-accent'
                  : 'border-line-strong hover:bg-sunken',
              )}
            >
              {level}
            </button>
          ))}
        </div>
        <p className="mt-1 flex justify-between text-2xs text-ink-3">
          <span>very unlikely</span>
          <span>nearly sure</span>
        </p>
      </fieldset>
      <p className="mt-2 text-ink-2 text-xs">{words}.</p>
      {mine !== undefined && (
        <Button look="quiet" size="small" className="mt-1" onClick={() => vote(null)}>
          Take mine back
        </Button>
      )}
    </Popover>
  )
}
