import { formatBytes, formatCount } from '#lib/units/format'
import type { Bytes } from '#lib/units/quantity'

/** What can go wrong with a Prometheus whose address a person gave; a part of the list in user-error.ts. */
export const SOURCE_FAILURES = {
  'source/url': {
    status: 422,
    say: (d: { why: string }) => `This address cannot be used: ${d.why}.`,
  },
  'source/address': {
    status: 422,
    say: (d: { host: string; kind: string }) =>
      `${d.host} is ${d.kind}, and this server does not fetch from there. Whoever runs it can allow its own network (ALLOW_PRIVATE_SOURCES=1); remote write sends without being fetched.`,
  },
  'source/unreachable': {
    status: 422,
    say: (d: { host: string; why: string }) =>
      `${d.host} cannot be reached: ${d.why}. Check the address, and that it can be reached from this server.`,
  },
  'source/certificate': {
    status: 422,
    say: (d: { host: string; why: string }) =>
      `The certificate of ${d.host} is not trusted (${d.why}). Mend it, or start this server with NODE_EXTRA_CA_CERTS set to your authority’s file.`,
  },
  'source/timeout': {
    status: 422,
    say: (d: { host: string; seconds: number }) =>
      `${d.host} did not answer within ${d.seconds} s. A shorter range, a longer step or a narrower query asks for less.`,
  },
  'source/denied': {
    status: 422,
    say: (d: { host: string; status: number }) =>
      `${d.host} does not let us in (${d.status}). Check the token or the password; a source is removed and added again to change it.`,
  },
  'source/authorization-lost': {
    status: 422,
    say: (d: { host: string }) =>
      `The authorization for ${d.host} cannot be opened any more, because this installation’s secret was changed. Remove the source and add it again.`,
  },
  'source/query-refused': {
    status: 422,
    say: (d: { host: string; why: string }) => `${d.host} refused the query: ${d.why}`,
  },
  'source/not-prometheus': {
    status: 422,
    say: (d: { host: string; what: string }) =>
      `${d.what} was answered by ${d.host}, not Prometheus. Give the address without /api/v1, as in http://prometheus:9090.`,
  },
  'source/redirected': {
    status: 422,
    say: (d: { host: string; to: string }) =>
      `${d.host} sends us on to ${d.to}. Only redirects inside one address are followed: give that one, if it is meant.`,
  },
  'source/status': {
    status: 422,
    say: (d: { host: string; status: number }) =>
      `${d.host} answered with ${d.status}, so nothing could be read. It is asked again later.`,
  },
  'source/too-large': {
    status: 422,
    say: (d: { host: string; limit: Bytes }) =>
      `The answer of ${d.host} is larger than ${formatBytes(d.limit)} and was stopped there. Narrow the query, or take a longer step.`,
  },
  'source/too-many-series': {
    status: 422,
    say: (d: { series: number; limit: number }) =>
      `This query answers ${formatCount(d.series)} series; ${formatCount(d.limit)} can be shown. Narrow it: {job="shop"}, or sum by (pod) (…).`,
  },
  'source/nothing': {
    status: 422,
    say: (d: { host: string }) =>
      `${d.host} has nothing for this query in this range. Check the metric’s name and labels in its own expression browser.`,
  },
  'source/silent': {
    status: 422,
    say: (d: { others: number }) =>
      d.others === 0
        ? 'The query answers no series at the moment. The process may be down, or its labels have changed.'
        : `The query answers none of the chosen series at the moment, but ${formatCount(d.others)} others: their labels have changed. Remove the source and add it again, following new series.`,
  },
  'source/range': {
    status: 422,
    say: (d: { why: string }) => `This range cannot be fetched: ${d.why}.`,
  },
} satisfies Record<string, { status: number; say: (detail: never) => string }>
