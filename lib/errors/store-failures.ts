/** What can go wrong with an object store that the files live in; a part of the list in user-error.ts. */
export const STORE_FAILURES = {
  'store/no-bucket': {
    status: 503,
    say: () =>
      'The bucket that this server keeps its files in does not exist. Whoever runs it makes the bucket, or names another in STORE_URL.',
  },
  'store/refused': {
    status: 503,
    say: (d: { why: string }) =>
      `The object store does not let this server in: ${d.why}. Whoever runs it checks AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that this key may list, read, write and delete in the bucket.`,
  },
  'store/other-region': {
    status: 503,
    say: () =>
      'The bucket that this server keeps its files in is in another region. Whoever runs it names that one in STORE_URL (region=…).',
  },
  'store/unreachable': {
    status: 503,
    say: (d: { why: string }) =>
      `The object store that keeps the files does not answer (${d.why}). Try again in a moment; if it lasts, whoever runs this server checks the endpoint in STORE_URL.`,
  },
  'store/answer': {
    status: 503,
    say: (d: { why: string }) =>
      `The object store that keeps the files refused a request (${d.why}). Whoever runs this server finds it in the log.`,
  },
} as const
