/**
 * Gives an object properties that are made when they are first read. They are its own and enumerable: a copy of the
 * object (`{ ...object }`) has them all, made.
 */
export function withLazy<Ready extends object, Late extends object>(
  ready: Ready,
  late: { readonly [Key in keyof Late]: () => Late[Key] },
): Ready & Late {
  for (const name of Object.keys(late)) {
    Object.defineProperty(ready, name, {
      enumerable: true,
      configurable: true,
      get: () => {
        // reason: `name` is a key of `late`, which has one function for each.
        const value = (late as Record<string, () => Late[keyof Late]>)[name]!()
        Object.defineProperty(ready, name, { enumerable: true, configurable: true, value })
        return value
      },
    })
  }
  // reason: each key of `late` was just defined.
  return ready as Ready & Late
}
