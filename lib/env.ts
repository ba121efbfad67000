import { z } from 'zod'
import { storeUrl } from '#lib/storage/store-url'

const Flag = z.enum(['0', '1', 'true', 'false']).transform((value) => value === '1' || value === 'true')

const Place = z.string().transform((text, context) => {
  try {
    return storeUrl(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is not readable' })
    return z.NEVER
  }
})

const Environment = z
  .object({
    NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
    HOST: z.string().default('127.0.0.1'),
    PORT: z.coerce.number().int().min(0).max(65535).default(3000),
    /** As people reach it, when a proxy stands before it. Default: http://HOST:PORT. */
    BASE_URL: z.url().optional(),
    /** PostgreSQL 15 or newer. Unset: an embedded one in DATA_DIR/pg. */
    DATABASE_URL: z.string().optional(),
    DATA_DIR: z.string().default('.data'),
    /**
     * Where captures and their tables are kept: s3://bucket/prefix?endpoint=…&region=…&pathStyle=…, any store that speaks
     * Amazon's protocol. Unset: DATA_DIR/files.
     */
    STORE_URL: Place.optional(),
    /** Local copies of what is in a bucket, for the threads that read it, in GiB, in DATA_DIR/cache. */
    STORE_CACHE_GIB: z.coerce.number().positive().default(8),
    /** Who may use the bucket, in the variables that Amazon's own tools read. */
    AWS_ACCESS_KEY_ID: z.string().optional(),
    AWS_SECRET_ACCESS_KEY: z.string().optional(),
    AWS_SESSION_TOKEN: z.string().optional(),
    /** Of the bucket, when STORE_URL does not say it. */
    AWS_REGION: z.string().optional(),
    /** At least 32 random characters. Unset: made once and kept in DATA_DIR/secret. */
    AUTH_SECRET: z.string().min(32).optional(),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    /** Largest upload, in GiB. */
    MAX_UPLOAD_GIB: z.coerce.number().positive().default(8),
    /** Largest plain content of a compressed upload, in GiB. */
    MAX_PLAIN_GIB: z.coerce.number().positive().default(32),
    /** Warm reader threads. */
    WORKERS: z.coerce.number().int().min(1).max(64).default(2),
    /** Threads that answer questions about captures, apart from those that read files. */
    QUESTION_WORKERS: z.coerce.number().int().min(1).max(64).default(2),
    /** Memory for the heaps that these threads keep open, all together, in MiB. */
    OPEN_HEAPS_MIB: z.coerce.number().int().min(64).default(1024),
    /** The account that the embedded database runs as when the server is started by root. */
    PG_RUN_AS: z.string().default('postgres'),
    /** 0: a fresh installation does not let its first visitor in by name alone. */
    OPEN_FIRST_VISIT: Flag.default(true),
    /** 0: no demo investigation for a new team. */
    SEED_DEMO: Flag.default(true),
    /**
     * 1: Prometheus servers in private networks may be fetched from; 0: only public ones. Unset: as 0, and this very machine,
     * too, when nobody else can reach the server (HOST is loopback, no BASE_URL).
     */
    ALLOW_PRIVATE_SOURCES: Flag.optional(),
    OIDC_ISSUER: z.url().optional(),
    OIDC_CLIENT_ID: z.string().optional(),
    OIDC_CLIENT_SECRET: z.string().optional(),
    OIDC_NAME: z.string().default('Single sign-on'),
  })
  .superRefine(({ STORE_URL, ...keys }, context) => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const)
      if (STORE_URL && !keys[name])
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'is needed to use the bucket of STORE_URL',
        })
  })
export type Environment = z.infer<typeof Environment>

let parsed: Environment | undefined

/** The environment, parsed once. @throws an Error that names each setting that is off and what it may be. */
export function env(): Environment {
  parsed ??= readEnvironment(process.env)
  return parsed
}

/** These variables, parsed; an empty one is as good as none. @throws as env() */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const result = Environment.safeParse(given)
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
    throw new Error(
      `The environment has settings that Leakroom cannot use (see .env.example):\n${lines.join('\n')}`,
    )
  }
  return result.data
}
