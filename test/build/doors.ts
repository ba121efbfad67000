/**
 * Every way into the server by HTTP: each exported method of each route, and each server action, with the proof that it
 * asks for. `test/integration/access.test.ts` finds them in app/ and fails for one that is not here, then lets everybody
 * try each. Rows that take something away stand last.
 */
export interface Door {
  /** The file under app/ and the exported function; `default` is the page itself. */
  readonly at: string
  readonly needs: Needs
  /** How an action or a page is called; a route is called with a request. */
  readonly with?: (place: Place) => readonly unknown[]
  /** A route's body. */
  readonly body?: unknown
  /** A route's query. */
  readonly query?: string
}

export type Needs =
  /** Of the one investigation. */
  | 'read'
  /** As `read`, but from our own pages only: it is written down who looked. */
  | 'witness'
  | 'write'
  | 'owner'
  /** An API token of the investigation; cookies do not count. */
  | 'token'
  /** Of the team; tokens do not count. */
  | 'team'
  /** Of the team that the person looks at. */
  | 'own-team-writer'
  | 'team-owner'
  /** Anybody with a session. */
  | 'session'
  /** Anybody: what it gives depends on a secret or on nothing. Its own test is named beside it. */
  | 'open'

export interface Place {
  readonly room: string
  readonly team: string
  /** A room of the other team. */
  readonly otherRoom: string
  /** A capture of the room. */
  readonly capture: string
}

/** A form as an action gets it. */
export function formOf(fields: Record<string, string>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return form
}

const ROOM = 'api/investigations/[investigationId]'
const CAPTURE = `${ROOM}/captures/[captureId]`
const ROOM_ACTIONS = 'i/[investigationId]/actions.ts'
const SETTINGS = '(account)/settings/actions.ts'
const NOBODY = 'a-member-who-is-not-there'
const NO_ROW = '00000000-0000-4000-8000-000000000000'

export const DOORS: readonly Door[] = [
  { at: `${ROOM}/series/route.ts#GET`, needs: 'read' },
  { at: `${ROOM}/series/route.ts#POST`, needs: 'write', body: 't,rss\n1,2\n' },
  { at: `${ROOM}/series/[seriesId]/points/route.ts#GET`, needs: 'read', query: 'from=0&to=1&width=10' },
  { at: `${ROOM}/series/[seriesId]/lives/route.ts#GET`, needs: 'read', query: 'from=0&to=1&by=uptime' },
  { at: `${ROOM}/series/reading/route.ts#GET`, needs: 'read', query: 'from=0&to=1' },
  { at: `${ROOM}/series/places/route.ts#GET`, needs: 'read', query: 'from=0&to=1' },
  { at: `${ROOM}/export/route.ts#GET`, needs: 'read' },
  { at: `${ROOM}/growth/route.ts#GET`, needs: 'read' },
  { at: `${ROOM}/ledger/route.ts#GET`, needs: 'read' },
  { at: `${CAPTURE}/route.ts#GET`, needs: 'read' },
  { at: `${CAPTURE}/rows/route.ts#GET`, needs: 'read', query: 'table=classes' },
  { at: `${CAPTURE}/file/route.ts#GET`, needs: 'read' },
  { at: `${CAPTURE}/graph/route.ts#GET`, needs: 'read', query: 'ask=largest' },
  { at: `${CAPTURE}/value/route.ts#POST`, needs: 'witness', body: { object: 0 } },
  { at: `${CAPTURE}/stacks/route.ts#GET`, needs: 'read', query: 'ask=flame' },
  { at: `${CAPTURE}/query/route.ts#GET`, needs: 'read' },
  { at: `${CAPTURE}/query/route.ts#POST`, needs: 'witness', body: { sql: 'SELECT 1' } },
  { at: `${CAPTURE}/parquet/route.ts#GET`, needs: 'read', query: 'table=objects' },
  { at: `${CAPTURE}/read/route.ts#POST`, needs: 'write' },
  { at: `${ROOM}/captures/from-known/route.ts#POST`, needs: 'write', body: {} },
  { at: `${ROOM}/agents/route.ts#GET`, needs: 'read' },
  { at: `${ROOM}/experiments/[experimentId]/route.ts#GET`, needs: 'read' },
  { at: `${ROOM}/sources/route.ts#GET`, needs: 'read' },
  { at: `${ROOM}/sources/route.ts#POST`, needs: 'write', body: {} },
  { at: `${ROOM}/sources/preview/route.ts#POST`, needs: 'write', body: {} },
  {
    at: 'api/agent/hello/route.ts#POST',
    needs: 'token',
    body: { host: 'h', process: 'p', pid: 1, runtime: 'sh' },
  },
  { at: 'api/agent/snapshot/route.ts#POST', needs: 'token', body: { id: NO_ROW, state: 'taking' } },
  { at: 'api/ingest/route.ts#POST', needs: 'token', body: '{"t":1,"series":"rss","v":1}\n' },
  { at: 'api/ingest/remote-write/route.ts#POST', needs: 'token', body: 'x' },
  { at: 'api/ingest/otlp/v1/metrics/route.ts#POST', needs: 'token', body: '{}' },
  { at: 'api/health/route.ts#GET', needs: 'open' },
  // auth.test.ts: the few open paths of better-auth.
  { at: 'api/auth/[...all]/route.ts#GET', needs: 'open' },
  { at: 'api/auth/[...all]/route.ts#POST', needs: 'open' },

  { at: `${ROOM_ACTIONS}#listAccess`, needs: 'write', with: ({ room }) => [room] },
  { at: `${ROOM_ACTIONS}#createLink`, needs: 'write', with: ({ room }) => [room, 'viewer', 1] },
  { at: `${ROOM_ACTIONS}#revokeLink`, needs: 'write', with: ({ room }) => [room, NO_ROW] },
  { at: `${ROOM_ACTIONS}#createToken`, needs: 'write', with: ({ room }) => [room, 'machine'] },
  { at: `${ROOM_ACTIONS}#revokeToken`, needs: 'write', with: ({ room }) => [room, NO_ROW] },
  { at: `${ROOM_ACTIONS}#listTextVersions`, needs: 'read', with: ({ room }) => [room] },
  { at: `${ROOM_ACTIONS}#keepTextVersion`, needs: 'write', with: ({ room }) => [room, 'Before the test'] },
  { at: `${ROOM_ACTIONS}#restoreTextVersion`, needs: 'write', with: ({ room }) => [room, 0, 0] },

  {
    at: 'home-actions.ts#openRoom',
    needs: 'own-team-writer',
    with: () => [null, formOf({ title: 'Another' })],
  },
  { at: 'home-actions.ts#openRoomFor', needs: 'own-team-writer', with: () => ['heap-3.json.gz'] },
  { at: 'home-actions.ts#renameRoom', needs: 'write', with: ({ room }) => [room, 'Renamed'] },
  // Its files are not there in this test: whoever is let in reads "broke".
  { at: 'home-actions.ts#putBackDemo', needs: 'own-team-writer', with: () => [] },

  { at: `${SETTINGS}#saveName`, needs: 'session', with: () => [null, formOf({ name: 'Same' })] },
  {
    at: `${SETTINGS}#saveCredentials`,
    needs: 'session',
    with: () => [null, formOf({ email: 'taken@example.com', password: 'long enough words' })],
  },
  {
    at: `${SETTINGS}#savePassword`,
    needs: 'session',
    with: () => [null, formOf({ current: 'not the one it is', password: 'long enough words' })],
  },
  { at: `${SETTINGS}#switchTeam`, needs: 'team', with: ({ team }) => [team] },
  {
    at: `${SETTINGS}#saveTeamName`,
    needs: 'team-owner',
    with: ({ team }) => [team, null, formOf({ name: 'Core' })],
  },
  {
    at: `${SETTINGS}#setMemberRole`,
    needs: 'team-owner',
    with: ({ team }) => [team, NOBODY, 'owner'],
  },
  { at: `${SETTINGS}#takeOut`, needs: 'team-owner', with: ({ team }) => [team, NOBODY] },
  {
    at: `${SETTINGS}#makeTeamLink`,
    needs: 'team-owner',
    with: ({ team }) => [team, { role: 'viewer', days: 1 }],
  },
  { at: `${SETTINGS}#endTeamLink`, needs: 'team-owner', with: ({ team }) => [team, NO_ROW] },

  // auth.test.ts: the first visitor only.
  { at: 'welcome/actions.ts#enter', needs: 'open', with: () => [null, formOf({ name: 'Late' })] },
  {
    at: 'welcome/actions.ts#enterWithAccount',
    needs: 'open',
    with: () => [null, formOf({ name: 'Late', email: 'late@example.com', password: 'long enough words' })],
  },
  // links.test.ts and teams.test.ts: who holds the secret of a link that lives.
  {
    at: 'share/[token]/actions.ts#joinRoomByLink',
    needs: 'open',
    with: () => ['guessed', null, formOf({ name: 'G' })],
  },
  {
    at: 'join/[token]/actions.ts#joinTeamByLink',
    needs: 'open',
    with: () => ['guessed', null, formOf({ name: 'G' })],
  },

  { at: 'home-actions.ts#deleteRoom', needs: 'owner', with: ({ room }) => [room] },
  { at: `${SETTINGS}#leave`, needs: 'team', with: ({ team }) => [team] },
]

const props = (params: object, searchParams: object = {}) => [
  { params: Promise.resolve(params), searchParams: Promise.resolve(searchParams), children: null },
]
const roomProps = ({ room }: Place) => props({ investigationId: room })
const captureProps = ({ room, capture }: Place) => props({ investigationId: room, captureId: capture })

/**
 * Every page and layout with what it loads: Next runs each of them by itself, and keeps layouts, so each has its own gate.
 * What is behind the gate is loaded too, drawing it is the browser tests' business.
 */
export const PAGES: readonly Door[] = [
  { at: 'layout.tsx#default', needs: 'open' },
  { at: 'page.tsx#default', needs: 'session', with: () => [] },
  { at: '(account)/settings/page.tsx#default', needs: 'session', with: () => props({}) },
  { at: 'i/[investigationId]/layout.tsx#default', needs: 'read', with: roomProps },
  { at: 'i/[investigationId]/layout.tsx#generateMetadata', needs: 'read', with: roomProps },
  { at: 'i/[investigationId]/page.tsx#default', needs: 'read', with: roomProps },
  { at: 'i/[investigationId]/captures/[captureId]/page.tsx#default', needs: 'read', with: captureProps },
  {
    at: 'i/[investigationId]/captures/[captureId]/page.tsx#generateMetadata',
    needs: 'read',
    with: captureProps,
  },
  // They show nothing but a greeting, or what the secret in their address opens.
  { at: '(account)/sign-in/page.tsx#default', needs: 'open' },
  { at: 'welcome/page.tsx#default', needs: 'open' },
  { at: 'share/[token]/page.tsx#default', needs: 'open' },
  { at: 'join/[token]/page.tsx#default', needs: 'open' },
]
