/** What walking needs of a node. */
interface Walked<Node> {
  readonly parent: Node | null
  readonly children?: Node[] | undefined
}

/** Where a key leads from a box: down to its largest callee, up to its caller, to the sides, home. */
export function flameKeys<Node extends Walked<Node>>(key: string, at: Node, root: Node): Node | undefined {
  if (key === 'Home') return root
  if (key === 'ArrowDown') return at.children?.[0]
  if (key === 'ArrowUp') return at.parent ?? undefined
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return undefined
  const brothers = at.parent?.children ?? []
  return brothers[brothers.indexOf(at) + (key === 'ArrowRight' ? 1 : -1)]
}
