import { type Logger, pino } from 'pino'
import type { Environment } from '#lib/env'

/**
 * The node's log: JSON lines in production, readable lines in development. Cookies, tokens and passwords never reach
 * it, wherever a library may put them.
 */
export function createLog(environment: Environment): Logger {
  const isReadable = environment.NODE_ENV === 'development' || process.stdout.isTTY
  return pino({
    level: environment.LOG_LEVEL,
    redact: {
      paths: ['*.password', '*.token', '*.secret', 'req.headers.cookie', 'req.headers.authorization'],
      censor: '[hidden]',
    },
    ...(isReadable && {
      transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'HH:MM:ss' } },
    }),
  })
}
