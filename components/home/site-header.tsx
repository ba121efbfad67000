'use client' // switches the team that is shown

import { ChevronDown, Settings } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { Avatar } from '#components/ui/avatar'
import { buttonClass } from '#components/ui/button'
import { Mark } from '#components/ui/mark'
import { Menu, MenuItem } from '#components/ui/menu'
import { ThemeToggle } from '#components/ui/theme-toggle'
import { say } from '#components/ui/toasts'
import type { Outcome } from '#lib/errors/outcome'
import { colorOf } from '#lib/investigation/colors'

interface HeaderTeam {
  readonly teamId: string
  readonly name: string
}

/** The line above home and settings: where one is, who one is, how it looks. */
export function SiteHeader({
  user,
  teams,
  teamId,
  switchTeam,
}: {
  user: { readonly userId: string; readonly name: string }
  teams: readonly HeaderTeam[]
  teamId: string | null
  switchTeam: (teamId: string) => Promise<Outcome<void>>
}) {
  return (
    <header className="flex h-12 items-center gap-3 border-line border-b bg-panel px-4">
      <Mark />
      <TeamName teams={teams} teamId={teamId} switchTeam={switchTeam} />
      <span className="flex-1" />
      <ThemeToggle />
      <Link href="/settings" className={buttonClass('plain', 'small', 'h-[30px]')}>
        <Settings size={14} aria-hidden="true" />
        <span className="max-sm:sr-only">Settings and team</span>
      </Link>
      <Avatar name={user.name} color={colorOf(user.userId)} size={26} />
    </header>
  )
}

function TeamName({
  teams,
  teamId,
  switchTeam,
}: {
  teams: readonly HeaderTeam[]
  teamId: string | null
  switchTeam: (teamId: string) => Promise<Outcome<void>>
}) {
  const router = useRouter()
  const shown = teams.find((team) => team.teamId === teamId)
  if (!shown) return null
  if (teams.length === 1) return <span className="min-w-0 truncate text-ink-3">{shown.name}</span>
  const choose = async (team: HeaderTeam) => {
    const outcome = await switchTeam(team.teamId)
    if (outcome.ok) router.refresh()
    else say.problem(outcome.sentence)
  }
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          className="flex min-w-0 items-center gap-1 rounded px-1 text-ink-2 hover:text-ink"
        >
          <span className="truncate">{shown.name}</span>
          <ChevronDown size={14} aria-label="Choose a team" />
        </button>
      }
    >
      {teams.map((team) => (
        <MenuItem key={team.teamId} checked={team.teamId === teamId} onSelect={() => void choose(team)}>
          {team.name}
        </MenuItem>
      ))}
    </Menu>
  )
}
