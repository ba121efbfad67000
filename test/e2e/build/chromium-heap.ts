import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { Page } from '@playwright/test'

/**
 * A page that leaks: `openAndClose(n)` takes n panels off the page and keeps them in `closedPanels`. The rows that it
 * shows are replaced each time, always 500 of them.
 */
const LEAKY_PAGE = `<!doctype html><title>Panels</title><main></main><script>
class Panel {
  constructor(title) {
    this.title = title
    this.element = document.createElement('section')
    this.element.append(document.createElement('h2'), document.createElement('p'))
  }
}
class Row {
  constructor(at) { this.words = 'row ' + at + ' after ' + closedPanels.length }
}
const closedPanels = []
let shownRows = []
function openAndClose(count) {
  for (let at = 0; at < count; at++) {
    const panel = new Panel('panel ' + closedPanels.length)
    document.querySelector('main').append(panel.element)
    panel.element.remove()
    closedPanels.push(panel)
  }
  shownRows = Array.from({ length: 500 }, (_, at) => new Row(at))
}
</script>`

/** Writes the heap of a leaking page after `panels`, twice and three times as many, as DevTools' "Take snapshot" does. */
export async function chromiumTrio(page: Page, panels: number, pathOf: (at: number) => string) {
  await page.setContent(LEAKY_PAGE)
  for (const at of [1, 2, 3]) {
    await page.evaluate(`openAndClose(${panels})`)
    await takeHeapSnapshot(page, pathOf(at))
  }
}

async function takeHeapSnapshot(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const file = createWriteStream(path)
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => file.write(chunk))
  await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  await session.detach()
  file.end()
  await finished(file)
}
