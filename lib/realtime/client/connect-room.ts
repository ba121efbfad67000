import { io, type Socket } from 'socket.io-client'
import { caretColor } from '#lib/investigation/colors'
import { type RoomEvent, readRoomEvent } from '#lib/investigation/events'
import type { InvestigationId } from '#lib/investigation/ids'
import { atLeast, type Role } from '#lib/investigation/roles'
import { applyRoomEvent, type RoomState } from '#lib/investigation/room-state'
import type { CommandName, CommandReply, CommandSent } from '../commands.ts'
import {
  ANNOUNCEMENTS,
  type Announced,
  type AnnouncementName,
  Answer,
  type CaptureProgress,
  PROTOCOL_VERSION,
  PresenceSent,
  type PresenceState,
  REQUESTS,
  type Reply,
  type RequestName,
  type Sent,
  SOCKET_PATH,
} from '../protocol.ts'
import { CommandQueue } from './command-queue.ts'
import { DeviceStore } from './device-store.ts'
import { DocProvider } from './doc-provider.ts'
import { withPending } from './optimistic.ts'
import {
  CommandError,
  type ConnectOptions,
  type LinkStatus,
  type Points,
  type RoomConnection,
} from './room-types.ts'
import { store } from './store.ts'

/** Connects to a room. Nothing is awaited: the stores tell how it goes. `close()` ends everything it started. */
export function connectRoom(investigationId: InvestigationId, options: ConnectOptions): RoomConnection {
  return new Connection(investigationId, options)
}

const ANSWER_WITHIN_MS = 10_000
const RETRY_MS = 1000
const PRESENCE_EVERY_MS = 50
const GOODBYE_MS = 1000
const NO_CONNECTION = 'There is no connection to the server at the moment.'

class Connection implements RoomConnection {
  readonly investigationId: InvestigationId
  readonly me: ConnectOptions['me']
  readonly state
  readonly presence = store<readonly PresenceState[]>([])
  readonly progress = store<ReadonlyMap<string, CaptureProgress>>(new Map())
  readonly status
  readonly connectionId = store('')
  readonly document: DocProvider

  readonly #socket: Socket
  readonly #device: DeviceStore
  readonly #queue: CommandQueue
  readonly #events = new Set<(event: RoomEvent) => void>()
  readonly #points = new Set<(points: Points) => void>()
  readonly #refusals = new Set<(name: CommandName, error: CommandError) => void>()
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  /** Rows as the server confirmed them. */
  #confirmed: RoomState
  /** Events that came before those between. */
  #early: RoomEvent[] = []
  #isFilling = false
  #isOpen = false
  #isClosed = false
  #attempt = 0
  #presenceSent: PresenceSent = PresenceSent.parse({})
  #presenceTimer: ReturnType<typeof setTimeout> | undefined

  constructor(investigationId: InvestigationId, options: ConnectOptions) {
    const { me, initial, role, docId, persist = typeof indexedDB !== 'undefined', device = '' } = options
    this.investigationId = investigationId
    this.me = me
    this.#confirmed = initial
    this.state = store(initial)
    this.status = store<LinkStatus>({ link: 'connecting', queued: 0, role, draining: false })
    const place = `leakroom:${device}:${me.userId}`
    this.#device = new DeviceStore(persist ? place : undefined)
    this.#queue = new CommandQueue(investigationId, this.#device, {
      send: (command) => this.request('room:command', command),
      isOnline: () => this.#isOpen,
      changed: () => this.#queueChanged(),
      refused: (name, error) => {
        for (const listener of this.#refusals) listener(name, error)
      },
    })
    this.document = new DocProvider({
      docId,
      device: this.#device,
      copyName: (epoch) => (persist ? `${place}:${docId}:${epoch}` : undefined),
      writable: atLeast(role, 'editor'),
      user: { name: me.name, color: caretColor(me.color) },
      request: (name, sent) => this.request(name, sent),
    })
    this.#socket = io(options.url ?? '', {
      path: SOCKET_PATH,
      transports: ['websocket'],
      forceNew: true,
      withCredentials: true,
      reconnectionDelay: 300,
      reconnectionDelayMax: 5000,
      ...(options.headers ? { extraHeaders: options.headers } : {}),
    })
    this.#listen()
    globalThis.addEventListener?.('pagehide', this.#onPageHide)
    void this.#queue.restore()
  }

  onEvent(listener: (event: RoomEvent) => void): () => void {
    this.#events.add(listener)
    return () => this.#events.delete(listener)
  }

  onPoints(listener: (points: Points) => void): () => void {
    this.#points.add(listener)
    return () => this.#points.delete(listener)
  }

  onRefused(listener: (name: CommandName, error: CommandError) => void): () => void {
    this.#refusals.add(listener)
    return () => this.#refusals.delete(listener)
  }

  setPresence(change: Partial<PresenceSent>): void {
    this.#presenceSent = { ...this.#presenceSent, ...change }
    this.#presenceTimer ??= this.#after(PRESENCE_EVERY_MS, () => this.#sendPresence())
  }

  async command<C extends CommandName>(name: C, body: CommandSent<C>): Promise<CommandReply<C>> {
    // reason: the server answers a command with what its row in the table says.
    return (await this.#queue.add(name, body)) as CommandReply<C>
  }

  async request<N extends RequestName>(name: N, sent: Sent<N>): Promise<Reply<N>> {
    // Nothing is sent while there is no connection: socket.io would keep and replay it later.
    if (!this.#socket.connected) throw new CommandError('offline', NO_CONNECTION)
    let raw: unknown
    try {
      raw = await this.#socket.timeout(ANSWER_WITHIN_MS).emitWithAck(name, sent)
    } catch {
      throw new CommandError('offline', 'The server did not answer in time.')
    }
    const answer = Answer.parse(raw)
    if (!answer.ok) throw new CommandError(answer.code, answer.sentence, answer.detail)
    // reason: the schema is this very request's; TypeScript cannot correlate the table's row with N.
    return REQUESTS[name].reply.parse(answer.value) as Reply<N>
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isOpen = false
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    globalThis.removeEventListener?.('pagehide', this.#onPageHide)
    const lastCommand = this.#queue.close()
    this.#socket.removeAllListeners()
    this.#socket.io.reconnection(false)
    // socket.io drops what it reads together with a goodbye: the last letters are answered first, or given up.
    const lastWords = Promise.allSettled([this.document.flush(), lastCommand])
    this.document.destroy()
    const givenUp = setTimeout(() => this.#socket.disconnect(), GOODBYE_MS)
    void lastWords.then(() => {
      clearTimeout(givenUp)
      this.#socket.disconnect()
    })
    void this.#device.close()
  }

  readonly #onPageHide = () => void this.document.flush()

  #listen(): void {
    const socket = this.#socket
    socket.on('connect', () => void this.#open())
    socket.on('disconnect', (reason) => {
      this.#lost('connecting')
      // socket.io comes back by itself, except when the server closed the connection.
      if (reason === 'io server disconnect') this.#reconnect()
    })
    socket.on('connect_error', () => {
      this.#lost('offline')
      // Refused by the server (session, or it cannot tell at the moment): socket.io gives up, we do not.
      if (!socket.active) this.#reconnect()
    })
    this.#on('room:event', (value) => this.#arrived(value))
    this.#on('members:changed', () => void this.#reloadMembers())
    this.#on('presence:changed', ({ connectionId, state }) => this.#presenceChanged(connectionId, state))
    this.#on('capture:progressed', (progress) => {
      this.progress.set(new Map(this.progress.getSnapshot()).set(progress.captureId, progress))
    })
    this.#on('series:extended', (points) => {
      for (const listener of this.#points) listener(points)
    })
    this.#on('doc:updated', (fact) => this.document.updated(fact))
    this.#on('doc:ticked', (fact) => this.document.ticked(fact))
    this.#on('doc:awareness-changed', (fact) => this.document.caretsChanged(fact))
    this.#on('doc:resync', () => this.document.resync())
    this.#on('doc:degraded', ({ degraded }) => this.document.degraded(degraded))
    this.#on('room:role', ({ role }) => this.#roleChanged(role))
    this.#on('server:draining', () => this.#setStatus({ draining: true }))
  }

  #on<N extends AnnouncementName>(name: N, hear: (fact: Announced<N>) => void): void {
    const event: string = name
    this.#socket.on(event, (value: unknown) => {
      const fact = ANNOUNCEMENTS[name].safeParse(value)
      // A server of another version may say what this page does not know; the page asks again on its next visit.
      // reason: parsed by this very announcement's schema.
      if (fact.success && !this.#isClosed) hear(fact.data as Announced<N>)
    })
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempt
    try {
      const { investigationId } = this
      const since = this.#confirmed.seq
      const reply = await this.request('room:open', { v: PROTOCOL_VERSION, investigationId, since })
      if (attempt !== this.#attempt || this.#isClosed) return
      this.#opened(reply)
    } catch (error) {
      if (attempt !== this.#attempt || this.#isClosed) return
      if (error instanceof CommandError && error.code === 'access/unknown') this.#roleChanged(null)
      else this.#after(RETRY_MS, () => this.#socket.connected && void this.#open())
    }
  }

  #opened(reply: Reply<'room:open'>): void {
    if (reply.state) this.#confirm(reply.state)
    for (const event of reply.events ?? []) this.#take(readRoomEvent(event))
    this.#isOpen = true
    // The log does not tell what happened in the team meanwhile.
    if (!reply.state) void this.#reloadMembers()
    this.connectionId.set(reply.connectionId)
    this.presence.set(reply.presence)
    this.#setStatus({ link: 'online', role: reply.role, draining: false })
    this.document.roleChanged(atLeast(reply.role, 'editor'))
    this.#sendPresence()
    this.#takeEarly()
    this.document.connected()
    this.#queue.run()
  }

  #lost(link: LinkStatus['link']): void {
    this.#attempt++
    const wasOpen = this.#isOpen
    this.#isOpen = false
    this.#setStatus({ link })
    if (!wasOpen) return
    this.presence.set([])
    this.progress.set(new Map())
    this.document.disconnected()
  }

  #reconnect(): void {
    this.#after(RETRY_MS, () => {
      if (!this.#socket.connected && this.status.getSnapshot().role !== null) this.#socket.connect()
    })
  }

  #roleChanged(role: Role | null): void {
    this.#setStatus({ role })
    this.document.roleChanged(role !== null && atLeast(role, 'editor'))
    if (role === null) this.#lost('offline')
  }

  // --- the log ---

  #arrived(value: unknown): void {
    let event: RoomEvent
    try {
      event = readRoomEvent(value)
    } catch {
      // Of a newer server: the page lacks its meaning, and says so by staying behind until it is reloaded.
      return
    }
    if (this.#isOpen && event.seq <= this.#confirmed.seq + 1) this.#take(event)
    else {
      this.#early.push(event)
      if (this.#isOpen) void this.#fill()
    }
    if (this.#early.length > 0 && this.#isOpen) this.#takeEarly()
  }

  #take(event: RoomEvent): void {
    if (event.seq <= this.#confirmed.seq) return
    this.#confirm(applyRoomEvent(this.#confirmed, event))
    this.#forgetProgress(event)
    for (const listener of this.#events) listener(event)
  }

  #takeEarly(): void {
    const early = this.#early.sort((a, b) => a.seq - b.seq)
    this.#early = []
    for (const event of early) {
      if (event.seq <= this.#confirmed.seq + 1) this.#take(event)
      else this.#early.push(event)
    }
    if (this.#early.length > 0) void this.#fill()
  }

  /** Asks for what lies between. */
  async #fill(): Promise<void> {
    if (this.#isFilling) return
    this.#isFilling = true
    try {
      const { events } = await this.request('room:since', { seq: this.#confirmed.seq })
      for (const event of events) this.#take(readRoomEvent(event))
    } catch {
      // Disconnected: opening again tells.
    } finally {
      this.#isFilling = false
    }
    this.#early = this.#early.filter(({ seq }) => seq > this.#confirmed.seq)
    if (this.#early.length > 0 && this.#isOpen) this.#after(100, () => this.#takeEarly())
  }

  async #reloadMembers(): Promise<void> {
    try {
      const people = await this.request('room:members', {})
      if (!this.#isClosed) this.#confirm({ ...this.#confirmed, ...people })
    } catch {
      // Disconnected: opening again asks again.
    }
  }

  #confirm(state: RoomState): void {
    this.#confirmed = state
    this.#show()
  }

  #show(): void {
    this.state.set(withPending(this.#confirmed, this.#queue?.pending() ?? [], this.me.userId))
  }

  #queueChanged(): void {
    this.#setStatus({ queued: this.#queue.length })
    this.#show()
  }

  #forgetProgress(event: RoomEvent): void {
    if (event.type !== 'capture:state-changed' && event.type !== 'capture:removed') return
    const id = event.type === 'capture:removed' ? event.payload.captureId : event.payload.capture.id
    const isOnItsWay =
      event.type === 'capture:state-changed' &&
      ['uploading', 'queued', 'reading'].includes(event.payload.capture.state)
    const progress = this.progress.getSnapshot()
    if (isOnItsWay || !progress.has(id)) return
    const others = new Map(progress)
    others.delete(id)
    this.progress.set(others)
  }

  // --- presence ---

  #presenceChanged(connectionId: string, state: PresenceState | null): void {
    const others = this.presence.getSnapshot().filter((each) => each.connectionId !== connectionId)
    this.presence.set(state ? [...others, state] : others)
  }

  #sendPresence(): void {
    this.#presenceTimer = undefined
    if (this.#isOpen) this.request('presence:set', this.#presenceSent).catch(() => {})
  }

  #setStatus(change: Partial<LinkStatus>): void {
    const before = this.status.getSnapshot()
    const next = { ...before, ...change }
    if (JSON.stringify(before) !== JSON.stringify(next)) this.status.set(next)
  }

  #after(ms: number, run: () => void): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (!this.#isClosed) run()
    }, ms)
    this.#timers.add(timer)
    return timer
  }
}
