'use client' // Which runtime it is about is chosen.

import clsx from 'clsx'
import { useState } from 'react'
import { CopyButton } from '#components/ui/copy-button'

interface Recipe {
  readonly name: string
  readonly steps: readonly (readonly [title: string, code: string])[]
  /** What it does to the process. */
  readonly warning: string
}

const THREE_TIMES =
  'After warm-up, and again twice after as much work each time: three captures can tell what keeps growing'

/** Taken inside the process that grows, or from outside while it runs; the formats' pages in docs/ have more. */
const RECIPES: readonly [Recipe, ...Recipe[]] = [
  {
    name: 'Ruby',
    steps: [
      [
        'At boot, so that allocation sites are known (it costs some speed)',
        "require 'objspace'\nObjectSpace.trace_object_allocations_start",
      ],
      [
        THREE_TIMES,
        `GC.start
File.open("/tmp/heap-#{Process.pid}-#{Time.now.to_i}.json", 'w') { |file| ObjectSpace.dump_all(output: file) }`,
      ],
    ],
    warning: 'The process stands still while it writes: seconds per GiB of heap.',
  },
  {
    name: 'Node.js',
    steps: [
      ['Start it so that a signal takes a snapshot', 'node --heapsnapshot-signal=SIGUSR2 app.js'],
      [THREE_TIMES, 'kill -USR2 PID'],
    ],
    warning: 'The process stands still for seconds, and needs as much memory again while it writes.',
  },
  {
    name: 'Go',
    steps: [
      [
        'Serve profiles, on a port that only you reach',
        'import _ "net/http/pprof"\n\ngo http.ListenAndServe("localhost:6060", nil)',
      ],
      [THREE_TIMES, 'curl -o heap-$(date +%s).pb.gz http://localhost:6060/debug/pprof/heap'],
    ],
    warning: 'Sampled: it costs next to nothing, and small growth takes longer to be told from chance.',
  },
  {
    name: 'C and C++',
    steps: [
      [
        'Once, until a clean end: what was lost, with its stacks',
        'valgrind --leak-check=full --show-leak-kinds=all --num-callers=20 --xml=yes --xml-file=memcheck-%p.xml PROGRAM',
      ],
      [
        'Or over time: what holds the memory while it runs',
        'valgrind --tool=massif --detailed-freq=1 PROGRAM',
      ],
    ],
    warning: 'Under Valgrind a program is 20 to 50 times slower.',
  },
]

/** How to take a capture, to the letter, by what the process runs on. */
export function CaptureGuide() {
  const [chosen, choose] = useState(RECIPES[0])
  return (
    <div className="flex flex-col gap-3 text-left">
      <fieldset className="flex w-fit rounded-md border border-line-strong p-px">
        <legend className="sr-only">What the process runs on</legend>
        {RECIPES.map((recipe) => (
          <button
            key={recipe.name}
            type="button"
            aria-pressed={recipe === chosen}
            onClick={() => choose(recipe)}
            className={clsx(
              'h-6 rounded-[5px] px-2 text-xs',
              recipe === chosen ? 'bg-sunken font-semibold' : 'text-ink-2 hover:text-ink',
            )}
          >
            {recipe.name}
          </button>
        ))}
      </fieldset>
      {chosen.steps.map(([title, code], at) => (
        <Step key={code} number={at + 1} title={title} code={code} />
      ))}
      <p className="text-ink-2">
        {chosen.warning} Drop the files anywhere on this page, packed (.gz, .zst) or not. Any size does. Note
        how many requests the process had served each time: growth is then told per request.
      </p>
    </div>
  )
}

function Step({ number, title, code }: { number: number; title: string; code: string }) {
  return (
    <div>
      <p className="mb-1 text-ink-2">
        <b className="font-semibold text-ink">{number}.</b> {title}
      </p>
      <div className="flex items-start gap-2 rounded-md border border-line bg-sunken p-2">
        <pre className="num min-w-0 flex-1 whitespace-pre-wrap py-0.5 [overflow-wrap:anywhere]">{code}</pre>
        <CopyButton text={code} />
      </div>
    </div>
  )
}
