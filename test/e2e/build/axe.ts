import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'

interface Violation {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** axe's serious and critical findings of the page as it is shown now, as lines that can be acted on. */
export async function violations(page: Page): Promise<string[]> {
  // Colours that are still on their way would be judged half way.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((running) => running.finished.catch(() => {}))),
  )
  // Evaluated, not added as a script: the page's own policy allows no foreign script.
  await page.evaluate(await readFile('node_modules/axe-core/axe.min.js', 'utf8'))
  const found = await page.evaluate<Violation[]>(
    `axe.run('html', { resultTypes: ['violations'] }).then((result) => result.violations)`,
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(
        (node) =>
          `${id}: ${node.html.slice(0, 160)} | ${node.failureSummary?.split('\n')[1]?.trim().slice(0, 160)}`,
      ),
    )
}
