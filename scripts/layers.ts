/** One folder of the code base and everything that it may know. What is not listed is forbidden. */
export interface Layer {
  readonly path: string
  /** Folders or files it may import. A folder may always import itself. */
  readonly imports: readonly string[]
  /** npm packages and `node:` modules; `name/*` and `node:*` are prefixes. */
  readonly packages: readonly string[]
  readonly because: string
}

const words = ['lib/units', 'lib/errors']
const models = ['lib/heap', 'lib/series']

/** The dependency rule, as data. `test/architecture/layers.test.ts` is the law that reads it. */
export const LAYERS: readonly Layer[] = [
  { path: 'lib/units', imports: [], packages: [], because: 'words depend on nothing' },
  { path: 'lib/errors', imports: ['lib/units'], packages: [], because: 'anyone may fail, so failures sit at the bottom' },
  { path: 'lib/heap', imports: words, packages: [], because: 'it must run in a worker, a tab or a test with nothing else loaded' },
  { path: 'lib/series', imports: words, packages: [], because: 'growth statistics are pure: the same samples, the same reading' },
  { path: 'lib/formats', imports: [...models, 'lib/findings', ...words], packages: [], because: 'a parser turns bytes into a model and does not know who asked' },
  { path: 'lib/findings', imports: [...models, ...words], packages: [], because: 'conclusions are computed from models, never from files or rows' },
  { path: 'lib/hypotheses', imports: words, packages: ['zod'], because: 'the rules of a hypothesis are ours and run on both sides' },
  { path: 'lib/investigation', imports: ['lib/hypotheses', ...words], packages: ['zod'], because: 'rows, events and access are the vocabulary of a room, in the browser too' },
  { path: 'lib/reports', imports: ['lib/findings', 'lib/formats', 'lib/series', 'lib/investigation', ...models, ...words], packages: ['zod'], because: 'the stored form of what was computed, versioned' },
  { path: 'lib/collab', imports: ['lib/investigation', ...words], packages: ['yjs', 'lib0', 'zod'], because: 'the shape of the shared text and the guard before it know no socket' },
  { path: 'lib/env.ts', imports: [], packages: ['zod'], because: 'the environment is parsed once, in one place' },
  { path: 'lib/services.ts', imports: ['lib/investigation', 'lib/realtime/protocol.ts'], packages: ['pino'], because: 'where the server and the bundles of Next meet: types only' },
  { path: 'lib/storage', imports: ['lib/formats', 'lib/investigation', ...words], packages: ['node:*'], because: 'where bytes live is nobody else’s business' },
  { path: 'lib/realtime/protocol.ts', imports: ['lib/investigation', 'lib/hypotheses'], packages: ['zod'], because: 'both ends read the same table' },
  { path: 'lib/db', imports: ['lib/investigation', 'lib/hypotheses', 'lib/reports', 'lib/collab', 'lib/series', 'lib/findings', 'lib/formats', 'lib/realtime/protocol.ts', 'lib/services.ts', 'lib/env.ts', 'prisma/generated', ...words], packages: ['@prisma/*', 'pg', 'node:*', 'yjs', 'zod', 'fractional-indexing'], because: 'the one place that knows Prisma and SQL' },
  { path: 'lib/auth', imports: ['lib/investigation', 'lib/db', 'lib/env.ts', 'lib/services.ts', ...words], packages: ['better-auth', 'better-auth/*', 'next/*', 'node:*', 'zod'], because: 'the one place that makes an access value' },
  { path: 'lib/http', imports: ['lib/auth', 'lib/db', 'lib/env.ts', 'lib/formats', 'lib/investigation', 'lib/jobs', 'lib/realtime/protocol.ts', 'lib/reports', 'lib/series', 'lib/services.ts', 'lib/storage', 'lib/findings', ...words], packages: ['node:*', 'zod', 'rate-limiter-flexible', '@tus/*', 'pino'], because: 'one way to answer a request' },
  { path: 'lib/jobs', imports: ['lib/formats', 'lib/findings', 'lib/reports', 'lib/storage', 'lib/db', 'lib/investigation', 'lib/env.ts', 'lib/services.ts', 'lib/realtime/protocol.ts', ...models, ...words], packages: ['pg-boss', 'node:*', 'fzstd', 'esbuild', 'zod', 'pino'], because: 'heavy work happens in workers, with progress' },
  { path: 'lib/realtime/client', imports: ['lib/realtime/protocol.ts', 'lib/investigation', 'lib/hypotheses', 'lib/collab', ...words], packages: ['socket.io-client', 'yjs', 'y-protocols/*', 'y-indexeddb', 'lib0', 'lib0/*', 'zod'], because: 'the browser’s end of the room, without React' },
  { path: 'lib/realtime/server', imports: ['lib/realtime/protocol.ts', 'lib/investigation', 'lib/collab', 'lib/db', 'lib/services.ts', ...words], packages: ['socket.io', 'yjs', 'y-protocols/*', 'lib0', 'lib0/*', 'zod', 'pg', 'node:*', 'pino', 'rate-limiter-flexible'], because: 'the server’s end of the room; access comes in as a value' },
  { path: 'lib/demo', imports: ['lib/auth', 'lib/collab', 'lib/db', 'lib/env.ts', 'lib/formats', 'lib/hypotheses', 'lib/investigation', 'lib/realtime/protocol.ts', 'lib/series', 'lib/services.ts', 'lib/storage', 'lib/jobs', ...words], packages: ['node:*', 'yjs', 'zod'], because: 'the story is told with the functions that people use' },
  { path: 'lib/server', imports: ['lib/auth', 'lib/db', 'lib/demo', 'lib/env.ts', 'lib/http', 'lib/investigation', 'lib/jobs', 'lib/realtime', 'lib/services.ts', 'lib/storage', ...words], packages: ['node:*', 'pino', 'pino-pretty', 'next', 'pg'], because: 'the composition root: puts the parts of a node together and decides nothing' },
  { path: 'components/ui', imports: [...words], packages: ['react', 'react-dom', 'radix-ui', 'lucide-react', 'clsx', 'sonner', 'next/*', 'date-fns'], because: 'could ship in any product' },
  { path: 'components', imports: ['components', 'lib/investigation', 'lib/hypotheses', 'lib/reports', 'lib/findings', 'lib/formats', 'lib/collab', 'lib/realtime/client', 'lib/realtime/protocol.ts', 'app/i', 'app/(account)', 'app', ...models, ...words], packages: ['react', 'react-dom', 'next/*', 'radix-ui', 'lucide-react', 'clsx', 'sonner', 'cmdk', 'swr', 'yjs', 'y-protocols/*', '@tiptap/*', '@dnd-kit/*', '@tanstack/react-virtual', 'uplot', 'uplot/*', 'tus-js-client', 'lowlight', 'highlight.js/*', 'date-fns', 'zod'], because: 'shows plain data; the server is reached only through routes, actions and the room connection' },
  { path: 'app', imports: ['lib', 'components', 'app'], packages: ['react', 'next', 'next/*', 'zod', '@fontsource-variable/*', 'date-fns', 'better-auth/*', 'server-only', 'node:*'], because: 'routes compose and never compute' },
  { path: 'server.ts', imports: ['lib/server', 'lib/env.ts'], packages: ['node:*'], because: 'starts a node and stops it' },
]
