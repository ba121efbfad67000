import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { main } from '#lib/cli/main'
import { Conclusions } from '#lib/jobs/conclusions'
import { ExperimentJudge } from '#lib/jobs/experiment-judge'
import { buildExperiment, standingOf } from '#test/build/experiments'
import { buildNode, type TestNode } from '#test/build/reading'
import { command } from '#test/build/room'
import { POST } from '../../app/api/ingest/route.ts'
import { GET } from '../../app/api/investigations/[investigationId]/experiments/[experimentId]/route.ts'

let node: TestNode
let conclusions: Conclusions
let folder = ''
let server: Server
let address = ''

beforeAll(async () => {
  node = await buildNode(inject('templateUrl'))
  conclusions = new Conclusions({
    concluders: [new ExperimentJudge(node.reading.pool)],
    log: pino({ level: 'silent' }),
  })
  folder = mkdtempSync(join(tmpdir(), 'leakroom-experiment-'))
  // The two routes as Next would serve them.
  server = createServer(async (request, response) => {
    const answer = await answerTo(request)
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // reason: a TCP server that listens has an address with a port.
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/i/${node.room.id}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await conclusions.close()
  await node.close()
  rmSync(folder, { recursive: true, force: true })
})

async function answerTo(request: IncomingMessage): Promise<Response> {
  let body = ''
  for await (const piece of request) body += piece
  const headers = { authorization: request.headers.authorization ?? '' }
  const url = `http://room${request.url}`
  if (request.method === 'POST') return POST(new Request(url, { method: 'POST', headers, body }))
  const [, investigationId = '', experimentId = ''] =
    /^\/api\/investigations\/([^/]+)\/experiments\/([^/]+)$/.exec(request.url ?? '') ?? []
  return GET(new Request(url, { headers }), { params: Promise.resolve({ investigationId, experimentId }) })
}

async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const [name = '', ...rest] = args
  const status = await main([name, '--room', address, '--token', node.token, ...rest], {
    out: (text) => {
      said.out += `${text}\n`
    },
    err: (text) => {
      said.err += `${text}\n`
    },
  })
  return { status, ...said }
}

/** Under A it keeps 200 kB every 20 ms, under B nothing; it ends only when it is ended. */
const PROGRAM = `const kept = []; setInterval(() => {
  if (process.env.LEAKROOM_CONDITION === 'A') kept.push(Buffer.alloc(200_000, 1)) }, 20)`

describe('leakroom experiment', () => {
  it('makes all runs that are left in the drawn order, each with its condition set up, and prints the result', async () => {
    const { experiment } = await buildExperiment(node.room, { perArm: 3, iterations: 'every 0.05 s' })
    const log = join(folder, 'order.txt')
    const said = (condition: string) => `echo ${condition} $LEAKROOM_EXPERIMENT/$LEAKROOM_RUN >> ${log}`
    const { status, out, err } = await run(
      'experiment',
      ...['--before-a', said('A'), '--before-b', said('B'), '--seconds', '2', '--every', '0.1', '--quiet'],
      ...[String(experiment.number), '--', process.execPath, '-e', PROGRAM],
    )
    expect({ status, err }).toMatchObject({ status: 0, err: expect.stringContaining('6 runs are left: ') })
    const { runs, experiment: row } = await standingOf(experiment.id)
    expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual(
      runs.map(({ condition, position }) => `${condition} 1/${position}`),
    )
    for (const one of runs) {
      expect(one).toMatchObject({
        state: 'done',
        endedBy: 'mark',
        process: `experiment 1, run ${one.position} (${one.condition})`,
      })
      expect(one.reading?.iterations).toBeGreaterThan(10)
    }
    // What so short runs say is the room's business: that it has judged all of them is ours.
    expect(row.conclusion).toMatchObject({ runsLeft: 0 })
    expect(out.split('\n')[0]).toBe(row.conclusion!.words)
  }, 60_000)

  it('stops where a condition cannot be set up, before anything is measured', async () => {
    const { experiment } = await buildExperiment(node.room)
    const { status, err } = await run(
      'experiment',
      ...['--before-a', 'exit 7', '--before-b', 'exit 7', '--seconds', '1', '--quiet'],
      ...[String(experiment.number), '--', process.execPath, '-e', PROGRAM],
    )
    expect(status).toBe(1)
    expect(err).toContain('ended with status 7: run 1 was not begun. (exit 7)')
    expect((await standingOf(experiment.id)).runs.every(({ state }) => state === 'planned')).toBe(true)
  })

  it('says that there is no such experiment, or that it was put away', async () => {
    const nothing = await run('experiment', '77', '--', 'true')
    expect(nothing).toMatchObject({ status: 1, err: expect.stringContaining('Experiment 77 cannot go on') })
    const { experiment } = await buildExperiment(node.room)
    const { id, number } = experiment
    await command(node.room.editor, 'experiment:archive', { id, version: 1, archived: true })
    expect((await run('experiment', String(number), '--', 'true')).err).toContain('it was put away')
  })
})

describe('leakroom watch --experiment', () => {
  it('measures one run, under the condition that the room has drawn', async () => {
    const { experiment, runs } = await buildExperiment(node.room)
    const which = ['--experiment', String(experiment.number), '--run', '1']
    const other = runs[0]!.condition === 'A' ? 'B' : 'A'
    const ends = ['--every', '0.1', '--quiet', '--', process.execPath, '-e', 'setTimeout(() => {}, 800)']
    const refused = await run('watch', ...which, '--condition', other, ...ends)
    expect(refused).toMatchObject({
      status: 1,
      err: expect.stringContaining(`run 1 is one of condition ${runs[0]!.condition}, not ${other}`),
    })
    expect(await run('watch', ...which, ...ends)).toMatchObject({ status: 0 })
    expect((await standingOf(experiment.id)).runs[0]).toMatchObject({ state: 'done', endedBy: 'mark' })
    expect(await run('watch', ...which, ...ends)).toMatchObject({
      status: 1,
      err: expect.stringContaining('run 1 is over'),
    })
    expect(await run('watch', '--experiment', '1', '--', 'true')).toMatchObject({ status: 2 })
  })
})
