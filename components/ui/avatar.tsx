import clsx from 'clsx'
import { initialsOf } from '#lib/investigation/colors'

export interface AvatarPerson {
  readonly userId: string
  readonly name: string
  /** 0 to 7 (lib/investigation/colors.ts). */
  readonly color: number
}

/** The CSS colour of a person: lines and carets. `deep` is dark enough for white letters on it. */
export const personColor = (color: number, deep = false): string =>
  `var(--p${(color % 8) + 1}${deep ? '-deep' : ''})`

/** A person in her colour. `size` in pixels. */
export function Avatar({
  name,
  color,
  size = 24,
  className,
}: {
  name: string
  color: number
  size?: number
  className?: string
}) {
  return (
    <span
      role="img"
      aria-label={name}
      title={name}
      className={clsx('grid shrink-0 select-none place-items-center rounded-full text-white', className)}
      style={{
        background: personColor(color, true),
        width: size,
        height: size,
        fontSize: Math.max(8.5, Math.round(size * 0.42 * 2) / 2),
        fontWeight: 650,
      }}
    >
      {initialsOf(name)}
    </span>
  )
}

/** People side by side, overlapping; beyond `most` a number. */
export function AvatarStack({
  people,
  most = 4,
  size = 24,
}: {
  people: readonly AvatarPerson[]
  most?: number
  size?: number
}) {
  if (people.length === 0) return null
  const shown = people.length > most ? people.slice(0, most - 1) : people
  const rest = people.slice(shown.length)
  return (
    <span className="flex pl-1.5">
      {shown.map((person) => (
        <Avatar
          key={person.userId}
          name={person.name}
          color={person.color}
          size={size}
          className="-ml-1.5 ring-2 ring-panel"
        />
      ))}
      {rest.length > 0 && (
        <span
          role="img"
          aria-label={rest.map((person) => person.name).join(', ')}
          title={rest.map((person) => person.name).join(', ')}
          className="-ml-1.5 grid place-items-center rounded-full bg-ink-3 font-[650] text-2xs text-bg ring-2 ring-panel"
          style={{ width: size, height: size }}
        >
          +{rest.length}
        </span>
      )}
    </span>
  )
}
