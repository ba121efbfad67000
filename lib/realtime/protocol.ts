import { z } from 'zod'
import { CaptureId, DocId, InvestigationId, SeriesId, UserId } from '#lib/investigation/ids'
import { Role } from '#lib/investigation/roles'
import { RoomState } from '#lib/investigation/room-state'
import { MessageRow } from '#lib/investigation/rows'
import { COMMANDS, type CommandName } from './commands.ts'

/** The protocol's version. A client with another one reloads the page. */
export const PROTOCOL_VERSION = 1
export const SOCKET_PATH = '/rt'

/**
 * Update bytes arrive as a Node Buffer, a Uint8Array or an ArrayBuffer, by platform; short ones as base64 text, which
 * travels in one frame instead of two (lib/collab/bytes.ts).
 */
export const Binary = z.custom<Uint8Array | ArrayBuffer | string>(
  (value) => typeof value === 'string' || value instanceof Uint8Array || value instanceof ArrayBuffer,
)

/** What a socket request needs to be: proof that the gate gave for the room. `none`: before a room is open. */
export type Needs = 'none' | 'read' | 'write'

/** Who is here. The server fills in who; the browser says where and where it points. Never stored. */
export const PresenceSent = z.object({
  /** The panel that the person looks at: graph, growth, snapshots, notes, timeline, hypotheses, discussion, capture. */
  panel: z.string().max(60).default('graph'),
  /** Cursor on the graph in data time, epoch ms. */
  graphTime: z.number().nullable().default(null),
  /** Typing in the discussion? */
  typing: z.boolean().default(false),
  /** The hypothesis that is being edited. */
  editing: z.string().max(60).nullable().default(null),
})
export type PresenceSent = z.infer<typeof PresenceSent>
export const PresenceState = PresenceSent.extend({
  /** One per connection: a person with two tabs is here twice and shown once. */
  connectionId: z.string(),
  userId: UserId,
  name: z.string(),
  /** 0 to 7, index of the person's colour; the same for the person on every page. */
  color: z.int().min(0).max(7),
  role: Role,
})
export type PresenceState = z.infer<typeof PresenceState>

/** Answers of `doc:push`. `seq` only after PostgreSQL's commit. */
export const PushReply = z.discriminatedUnion('ok', [
  /** `tick`: the number that the update got among this document's broadcasts; none when it brought nothing new. */
  z.object({ ok: z.literal(true), seq: z.number(), tick: z.number().optional() }),
  z.object({
    ok: z.literal(false),
    code: z.enum([
      'readonly',
      'stale-epoch',
      'gap',
      'too-big',
      'garbage',
      'foreign-client',
      'rate',
      'busy',
      'closed',
    ]),
  }),
])
export type PushReply = z.infer<typeof PushReply>

/** What a browser may ask over the socket. One entry: what it sends, what it gets back, what proof it takes. */
export const REQUESTS = {
  /** Opens a room: joins it, and answers its state, or, with `since`, says from where to tail. */
  'room:open': {
    needs: 'none',
    send: z.object({
      v: z.literal(PROTOCOL_VERSION),
      investigationId: InvestigationId,
      since: z.int().nonnegative().optional(),
    }),
    reply: z.object({
      role: Role,
      connectionId: z.string(),
      /** The whole state, or the events after `since` when they are few. */
      state: RoomState.optional(),
      events: z.array(z.unknown()).optional(),
      presence: z.array(PresenceState),
      docId: DocId,
    }),
  },
  /** The log after `seq`, at most 500 at a time: fills a gap, pages the timeline. */
  'room:since': {
    needs: 'read',
    send: z.object({ seq: z.int().nonnegative() }),
    reply: z.object({ events: z.array(z.unknown()), head: z.number() }),
  },
  /** The log before `seq`, newest first, at most 100: scrolling the timeline back. */
  'room:before': {
    needs: 'read',
    send: z.object({ seq: z.int().positive() }),
    reply: z.object({ events: z.array(z.unknown()) }),
  },
  /** Messages before `seq`, at most 100. */
  'messages:before': {
    needs: 'read',
    send: z.object({ seq: z.int().positive() }),
    reply: z.object({ messages: z.array(MessageRow) }),
  },
  /** Who is in the room and who was: a team's members change without the room's log. */
  'room:members': {
    needs: 'read',
    send: z.object({}),
    reply: RoomState.pick({ members: true, formerNames: true }),
  },
  'room:command': {
    needs: 'write',
    send: z.object({
      key: z.uuid(),
      name: z.enum(Object.keys(COMMANDS) as [CommandName, ...CommandName[]]),
      body: z.unknown(),
    }),
    reply: z.unknown(),
  },
  'presence:set': { needs: 'read', send: PresenceSent, reply: z.object({}) },
  /** State vectors both ways: one round trip tells each side what the other lacks (docs/realtime.md). */
  'doc:open': {
    needs: 'read',
    send: z.object({
      v: z.literal(PROTOCOL_VERSION),
      docId: DocId,
      epoch: z.int().optional(),
      stateVector: Binary,
      clientId: z.int().nonnegative(),
    }),
    reply: z.discriminatedUnion('state', [
      z.object({
        state: z.literal('open'),
        epoch: z.int(),
        writable: z.boolean(),
        /** What the browser lacks. */
        missing: Binary,
        /** What the server holds, so that the browser can send what the server lacks. */
        stateVector: Binary,
        seq: z.number(),
        /** The newest broadcast that `missing` holds. */
        tick: z.number(),
        /** Awareness of everybody else in the document. */
        awareness: Binary.nullable(),
        /** What is stored was damaged lately, and some text could not be restored. */
        isIncomplete: z.boolean().optional(),
      }),
      z.object({ state: z.literal('epoch-mismatch'), epoch: z.int() }),
      z.object({ state: z.literal('too-many') }),
    ]),
  },
  'doc:push': {
    needs: 'read',
    send: z.object({
      docId: DocId,
      epoch: z.int(),
      update: Binary,
      /** Only when a peer's update is brought back that the server lost: what the server gave with it. */
      voucher: z.object({ authorId: UserId, mac: z.string().max(100) }).optional(),
    }),
    reply: PushReply,
  },
  'doc:awareness': { needs: 'read', send: z.object({ docId: DocId, update: Binary }), reply: z.object({}) },
  'doc:close': { needs: 'read', send: z.object({ docId: DocId }), reply: z.object({}) },
} as const satisfies Record<string, { needs: Needs; send: z.ZodType; reply: z.ZodType }>

export type RequestName = keyof typeof REQUESTS
export type Sent<N extends RequestName> = z.input<(typeof REQUESTS)[N]['send']>
export type Received<N extends RequestName> = z.output<(typeof REQUESTS)[N]['send']>
export type Reply<N extends RequestName> = z.output<(typeof REQUESTS)[N]['reply']>

/** Every request is answered with one of these. `code` is a FailureCode, or "bug". */
export const Answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.string(), sentence: z.string(), detail: z.unknown().optional() }),
])
export type Answer = z.infer<typeof Answer>

/** Live progress of a capture on its way in. Volatile: the row tells the state, this tells how far. */
export const CaptureProgress = z.object({
  captureId: CaptureId,
  stage: z.enum([
    'uploading',
    'hashing',
    'unpacking',
    'reading',
    'linking',
    'dominators',
    'grouping',
    'columns',
    'storing',
  ]),
  /** 0 to 1 within the stage, or null when the end is not known. */
  ratio: z.number().min(0).max(1).nullable(),
  bytesDone: z.number(),
  bytesTotal: z.number().nullable(),
  bytesPerSecond: z.number(),
  userName: z.string(),
})
export type CaptureProgress = z.infer<typeof CaptureProgress>

/** What the server announces to a room. Past-tense facts. */
export const ANNOUNCEMENTS = {
  /** One event of the log (lib/investigation/events.ts), in order; a gap is filled with `room:since`. */
  'room:event': z.unknown(),
  /** Somebody came, went or got another role: ask `room:members`. */
  'members:changed': z.object({}),
  'presence:changed': z.object({ connectionId: z.string(), state: PresenceState.nullable() }),
  'capture:progressed': CaptureProgress,
  /** New live points, at most 10 batches a second. `pids`: the process of each, 0 where it is not known; absent: of none. */
  'series:extended': z.object({
    seriesId: SeriesId,
    t: z.array(z.number()),
    v: z.array(z.number()),
    pids: z.array(z.number()).optional(),
  }),
  'doc:updated': z.object({
    docId: DocId,
    update: Binary,
    /** Contiguous per document and node; the sender learns its own from the reply. A hole: something was missed. */
    tick: z.number(),
    /** Proof that the server accepted this update from that person (docs/realtime.md, "Vouchers"). */
    authorId: UserId.nullable(),
    mac: z.string(),
  }),
  /** The newest tick, a moment after the last update: shows a hole at the end. */
  'doc:ticked': z.object({ docId: DocId, tick: z.number() }),
  'doc:awareness-changed': z.object({ docId: DocId, update: Binary }),
  /** The browser has missed something: open again with the state vector. */
  'doc:resync': z.object({ docId: DocId, reason: z.string() }),
  /** The document cannot be stored at the moment: the page says so. */
  'doc:degraded': z.object({ docId: DocId, degraded: z.boolean() }),
  /** Role changed or ended (null). */
  'room:role': z.object({ role: Role.nullable() }),
  /** The server is about to restart: the browser reconnects by itself. */
  'server:draining': z.object({}),
} as const satisfies Record<string, z.ZodType>

export type AnnouncementName = keyof typeof ANNOUNCEMENTS
export type Announced<N extends AnnouncementName> = z.output<(typeof ANNOUNCEMENTS)[N]>

/** Names of the room document's fragments: the notes, and each hypothesis's rationale and next step. */
export const FRAGMENTS = {
  notes: 'notes',
  rationale: (id: string) => `hyp:${id}:rationale`,
  nextStep: (id: string) => `hyp:${id}:next`,
} as const
