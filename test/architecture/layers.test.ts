import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LAYERS, type Layer } from '#scripts/layers'

const ROOTS = ['lib', 'components', 'app', 'server.ts']

/** The most specific rule for a file: the longest path that holds it. */
function layerOf(file: string): Layer | undefined {
  const holds = (layer: Layer) => file === layer.path || file.startsWith(`${layer.path}/`)
  return LAYERS.filter(holds).sort((a, b) => b.path.length - a.path.length)[0]
}

/** Every module that a file's text names: import, export … from, import(). */
function specifiers(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const found = [
    ...code.matchAll(/^(?:import|export)\b[^'"`;=(]*?\bfrom\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]/gm),
    ...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g),
  ]
  return found.flatMap((match) => match[1] ?? match[2] ?? [])
}

/** A file of ours that a specifier points at, as a path from the top; undefined for a package. */
function target(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1)
  if (specifier.startsWith('.')) return relative('.', join(from, '..', specifier))
  return undefined
}

const matches = (pattern: string, name: string) =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern

/** What `file` may not know but names; one sentence each. */
function trespasses(file: string, text: string): string[] {
  const layer = layerOf(file)
  if (!layer) return [`${file}: no layer holds it; add a row to scripts/layers.ts`]
  return specifiers(text).flatMap((specifier) => {
    const path = target(specifier, file)
    if (path === undefined) {
      const allowed = layer.packages.some((pattern) => matches(pattern, specifier))
      return allowed
        ? []
        : [`${file}: package ${specifier} (${layer.path} may use ${layer.packages.join(', ') || 'none'})`]
    }
    if (path.endsWith('.css')) return []
    const withEnding = /\.(ts|tsx|mjs)$/.test(path) ? path : `${path}.ts`
    const home = layerOf(withEnding) ?? { path: withEnding }
    const inside = (allowed: string) => withEnding === allowed || withEnding.startsWith(`${allowed}/`)
    return home.path === layer.path || layer.imports.some(inside)
      ? []
      : [`${file}: ${specifier} (${layer.path} does not know ${home.path}: ${layer.because})`]
  })
}

function filesBelow(path: string): string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)))
}
const sources = ROOTS.flatMap(filesBelow).filter((file) => /\.(ts|tsx)$/.test(file))
const PURE = [
  'lib/units',
  'lib/errors',
  'lib/heap',
  'lib/stacks',
  'lib/series',
  'lib/experiments',
  'lib/formats',
  'lib/findings',
  'lib/questions',
]

describe('the layer table', () => {
  it('is kept by every file', () => {
    expect(sources.flatMap((file) => trespasses(file, readFileSync(file, 'utf8')))).toEqual([])
  })

  it('notices a planted trespass, of a folder, of a package and of a type', () => {
    expect(trespasses('lib/heap/x.ts', `import { db } from '#lib/db/client'`)).toHaveLength(1)
    expect(trespasses('lib/heap/x.ts', `import { readFileSync } from 'node:fs'`)).toHaveLength(1)
    expect(
      trespasses('lib/formats/x.ts', `import type { Room } from '../realtime/server/rooms.ts'`),
    ).toHaveLength(1)
    expect(trespasses('components/x.tsx', `const p = import('#lib/db/client')`)).toHaveLength(1)
    expect(trespasses('lib/nowhere/x.ts', '')).toHaveLength(1)
    expect(trespasses('lib/heap/x.ts', `import type { Bytes } from '#lib/units/quantity'`)).toEqual([])
  })

  it('gives every folder of lib a rule', () => {
    const folders = readdirSync('lib').filter((name) => statSync(join('lib', name)).isDirectory())
    const ruled = (folder: string) =>
      LAYERS.some(({ path }) => path === `lib/${folder}` || path.startsWith(`lib/${folder}/`))
    expect(folders.filter((folder) => !ruled(folder))).toEqual([])
  })

  it('has a reason in every row', () => {
    expect(LAYERS.filter(({ because }) => because.length < 20).map(({ path }) => path)).toEqual([])
  })
})

describe('pure layers', () => {
  it('take time and randomness as arguments, and print nothing', () => {
    const banned = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|(?<!['"])\bprocess\.|\bconsole\./
    const code = (file: string) => readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    const guilty = sources.filter(
      (file) => PURE.some((path) => file.startsWith(`${path}/`)) && banned.test(code(file)),
    )
    expect(guilty).toEqual([])
  })
})

describe('access values', () => {
  it('are made by the gate alone', () => {
    const cast = /\bas\s+(unknown\s+as\s+)?(Read|Write|Owner|Team|TeamWrite|TeamOwner)Access\b/
    const makers = sources.filter((file) => cast.test(readFileSync(file, 'utf8')))
    expect(makers.filter((file) => !file.startsWith('lib/auth/'))).toEqual([])
  })
})

describe('words', () => {
  it('on the pages never let the machine say "leak detected" or count in KB and MB', () => {
    const pages = sources.filter((file) => file.endsWith('.tsx'))
    const wrong = /\b[Ll]eak detected\b|\bmemory leak found\b|\b\d+ ?[KMG]B\b/
    expect(pages.filter((file) => wrong.test(readFileSync(file, 'utf8')))).toEqual([])
  })
})
