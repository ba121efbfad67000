import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { build } from 'esbuild'
import { appendLive } from '#lib/db/series-live'
import { answerPoints } from '#lib/http/series'
import type { WriteAccess } from '#lib/investigation/access'
import type { SeriesRow } from '#lib/investigation/rows'

/** Serves a room's points as the product does, over HTTP, and a page with nothing but the graph. */
export async function serveGraph(access: WriteAccess, rows: readonly SeriesRow[]) {
  const { outputFiles } = await build({
    entryPoints: [resolve('bench/graph/page.tsx')],
    bundle: true,
    format: 'iife',
    jsx: 'automatic',
    minify: true,
    write: false,
    outdir: 'page',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  })
  const partOf = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? ''
  const setting = JSON.stringify({ series: rows }).replaceAll('<', '\\u003c')
  const html = `<!doctype html><meta charset="utf-8"><style>body{margin:0;background:#fff}${partOf('.css')}</style><div id="page"></div><script>window.setting=${setting}</script><script src="/page.js"></script>`
  const listeners = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const id = /\/series\/([^/]+)\/points$/.exec(url.pathname)?.[1]
    if (url.pathname === '/live') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      listeners.add(response.on('close', () => listeners.delete(response)))
    } else if (url.pathname === '/page.js') response.end(partOf('.js'))
    else if (!id) response.setHeader('content-type', 'text/html').end(html)
    else
      answerPoints(access, id, new Request(url)).then(
        (answer) => response.setHeader('content-type', 'application/json').end(JSON.stringify(answer)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    // reason: a listening TCP server has an address with a port.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Stores a sample and announces it, as ingest does. */
    async append(row: SeriesRow, at: number, value: number) {
      const samples = { t: Float64Array.of(at), v: Float64Array.of(value) }
      await appendLive(access, row, samples)
      for (const one of listeners)
        one.write(`data: ${JSON.stringify({ id: row.id, t: [at], v: [value] })}\n\n`)
    },
    close: () => stop(server),
  }
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((done) => server.close(() => done()))
}

/** What was seen while the graph was moved. */
export interface Frames {
  /** Gaps between frames, milliseconds, sorted. */
  readonly gaps: readonly number[]
  readonly longTasks: readonly number[]
  /** From the navigation until the line was drawn, milliseconds. */
  readonly openMs: number
  readonly requests: number
}

/** Opens the page, zooms in, and drags the graph to and fro for `seconds`. */
export async function dragGraph(url: string, zooms: number, seconds: number): Promise<Frames> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 400 } })
    let requests = 0
    page.on('request', (request) => (requests += request.url().includes('/points') ? 1 : 0))
    const started = performance.now()
    await page.goto(url)
    await page.waitForFunction(() => document.querySelector('p.sr-only')?.textContent?.includes('MiB'))
    const openMs = performance.now() - started
    const graph = page.getByTestId('memory-chart')
    const box = await graph.boundingBox()
    if (!box) throw new Error('the graph is not there')
    await graph.focus()
    for (let i = 0; i < zooms; i++) await page.keyboard.press('+')
    await page.getByRole('button', { name: 'Drag moves' }).click()
    await page.waitForLoadState('networkidle').catch(() => {})
    requests = 0
    await page.evaluate(() => [window.takeFrames(), window.takeLong()])
    const until = performance.now() + seconds * 1000
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    let direction = 1
    while (performance.now() < until) {
      await swipe(page, middle, direction * 0.7 * box.width)
      direction = -direction
      // Two to the left for one to the right: new ground all the time.
      if (direction === 1) await swipe(page, middle, 0.7 * box.width)
    }
    const [frames, longTasks] = await page.evaluate(() => [window.takeFrames(), window.takeLong()] as const)
    return { gaps: frames.sort((a, b) => a - b), longTasks, openMs, requests }
  } finally {
    await browser.close()
  }
}

async function swipe(page: Page, { x, y }: { x: number; y: number }, distance: number): Promise<void> {
  await page.mouse.move(x - distance / 2, y)
  await page.mouse.down()
  await page.mouse.move(x + distance / 2, y, { steps: 40 })
  await page.mouse.up()
}
