// `npm run dev`: Next with hot reload; the server starts again when its own files change.
import { spawn } from 'node:child_process'

const watched = [
  '--exclude',
  './.next/**',
  '--exclude',
  './app/**',
  '--exclude',
  './components/**',
  '--exclude',
  './.data/**',
]
const child = spawn('npx', ['tsx', 'watch', ...watched, 'server.ts'], {
  stdio: 'inherit',
  env: { ...process.env, NODE_ENV: 'development', NEXT_TELEMETRY_DISABLED: '1' },
})
child.on('exit', (code) => process.exit(code ?? 0))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
