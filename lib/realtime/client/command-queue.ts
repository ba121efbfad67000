import type { InvestigationId } from '#lib/investigation/ids'
import { COMMANDS, type CommandName } from '../commands.ts'
import type { DeviceStore } from './device-store.ts'
import { newId } from './ids.ts'
import { type Pending, parseCommand } from './optimistic.ts'
import { CommandError } from './room-types.ts'

interface Entry extends Pending {
  readonly key: string
  /** Not there for a command of an earlier page. */
  readonly settle: { resolve(reply: unknown): void; reject(error: CommandError): void } | undefined
  tries: number
}

interface QueuePort {
  /** Sends one; rejects with CommandError. */
  send(command: { key: string; name: CommandName; body: unknown }): Promise<unknown>
  isOnline(): boolean
  /** What waits has changed. */
  changed(): void
  /** A command of an earlier page was refused: nobody waits for its promise. */
  refused(name: CommandName, error: CommandError): void
}

/** Answers after which the same command may succeed: it stays in line. */
const PASSING = new Set(['offline', 'request/too-often', 'bug'])
const MAX_BUG_TRIES = 3
const RETRY_MS = 1000
/** The event with the row comes right after the answer; until then the page goes on showing the command's effect. */
const LINGER_MS = 1500

const SENT_NEXT_TIME = 'The page was left before this was answered. It is sent next time.'
const PERHAPS_NOT_DONE = 'The page was left before this was answered. Look whether it was done.'

/**
 * Commands in order, one under way. Each carries its key, so sending one twice (a lost answer, a reload) does it once.
 */
export class CommandQueue {
  readonly #room: InvestigationId
  readonly #device: DeviceStore
  readonly #port: QueuePort
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #entries: Entry[] = []
  #lingering: Entry[] = []
  #isRunning = false
  #running: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(room: InvestigationId, device: DeviceStore, port: QueuePort) {
    this.#room = room
    this.#device = device
    this.#port = port
  }

  /** How many wait. */
  get length(): number {
    return this.#entries.length
  }

  /** What the page shows already. */
  pending(): readonly Pending[] {
    return [...this.#lingering, ...this.#entries]
  }

  /** Takes up what an earlier page left on this device. */
  async restore(): Promise<void> {
    const kept = await this.#device.commands(this.#room)
    if (this.#isClosed) return
    const known = new Set(this.#entries.map(({ key }) => key))
    const restored = kept.flatMap(({ key, name, body }): Entry[] => {
      if (known.has(key) || !isCommandName(name)) return []
      return [{ key, name, body, at: Date.now(), settle: undefined, tries: 0 }]
    })
    if (restored.length === 0) return
    this.#entries = [...restored, ...this.#entries]
    this.#port.changed()
    this.run()
  }

  add(name: CommandName, body: unknown): Promise<unknown> {
    let parsed: unknown
    try {
      parsed = parseCommand(name, body)
    } catch {
      return Promise.reject(
        new CommandError('request/malformed', 'This cannot be sent as it is. Look at what was entered.'),
      )
    }
    const key = newId()
    void this.#device.keepCommand(this.#room, { key, name, body: parsed })
    return new Promise((resolve, reject) => {
      this.#entries.push({ key, name, body: parsed, at: Date.now(), settle: { resolve, reject }, tries: 0 })
      this.#port.changed()
      this.run()
    })
  }

  /** Sends what waits, if there is a connection. */
  run(): void {
    if (this.#isRunning || this.#isClosed) return
    this.#isRunning = true
    this.#running = this.#drain().finally(() => {
      this.#isRunning = false
    })
  }

  /**
   * Ends the queue. The command under way is done or not, nobody is told any more; the others wait on this device for the
   * next page, or, where the browser keeps nothing, are given up.
   * @returns when the command under way is answered
   */
  close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    for (const { settle } of this.#entries) {
      settle?.reject(new CommandError('offline', this.#device.isLasting ? SENT_NEXT_TIME : PERHAPS_NOT_DONE))
    }
    return this.#running
  }

  async #drain(): Promise<void> {
    for (
      let entry = this.#entries[0];
      entry && this.#port.isOnline() && !this.#isClosed;
      entry = this.#entries[0]
    ) {
      const { key, name, body } = entry
      try {
        const reply = await this.#port.send({ key, name, body })
        this.#remove(entry, true)
        entry.settle?.resolve(reply)
      } catch (error) {
        const failure = error instanceof CommandError ? error : new CommandError('bug', String(error))
        entry.tries++
        const mayPass = PASSING.has(failure.code) && (failure.code !== 'bug' || entry.tries < MAX_BUG_TRIES)
        if (mayPass) return this.#later()
        this.#remove(entry, false)
        if (entry.settle) entry.settle.reject(failure)
        else this.#port.refused(name, failure)
      }
    }
  }

  #later(): void {
    if (!this.#isClosed) this.#after(RETRY_MS, () => this.run())
  }

  #remove(entry: Entry, isDone: boolean): void {
    this.#entries = this.#entries.filter((other) => other !== entry)
    void this.#device.forgetCommand(entry.key)
    if (isDone && !this.#isClosed) {
      this.#lingering.push(entry)
      this.#after(LINGER_MS, () => {
        this.#lingering = this.#lingering.filter((other) => other !== entry)
        this.#port.changed()
      })
    }
    this.#port.changed()
  }

  #after(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, ms)
    this.#timers.add(timer)
  }
}

const isCommandName = (name: string): name is CommandName => name in COMMANDS
