/** What a file says of where a frame's code lives. Hostile text. */
export interface CodePlace {
  readonly name: string
  /** Source file or script URL. */
  readonly file: string
  /** The binary or shared object. */
  readonly object: string
}

/**
 * The library of a frame, for people: "memcached 1.3 (gem)", "express (npm)", "node", a Go package or module, a
 * crate, "libfoo.so", or the program's own name. Empty when nothing is known. Versions of shared objects are left out,
 * so that two machines' frames are told to be the same.
 */
export function libraryOf({ name, file, object }: CodePlace): string {
  return packageOf(file) ?? goPackageOf(name, file) ?? packageOf(object) ?? objectName(object)
}

/** By the path: package managers put name and version in it. */
function packageOf(path: string): string | undefined {
  if (path === '') return undefined
  if (path.startsWith('node:')) return 'node'
  const npm = lastMatch(/node_modules\/((?:@[^/]{1,200}\/)?[^/]{1,200})\//g, path)
  if (npm !== undefined && npm !== '.pnpm') return `${npm} (npm)`
  const gem = /\/(?:gems|bundler\/gems|extensions\/[^/]+\/[^/]+)\/([^/]{1,200})-(\d[^/-]*(?:-[^/]+)?)\//.exec(
    path,
  )
  if (gem) return `${gem[1]} ${gem[2]} (gem)`
  const crate = /\/registry\/src\/[^/]{1,200}\/([^/]{1,200})-(\d[^/]*)\//.exec(path)
  if (crate) return `${crate[1]} ${crate[2]} (crate)`
  const python = /\/(?:site|dist)-packages\/([^/]{1,200})/.exec(path)
  if (python) return `${python[1]?.replace(/(?:\.cpython[^/]*)?\.(?:so|py)$/, '')} (Python)`
  const goModule = /\/pkg\/mod\/((?:[^/@]+\/)*[^/@]{1,200}@v[^/]{1,100})\//.exec(path)
  return goModule?.[1]
}

/** "net/http.(*Server).Serve" in a .go file → "net/http". Generic brackets may hold slashes of other packages. */
function goPackageOf(name: string, file: string): string | undefined {
  if (!/\.(?:go|s)$/.test(file)) return undefined
  const plain = name.split('[', 1)[0] ?? ''
  const dot = plain.indexOf('.', plain.lastIndexOf('/') + 1)
  return dot > 0 ? plain.slice(0, dot) : undefined
}

/** "/usr/lib/libfoo.so.6.0.30" → "libfoo.so"; "[vdso]" stays. */
function objectName(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1).replace(/ \(deleted\)$/, '')
  return base.replace(/(\.so)(?:\.[0-9]+)+$/, '$1').replace(/(^lib[\w+-]+?)-\d[\d.]*\.so$/, '$1.so')
}

function lastMatch(pattern: RegExp, text: string): string | undefined {
  let found: string | undefined
  for (const match of text.matchAll(pattern)) found = match[1]
  return found
}

/** Standard C and C++, the loader, the kernel's page, language runtimes: never the reason for an allocation. */
const PLATFORM_OBJECT =
  /^(?:lib(?:c|m|dl|rt|pthread|gcc_s|stdc\+\+|c\+\+|c\+\+abi|ruby|python\d*|perl|jvm|node|v8)(?:[-.\d]*)\.so.*|ld-(?:linux|musl|\d).*|libsystem_.*|\[vdso\]|\[vsyscall\]|vgpreload_.*|V8|node|ruby|python[\d.]*)$/

/** First parts of the import paths of Go's standard library. A module of one's own has a dot in its first part, or is main. */
const GO_STANDARD = new Set(
  (
    'archive bufio builtin bytes cmp compress container context crypto database debug embed encoding errors expvar ' +
    'flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp ' +
    'runtime slices sort strconv strings structs sync syscall testing text time unicode unique unsafe vendor weak'
  ).split(' '),
)

/** The loader and the way into a program, where a file names no libraries (massif). */
const PLATFORM_FUNCTION =
  /^(?:_dl_\w+|dl_\w+|openaux|call_init(?:\.part\.\d+)?|_start|\(below main\)|__libc_start\w*|clone3?)$/

/**
 * Is this code of the platform (C library, language runtime, Go's standard library), which allocates on somebody
 * else's behalf? `library` is what `libraryOf` gave.
 */
export function isPlatform(name: string, library: string, file: string): boolean {
  if (library === '' && PLATFORM_FUNCTION.test(name)) return true
  if (library === 'node' || PLATFORM_OBJECT.test(library)) return true
  return /\.(?:go|s)$/.test(file) && GO_STANDARD.has(library.split('/', 1)[0] ?? '')
}
