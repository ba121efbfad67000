import type { Metadata } from 'next'
import { CredentialsForm } from '#components/account/credentials-form'
import { PasswordForm, RenameForm } from '#components/account/profile-forms'
import { Section } from '#components/account/section'
import { SignOut } from '#components/account/sign-out'
import { TeamLinks } from '#components/account/team-links'
import { TeamMembers } from '#components/account/team-members'
import { SiteHeader } from '#components/home/site-header'
import { MIN_PASSWORD } from '#lib/auth/auth'
import { asTeamOwner } from '#lib/auth/gate'
import { requireVisitor } from '#lib/auth/pages'
import { loadPerson } from '#lib/db/people'
import { listTeamLinks, loadTeam } from '#lib/db/teams'
import type { TeamAccess } from '#lib/investigation/access'
import * as actions from './actions.ts'

export const metadata: Metadata = { title: 'Settings' }

export default async function Settings({ searchParams }: { searchParams: Promise<{ saved?: string }> }) {
  const { user, teams, team } = await requireVisitor('/settings')
  const person = await loadPerson(user.userId)
  const { saved } = await searchParams
  return (
    <>
      <SiteHeader user={user} teams={teams} teamId={team?.teamId ?? null} switchTeam={actions.switchTeam} />
      <main className="mx-auto w-full max-w-[680px] px-4 pt-8 pb-16">
        <h1 className="font-[680] text-[22px] tracking-[-0.02em]">Settings</h1>
        <Section title="You">
          <RenameForm
            action={actions.saveName}
            label="Your name"
            name={user.name}
            saved="Your name is saved."
          />
          <div className="mt-4 flex items-center justify-between gap-3 border-line border-t pt-4">
            <span className="min-w-0 truncate text-ink-2">
              {person?.email ? `Signed in as ${person.email}` : 'Signed in on this browser only'}
            </span>
            <SignOut guest={user.guest} />
          </div>
        </Section>
        {user.guest ? (
          <Section
            title="Keep your account"
            about="You came in by name alone. With an e-mail and a password you can come back from any browser; no mail is sent."
          >
            <CredentialsForm action={actions.saveCredentials} button="Keep it" minPassword={MIN_PASSWORD} />
          </Section>
        ) : (
          <Section title="Password">
            {saved === 'password' && (
              <p role="status" className="mb-3 text-steady">
                The password is changed, and you are signed out everywhere else.
              </p>
            )}
            <PasswordForm action={actions.savePassword} minPassword={MIN_PASSWORD} />
          </Section>
        )}
        {team && <Team team={team} />}
      </main>
    </>
  )
}

async function Team({ team }: { team: TeamAccess }) {
  const { name, members } = await loadTeam(team)
  const isOwner = team.role === 'owner'
  const links = isOwner ? await listTeamLinks(asTeamOwner(team)) : []
  const { setMemberRole, takeOut, leave, makeTeamLink, endTeamLink, saveTeamName } = actions
  return (
    <>
      <Section title={name} about={isOwner ? undefined : 'Owners invite people and change roles.'}>
        {isOwner && (
          <div className="mb-4 border-line border-b pb-4">
            <RenameForm
              action={saveTeamName.bind(null, team.teamId)}
              label="Team name"
              name={name}
              saved="The team’s name is saved."
            />
          </div>
        )}
        <TeamMembers
          teamId={team.teamId}
          members={members}
          me={team.userId}
          isOwner={isOwner}
          actions={{ setMemberRole, takeOut, leave }}
        />
      </Section>
      {isOwner && (
        <Section title="Invite by link" about="Anyone who opens the link joins the team. No mail is needed.">
          <TeamLinks teamId={team.teamId} links={links} actions={{ makeTeamLink, endTeamLink }} />
        </Section>
      )}
    </>
  )
}
