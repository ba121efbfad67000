import { sharedUint32 } from '#lib/heap/shared'
import { SiteInterner } from '#lib/heap/sites'
import type { EdgeRows } from './edge-rows.ts'
import type { Locations } from './locations.ts'
import type { NodeRows } from './node-rows.ts'
import type { V8Strings } from './strings.ts'
import type { TraceFunctions, TraceTree } from './traces.ts'

/**
 * From this column on a line is one of minified code, where thousands of functions share a line: there the line is part
 * of the file's name and the column stands for the line ("app.min.js:1" line 48211, shown as app.min.js:1:48211).
 */
const MINIFIED_COLUMN = 1000
/** How many closures of a script are asked for the script's name before it is called by its number. */
const MAX_ASKED = 8
const UNNAMED_SCRIPT = 'system / Script'

export interface NodeSites {
  readonly site: Uint32Array
  readonly sites: SiteInterner
  readonly kind: 'allocation' | 'definition'
}

/** What sites are made of. */
export interface SiteSources {
  readonly nodes: NodeRows
  readonly edges: EdgeRows
  readonly strings: V8Strings
  readonly nodeWidth: number
  readonly closureType: number
  readonly codeType: number
  readonly locations: Locations | undefined
  readonly traceFunctions: TraceFunctions | undefined
  readonly traceTree: TraceTree | undefined
}

/**
 * Where nodes come from. With recorded allocation stacks: the function that allocated. Without: where the closure's
 * function, or the constructor of the object, is defined; only closures and instances of classes have that.
 * O(nodes + locations).
 */
export function nodeSites(sources: SiteSources): NodeSites {
  return sources.nodes.traceNode === undefined || sources.traceTree === undefined
    ? definitionSites(sources)
    : allocationSites(sources, sources.nodes.traceNode, sources.traceTree)
}

function allocationSites(sources: SiteSources, traceNode: Uint32Array, tree: TraceTree): NodeSites {
  const { nodes, strings, traceFunctions: functions } = sources
  const sites = new SiteInterner()
  const site = sharedUint32(nodes.nodes)
  if (functions === undefined) return { site, sites, kind: 'allocation' }
  const places = new SitePlaces(sites, strings)
  const names = functions.name.view()
  const scripts = functions.scriptName.view()
  const lines = functions.line.view()
  const columns = functions.column.view()
  const siteOf = new Map<number, number>()
  for (let node = 0; node < nodes.nodes; node++) {
    const trace = traceNode[node]!
    if (trace === 0) continue
    const known = siteOf.get(trace)
    if (known !== undefined) {
      site[node] = known
      continue
    }
    const place = tree.functionOf.get(trace) ?? functions.count
    const found =
      place < functions.count
        ? places.site(
            nameAt(strings, scripts[place]!),
            lines[place]!,
            columns[place]!,
            nameAt(strings, names[place]!),
          )
        : 0
    siteOf.set(trace, found)
    site[node] = found
  }
  return { site, sites, kind: 'allocation' }
}

/** Index of the name at a place of "strings"; 0 for one that is not there. */
const nameAt = (strings: V8Strings, place: number): number => (place < strings.stored ? place + 1 : 0)

function definitionSites(sources: SiteSources): NodeSites {
  const { nodes, locations, nodeWidth, strings } = sources
  const sites = new SiteInterner()
  const site = sharedUint32(nodes.nodes)
  if (locations === undefined) return { site, sites, kind: 'definition' }
  const places = new SitePlaces(sites, strings)
  const scriptNames = namesOfScripts(sources, locations)
  const node = locations.node.view()
  const script = locations.script.view()
  const line = locations.line.view()
  const column = locations.column.view()
  for (let i = 0; i < locations.count; i++) {
    const at = node[i]! / nodeWidth
    if (!Number.isInteger(at) || at >= nodes.nodes) continue
    const file = scriptNames.get(script[i]!) ?? strings.add(`script ${script[i]}`)
    site[at] = places.site(file, line[i]! + 1, column[i]! + 1, nodes.name[at]!)
  }
  return { site, sites, kind: 'definition' }
}

/**
 * Names of scripts by number, as string indexes. The file does not list them: the node of a script is named after its
 * file. New files say which node that is; in others a closure refers to its shared function, and that to the script.
 */
function namesOfScripts(sources: SiteSources, locations: Locations): ReadonlyMap<number, number> {
  const { nodes, closureType, nodeWidth } = sources
  const found = new Map<number, number>()
  const asked = new Map<number, number>()
  const node = locations.node.view()
  const script = locations.script.view()
  const scriptNode = locations.scriptNode.view()
  const scriptOf = scriptFinder(sources)
  for (let i = 0; i < locations.count; i++) {
    const id = script[i]!
    if (found.has(id)) continue
    const tries = asked.get(id) ?? 0
    if (tries >= MAX_ASKED) continue
    let at = scriptNode[i]! / nodeWidth
    if (!Number.isInteger(at) || at >= nodes.nodes) {
      const closure = node[i]! / nodeWidth
      if (!Number.isInteger(closure) || closure >= nodes.nodes || nodes.type[closure] !== closureType)
        continue
      at = scriptOf(closure)
    }
    asked.set(id, tries + 1)
    const name = at < 0 ? 0 : scriptName(sources, at)
    if (name !== 0) found.set(id, name)
  }
  return found
}

/** The node of the script of a closure; −1 = not found. */
function scriptFinder(sources: SiteSources): (closure: number) => number {
  const { nodes, strings } = sources
  const target = edgeFinder(sources)
  return (closure) => {
    const shared = target(closure, 'shared')
    if (shared < 0) return -1
    const script = Math.max(target(shared, 'script'), target(shared, 'script_or_debug_info'))
    // While it is debugged, a function refers to its script through this.
    return script >= 0 && strings.text(nodes.name[script]!) === 'system / DebugInfo'
      ? target(script, 'script')
      : script
  }
}

/** The file of a script's node as a string index; 0 = it has no name. Chromium writes "system / Script / https://…". */
function scriptName({ nodes, strings, codeType }: SiteSources, at: number): number {
  const name = nodes.name[at]!
  if (nodes.type[at] !== codeType || name > strings.stored) return 0
  const text = strings.text(name)
  if (!text.startsWith(UNNAMED_SCRIPT)) return text === '' ? 0 : name
  const own = text.slice(UNNAMED_SCRIPT.length).replace(/^ \/ /, '').trim()
  return own === '' ? 0 : strings.add(own)
}

/** Finds where the edge of a name leads; −1 = there is none. Names are compared once per place of "strings". */
function edgeFinder({ nodes, edges, strings }: SiteSources): (node: number, name: string) => number {
  const known = new Map<number, string>()
  const { edgeCount: start } = nodes
  return (node, wanted) => {
    for (let k = start[node]!; k < start[node + 1]!; k++) {
      const id = edges.name[k]!
      let name = known.get(id)
      if (name === undefined) {
        name = strings.text(id)
        if (known.size < 10_000) known.set(id, name)
      }
      const to = edges.to[k]!
      if (name === wanted && to < nodes.nodes) return to
    }
    return -1
  }
}

/** Numbers sites; lines of minified code are told apart by column. */
class SitePlaces {
  private readonly sites: SiteInterner
  private readonly strings: V8Strings
  private readonly minified = new Map<string, number>()

  constructor(sites: SiteInterner, strings: V8Strings) {
    this.sites = sites
    this.strings = strings
  }

  /** `line` and `column` from 1; 0 is unknown. */
  site(file: number, line: number, column: number, method: number): number {
    if (column < MINIFIED_COLUMN) return this.sites.intern(file, line | 0, method)
    const key = `${file}:${line}`
    let name = this.minified.get(key)
    if (name === undefined) {
      name = this.strings.add(`${this.strings.text(file)}:${line}`)
      this.minified.set(key, name)
    }
    return this.sites.intern(name, column | 0, method)
  }
}
