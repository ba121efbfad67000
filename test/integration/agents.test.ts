import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { ASKED_MS, hearAgent, listAgents, noteSnapshot } from '#lib/db/agents'
import { db } from '#lib/db/client'
import { runCommand } from '#lib/db/commands'
import { listSeries, loadSamples } from '#lib/db/series'
import { AGENT_SILENCE_MS } from '#lib/investigation/agents'
import { SeriesId } from '#lib/investigation/ids'
import { type AgentFront, openAgentFront } from '#test/build/agent-front'
import { buildNode, captureIn, heapReportOf, type TestNode, until } from '#test/build/reading'

const AGENTS = resolve('public/agent')
const has = (program: string) => spawnSync(program, ['--help']).error === undefined
const SHELLS = [['sh'], ['dash'], ['busybox', 'sh']].filter(([shell]) => has(shell ?? ''))

let node: TestNode
let front: AgentFront
const children: ChildProcess[] = []

beforeAll(async () => {
  node = await buildNode(inject('templateUrl'))
})
afterAll(() => node.close())
beforeEach(async () => {
  front = await openAgentFront(node)
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null || !child.pid) continue
    const gone = new Promise((exited) => child.once('exit', exited))
    process.kill(-child.pid, 'SIGTERM')
    await gone
  }
  await front.close()
})

/** A real process; it is killed after the test. What it says on stderr is in `said`. */
function start(command: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(command, args, {
    env: {
      ...process.env,
      LEAKROOM_URL: front.url,
      LEAKROOM_TOKEN: node.token,
      LEAKROOM_EVERY: '1',
      LEAKROOM_SEND: '1',
      NODE_OPTIONS: '',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it starts ends with it.
    detached: true,
  })
  children.push(child)
  const started = { child, said: '', ended: new Promise<number | null>((done) => child.once('exit', done)) }
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => {
      started.said += text
    })
  return started
}

const agentOf = (name: string) =>
  until(
    async () => (await listAgents(node.room.viewer)).find((one) => one.process === name && one.alive),
    `the agent of ${name}`,
  )
const seriesOf = (processName: string, ...names: string[]) =>
  until(
    async () => {
      const rows = (await listSeries(node.room.viewer)).filter((row) => row.process === processName)
      return names.every((name) => rows.some((row) => row.name === name)) ? rows : undefined
    },
    `the series ${names.join(', ')} of ${processName}`,
  )
const ask = (agentId: string, id: string = randomUUID()) =>
  runCommand(node.room.editor, randomUUID(), 'snapshot:ask', { id, agentId })

describe.each(SHELLS)('the agent in %s', (shell, ...more) => {
  it('sends the memory of a process tree that it does not touch, and keeps samples through an outage', async () => {
    const name = `tree-${shell}`
    const watched = start('sh', ['-c', 'sleep 300 & sleep 300 & wait'])
    const args = ['--pid', String(watched.child.pid), '--process', name]
    const agent = start(shell, [...more, `${AGENTS}/leakroom-agent.sh`, ...args])
    expect(await agentOf(name)).toMatchObject({ runtime: 'sh', canSnapshot: false, pid: watched.child.pid })
    const rows = await seriesOf(name, 'rss', 'tree-rss', 'children')
    expect(rows.find((row) => row.name === 'rss')?.unit).toBe('bytes')

    front.isDown = true
    const before = await db().series.findFirstOrThrow({ where: { process: name, name: 'rss' } })
    await until(async () => (front.refused > 1 ? true : undefined), 'two refused requests')
    front.isDown = false
    // All that was sampled meanwhile comes at once: no gap of more than a few samples.
    const after = await until(async () => {
      const row = await db().series.findFirstOrThrow({ where: { id: before.id } })
      return Number(row.points) >= Number(before.points) + 3 ? row : undefined
    }, 'the samples of the outage')
    expect(Number(after.points)).toBeGreaterThan(Number(before.points))
    expect(agent.said).toBe('')
    expect(watched.child.exitCode).toBeNull()
  }, 60_000)
})

/** Rows of the two runtimes: how a host program is started, and what its snapshot is read as. */
const RUBY = `
  def app(env) = [env[:broken] ? 500 : 200, {}, []]
  middleware = Leakroom::Middleware.new(method(:app))
  KEPT = Array.new(2000) { |i| "kept #{i}" }
  12.times { |i| middleware.call({ broken: i == 0 }) }
  $stdout.puts 'ready'
  $stdout.flush
  sleep
`
const NODE = `
  const { countRequest } = await import('file://${AGENTS}/leakroom.mjs')
  globalThis.kept = Array.from({ length: 2000 }, (_, i) => ({ i }))
  for (let i = 0; i < 12; i++) countRequest(i === 0)
  console.log('ready')
  setInterval(() => {}, 1000)
`
const RUNTIMES = [
  {
    runtime: 'ruby',
    args: ['-r', `${AGENTS}/leakroom.rb`, '-e', RUBY],
    series: ['rss', 'heap-committed', 'heap-live', 'heap-live-slots', 'requests', 'failures'],
    format: /Ruby/,
  },
  {
    runtime: 'node',
    args: ['--input-type=module', '-e', NODE],
    series: ['rss', 'heap-live', 'old-space', 'requests', 'failures'],
    format: /V8|DevTools|snapshot/i,
  },
] as const

for (const { runtime, args, series, format } of RUNTIMES) {
  const there = has(runtime)
  describe.skipIf(!there)(`the agent in ${runtime}${there ? '' : ' (not installed here)'}`, () => {
    it('is alive within seconds, and brings a snapshot when somebody asks', async () => {
      const name = `app-${runtime}`
      const host = start(runtime, args, { LEAKROOM_PROCESS: name })
      const agent = await agentOf(name)
      expect(agent).toMatchObject({ runtime, canSnapshot: true, pid: host.child.pid, snapshot: null })
      await seriesOf(name, ...series)

      const id = randomUUID()
      const asked = Date.now()
      expect(await ask(agent.id, id)).toMatchObject({ id, state: 'asked' })
      await expect(ask(agent.id)).rejects.toThrow(/taking a snapshot already/)
      const row = await captureIn(id, 'ready')
      expect(row).toMatchObject({ process: name, requestCount: 12 })
      expect(row.format).toMatch(format)
      expect(row.takenAt).toBeGreaterThan(asked - 5_000)
      expect(row.takenAt).toBeLessThan(Date.now() + 5_000)
      expect((await heapReportOf(node.room.viewer, id)).totals.objects).toBeGreaterThan(2000)
      const [now] = (await listAgents(node.room.viewer)).filter((one) => one.process === name)
      expect(now?.snapshot).toMatchObject({ id, state: 'done' })
      expect(host.said).toBe('ready\n')
      expect(host.child.exitCode).toBeNull()
    }, 90_000)

    it('goes on sampling while the room takes its time', async () => {
      const name = `slow-${runtime}`
      start(runtime, args, { LEAKROOM_PROCESS: name })
      await seriesOf(name, 'rss')
      const { id } = await db().series.findFirstOrThrow({ where: { process: name, name: 'rss' } })
      const times = async () => [...(await loadSamples(node.room.viewer, SeriesId.parse(id), {})).t]
      const before = (await times()).length
      let release = () => {}
      front.held = new Promise((goOn) => {
        release = goOn
      })
      setTimeout(() => {
        front.held = null
        release()
      }, 5_000)
      const t = await until(async () => {
        const all = await times()
        return all.length >= before + 8 ? all : undefined
      }, 'the samples of meanwhile')
      const gaps = t.slice(1).map((at, i) => at - (t[i] ?? at))
      expect(Math.max(...gaps)).toBeLessThan(3_500)
    }, 60_000)

    it('leaves a host alone whose room cannot be reached, and one without a token', async () => {
      front.isDown = true
      const short = runtime === 'ruby' ? ['-r', `${AGENTS}/leakroom.rb`, '-e', 'sleep 2.5; puts :end'] : null
      const script = short ?? [
        '--import',
        `${AGENTS}/leakroom.mjs`,
        '-e',
        "setTimeout(() => console.log('end'), 2500)",
      ]
      const cut = start(runtime, script)
      const silent = start(runtime, script, { LEAKROOM_TOKEN: '' })
      expect(await Promise.all([cut.ended, silent.ended])).toEqual([0, 0])
      expect([cut.said, silent.said]).toEqual(['end\n', 'end\n'])
      expect(front.refused).toBeGreaterThan(0)
    }, 60_000)
  })
}

describe.skipIf(!has('ruby'))('a Ruby process that forks', () => {
  it('has a series of its own for each child, so that two pids never look like restarts', async () => {
    const script = 'fork { sleep }; sleep'
    start('ruby', ['-r', `${AGENTS}/leakroom.rb`, '-e', script], { LEAKROOM_PROCESS: 'puma' })
    const parent = await agentOf('puma')
    const child = await agentOf('puma fork 1')
    expect(child.pid).not.toBe(parent.pid)
    process.kill(child.pid, 'SIGKILL')
  }, 60_000)
})

describe('asking for a snapshot', () => {
  const facts = (name: string) =>
    ({ host: 'h', process: name, pid: 1, runtime: 'ruby', version: '3.4', canSnapshot: true }) as const
  const NOW = new Date('2026-11-23T12:00:00Z')
  const after = (ms: number) => new Date(NOW.getTime() + ms)

  it('is refused when the agent is gone, cannot take one, or is not of this room', async () => {
    const { agentId } = await hearAgent(node.room.machine, facts('gone'), after(-AGENT_SILENCE_MS))
    await expect(ask(agentId)).rejects.toThrow(/does not answer/)
    const outside = await hearAgent(node.room.machine, { ...facts('outside'), canSnapshot: false })
    await expect(ask(outside.agentId)).rejects.toThrow(/watches from outside/)
    await expect(ask(randomUUID())).rejects.toMatchObject({ code: 'request/not-found' })
    const byMachine = { id: randomUUID(), agentId }
    await expect(runCommand(node.room.machine, randomUUID(), 'snapshot:ask', byMachine)).rejects.toThrow()
  })

  it('ends by itself when the agent does not take it up, and can be asked anew', async () => {
    const { agentId } = await hearAgent(node.room.machine, facts('slow'))
    const { id } = await ask(agentId)
    const late = new Date(Date.now() + ASKED_MS + 1000)
    const shown = (await listAgents(node.room.viewer, late)).find((agent) => agent.id === agentId)
    expect(shown?.snapshot).toMatchObject({ id, state: 'timed-out' })
    expect(await noteSnapshot(node.room.machine, id, { state: 'taking' }, late)).toBe(false)
    expect((await hearAgent(node.room.machine, facts('slow'), late)).request).toBeNull()
    const key = randomUUID()
    const again = { id: randomUUID(), agentId }
    expect((await runCommand(node.room.editor, key, 'snapshot:ask', again, late)).state).toBe('asked')
  })

  it('tells the room why it failed', async () => {
    const { agentId } = await hearAgent(node.room.machine, facts('full'))
    const { id } = await ask(agentId)
    expect((await hearAgent(node.room.machine, facts('full'))).request?.id).toBe(id)
    expect(await noteSnapshot(node.room.machine, id, { state: 'taking' })).toBe(true)
    expect((await hearAgent(node.room.machine, facts('full'))).request).toBeNull()
    await noteSnapshot(node.room.machine, id, { state: 'failed', problem: 'no space left' })
    const shown = (await listAgents(node.room.viewer)).find((agent) => agent.id === agentId)
    expect(shown?.snapshot).toMatchObject({ state: 'failed', problem: 'no space left' })
    const told = await db().roomEvent.findFirstOrThrow({ where: { type: 'snapshot:failed' } })
    expect(told.payload).toMatchObject({ process: 'full', problem: 'no space left' })
  })

  it('is for this room’s token only', async () => {
    const { agentId } = await hearAgent(node.room.machine, facts('mine'))
    const { id } = await ask(agentId)
    const wrong = await fetch(`${front.url}/api/agent/snapshot`, {
      method: 'POST',
      headers: { Authorization: 'Bearer lr_guessed' },
      body: JSON.stringify({ id, state: 'taking' }),
    })
    expect(wrong.status).toBe(401)
  })
})
