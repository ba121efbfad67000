/** The part of d3-flame-graph 5 that we use; the package brings no types. */
declare module 'd3-flame-graph' {
  import type { HierarchyNode } from 'd3-hierarchy'
  import type { Selection } from 'd3-selection'

  export interface FlameNode<Datum> extends HierarchyNode<Datum> {
    /** Set by a search. */
    highlight?: boolean
  }

  export interface FlameChart<Datum> {
    (selection: Selection<HTMLElement, Datum, null, undefined>): void
    width(pixels: number): this
    cellHeight(pixels: number): this
    minFrameSize(pixels: number): this
    inverted(is: boolean): this
    sort(is: boolean): this
    transitionDuration(ms: number): this
    title(text: string): this
    getName(of: (node: FlameNode<Datum>) => string): this
    setLabelHandler(of: (node: FlameNode<Datum>) => string): this
    setDetailsHandler(show: (text: string | null) => void): this
    setColorMapper(of: (node: FlameNode<Datum>, usual: string) => string): this
    setSearchMatch(is: (node: FlameNode<Datum>, term: string) => boolean): this
    setSearchHandler(show: (found: readonly unknown[], sum: number, all: number) => void): this
    onClick(take: (node: FlameNode<Datum>) => void): this
    search(term: string): void
    clear(): void
    zoomTo(node: FlameNode<Datum>): void
    resetZoom(): void
    destroy(): this
  }

  export default function flamegraph<Datum>(): FlameChart<Datum>
}
