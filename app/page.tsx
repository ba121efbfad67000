import { DemoComing } from '#components/home/demo-coming'
import { InvestigationRow, type InvestigationView } from '#components/home/investigation-row'
import { NewInvestigation } from '#components/home/new-investigation'
import { RestoreDemo } from '#components/home/restore-demo'
import { SiteHeader } from '#components/home/site-header'
import { StartFromFile } from '#components/home/start-from-file'
import { summaryOf } from '#components/home/summary'
import { EmptyState } from '#components/ui/empty-state'
import { requireVisitor } from '#lib/auth/pages'
import { demoStanding } from '#lib/db/demo'
import { type HomeRow, listInvestigations, listSharedWith } from '#lib/db/investigations'
import { atLeast } from '#lib/investigation/roles'
import { services } from '#lib/services'
import { switchTeam } from './(account)/settings/actions.ts'
import { deleteRoom, openRoom, openRoomFor, putBackDemo, renameRoom } from './home-actions.ts'

/** Home: the team's investigations, and the line that opens a new one. */
export default async function Home() {
  const { user, teams, team } = await requireVisitor('/')
  // Before the list: whoever is told that the demo is there finds it in the list.
  const demo = team ? await demoStanding(team) : 'none'
  const [own, shared] = await Promise.all([team ? listInvestigations(team) : [], listSharedWith(user.userId)])
  const views = viewsOf([...own, ...shared])
  const canWrite = team !== null && atLeast(team.role, 'editor')
  const actions = canWrite
    ? { rename: renameRoom, ...(team.role === 'owner' ? { remove: deleteRoom } : {}) }
    : undefined
  return (
    <>
      <SiteHeader user={user} teams={teams} teamId={team?.teamId ?? null} switchTeam={switchTeam} />
      <main className="mx-auto w-full max-w-[1072px] px-4 pt-7 pb-16 md:pt-11">
        <h1 className="font-[680] text-[26px] leading-tight tracking-[-0.025em]">What is growing?</h1>
        {canWrite ? (
          <>
            <p className="mt-1 mb-5 text-ink-2 text-md">
              Give it a name and send the link. You can attach the graph and the dumps once you are in.
            </p>
            <NewInvestigation action={openRoom} />
          </>
        ) : (
          <p className="mt-1 mb-8 text-ink-2 text-md">
            {team
              ? 'You can look at everything of this team. Ask an owner for the editor role to open rooms.'
              : 'You are in no team here. Ask an owner for a team link; rooms that were shared with you are below.'}
          </p>
        )}
        {(own.length > 0 || shared.length === 0) && (
          <section aria-labelledby="investigations">
            <div className="mb-2 flex h-7 items-center justify-between">
              <h2 id="investigations" className="font-semibold text-ink-3 text-xs">
                Investigations
              </h2>
              {demo === 'coming' && <DemoComing />}
              {canWrite && demo === 'none' && <RestoreDemo restore={putBackDemo} />}
            </div>
            {own.length > 0 ? (
              <List views={views.slice(0, own.length)} actions={actions} />
            ) : (
              <div className="rounded-[10px] border border-line bg-panel">
                <EmptyState title="No investigation yet">
                  {canWrite
                    ? 'Type what is growing above, or drop a heap dump, an allocation profile or a memory graph (CSV, ps, pidstat, Prometheus) on this page.'
                    : 'As soon as somebody opens one, it is listed here.'}
                </EmptyState>
              </div>
            )}
          </section>
        )}
        {shared.length > 0 && (
          <section aria-labelledby="shared" className="mt-6">
            <h2 id="shared" className="mb-2 font-semibold text-ink-3 text-xs">
              Shared with you
            </h2>
            <List views={views.slice(own.length)} />
          </section>
        )}
        {canWrite && <StartFromFile open={openRoomFor} />}
      </main>
    </>
  )
}

function List({
  views,
  actions,
}: {
  views: readonly InvestigationView[]
  actions?: Parameters<typeof InvestigationRow>[0]['actions']
}) {
  return (
    <ul className="overflow-hidden rounded-[10px] border border-line bg-panel">
      {views.map((view) => (
        <InvestigationRow key={view.id} investigation={view} actions={actions} />
      ))}
    </ul>
  )
}

function viewsOf(rows: readonly HomeRow[]): InvestigationView[] {
  const inside = services().peopleInside(rows.map(({ id }) => id))
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    status: row.status,
    demo: row.demo,
    lastActivityAt: row.lastActivityAt,
    summary: summaryOf(row),
    line: row.line,
    people: inside.get(row.id) ?? [],
  }))
}
