'use client' // A list that is searched while typing.

import { Command } from 'cmdk'
import { useRouter } from 'next/navigation'
import { Dialog } from 'radix-ui'
import { type ReactNode, useMemo } from 'react'
import { STATUS_LABELS } from '#components/investigation/status-words'
import { useFocusBack } from '#components/ui/focus-back'
import { chooseTheme } from '#components/ui/theme-toggle'
import { useUploads } from '#components/uploads/uploads-context'
import { copyRoomLink, exportPath } from './export-menu.tsx'
import { useHideValues } from './hide-values.tsx'
import { useRoom, useRoomState } from './room-context.tsx'
import { capturePath, type Panel, useView } from './view.tsx'

interface Entry {
  readonly id: string
  readonly words: ReactNode
  /** What is searched; hypotheses and captures may carry the same words, so it holds the id as well. */
  readonly search: string
  readonly hint?: string
  run(): void
}

const PANELS: readonly { panel: Panel; words: string; hint?: string }[] = [
  { panel: 'growth', words: 'Growth', hint: 'G' },
  { panel: 'snapshots', words: 'Snapshots', hint: 'S' },
  { panel: 'experiments', words: 'Experiments', hint: 'E' },
  { panel: 'notes', words: 'Notes', hint: 'N' },
  { panel: 'timeline', words: 'Timeline', hint: 'T' },
  { panel: 'graph', words: 'Memory graph' },
  { panel: 'hypotheses', words: 'Hypotheses' },
]

/** ⌘K: everything that can be done or seen in the room, by name. */
export function Palette({ onPin, onClose }: { onPin(): void; onClose(): void }) {
  const groups = useGroups(onPin)
  const giveBack = useFocusBack(true)
  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/30" />
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={giveBack}
          className="fixed top-[12dvh] left-1/2 z-50 w-[min(560px,calc(100vw-24px))] -translate-x-1/2 overflow-hidden rounded-xl border border-line-strong bg-panel shadow-pop outline-none"
        >
          <Dialog.Title className="sr-only">Commands</Dialog.Title>
          <Command label="Commands" loop>
            <Command.Input
              autoFocus
              placeholder="Do something, or go somewhere…"
              className="h-11 w-full border-line border-b bg-transparent px-4 text-md outline-none max-md:text-[16px]"
            />
            <Command.List className="max-h-[55dvh] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-6 text-center text-ink-3">
                Nothing here has that name.
              </Command.Empty>
              {groups.map(([heading, entries]) => (
                <Command.Group
                  key={heading}
                  heading={heading}
                  className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:font-[550] [&_[cmdk-group-heading]]:text-ink-3 [&_[cmdk-group-heading]]:text-xs"
                >
                  {entries.map((entry) => (
                    <Command.Item
                      key={entry.id}
                      value={`${entry.search} ${entry.id}`}
                      onSelect={() => {
                        onClose()
                        // After the dialog has given the focus back, so that a field that opens can keep it.
                        setTimeout(entry.run, 0)
                      }}
                      className="flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2 data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent max-md:min-h-10"
                    >
                      <span className="min-w-0 flex-1 truncate">{entry.words}</span>
                      {entry.hint && <kbd>{entry.hint}</kbd>}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function useGroups(onPin: () => void): readonly (readonly [string, readonly Entry[]])[] {
  const { investigationId, canWrite } = useRoom()
  const hypotheses = useRoomState((state) => state.hypotheses)
  const captures = useRoomState((state) => state.captures)
  const view = useView()
  const { choose } = useUploads()
  const { isHidden, change: changeHidden } = useHideValues()
  const router = useRouter()
  return useMemo(() => {
    const entry = (words: string, run: () => void, hint?: string): Entry => ({
      id: words,
      words,
      search: words,
      hint,
      run,
    })
    const doing: Entry[] = canWrite
      ? [
          entry('New hunch', view.wishHunch, 'H'),
          entry('New experiment', () => view.wishExperiment()),
          entry('Pin as evidence', onPin, 'P'),
          entry('Mark a moment on the graph', () => view.setDialog('mark'), 'M'),
          entry('Add a limit line', () => view.setDialog('limit'), 'L'),
          entry('Attach captures or graphs', choose, 'A'),
          entry('Paste samples as a memory graph', () => view.setDialog('import')),
          entry('Memory graph from Prometheus', () => view.setDialog('prometheus')),
          entry('Share this room', () => view.setDialog('share')),
          ...(changeHidden
            ? [
                entry(
                  isHidden ? 'Show values of heap dumps again' : 'Hide values of heap dumps from everybody',
                  () => changeHidden(!isHidden),
                ),
              ]
            : []),
        ]
      : []
    const always: Entry[] = [
      entry(
        'Write in the discussion',
        () => {
          view.setPanel('discussion')
          view.spot('message', 'new')
        },
        'D',
      ),
      entry('History of the text', () => view.setDialog('history')),
      entry('Download as Markdown', () => window.location.assign(exportPath(investigationId))),
      entry('Copy the link to this view', () => void copyRoomLink()),
      entry('Theme: light', () => chooseTheme('light')),
      entry('Theme: dark', () => chooseTheme('dark')),
      entry('Theme: as the system', () => chooseTheme('system')),
      entry('Keys and moves', () => view.setDialog('help'), '?'),
      entry('All investigations', () => router.push('/')),
    ]
    return [
      ['Do', [...doing, ...always]],
      ['Go to', PANELS.map(({ panel, words, hint }) => entry(words, () => view.setPanel(panel), hint))],
      [
        'Hypotheses',
        hypotheses.map((row) => ({
          id: row.id,
          words: <bdi>{row.title}</bdi>,
          search: `${row.title} ${STATUS_LABELS[row.status]}`,
          run: () => {
            view.setPanel('hypotheses')
            view.spot('hypothesis', row.id)
          },
        })),
      ],
      [
        'Captures',
        captures.map((row) => ({
          id: row.id,
          words: <bdi>{row.label}</bdi>,
          search: `${row.label} ${row.fileName}`,
          run: () => router.push(capturePath(investigationId, row.id, '')),
        })),
      ],
    ] as const
  }, [investigationId, canWrite, hypotheses, captures, view, choose, router, onPin, isHidden, changeHidden])
}
