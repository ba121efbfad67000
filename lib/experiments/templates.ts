/** A ready-made experiment: what is changed, and what level and slope would mean. */
export interface ExperimentTemplate {
  /** Stable: stored with experiments. */
  readonly id: string
  readonly title: string
  readonly a: string
  readonly b: string
  /** What to do, with the command where there is one. */
  readonly steps: readonly string[]
  /** What each outcome says, the decisive one first. */
  readonly meanings: readonly { readonly seen: string; readonly means: string }[]
  /** What it cannot tell. */
  readonly caution: string
}

/** Level: how much memory is in use. Slope: how fast it grows. An allocator changes the level, growth is the slope. */
export const TEMPLATES: readonly ExperimentTemplate[] = [
  {
    id: 'dependency-down',
    title: 'A dependency is down',
    a: 'the dependency is stopped',
    b: 'the dependency is running',
    steps: [
      'A: stop it (systemctl stop memcached), so that connections are refused.',
      'B: leave it running. The same load in both.',
      'Other faults to try as A: slow answers, reset connections, half-open connections.',
    ],
    meanings: [
      {
        seen: 'slope with A only',
        means: 'What happens on failure keeps memory. Divide the slope by the failures: bytes for each.',
      },
      { seen: 'the same slope in both', means: 'The dependency’s health has nothing to do with it.' },
      { seen: 'a higher level with A, no slope', means: 'Retry queues or buffers fill up to a bound.' },
    ],
    caution: 'Fewer requests get through while it is down: compare per request, not per hour.',
  },
  {
    id: 'allocator',
    title: 'Fewer arenas, or jemalloc',
    a: 'as it is',
    b: 'MALLOC_ARENA_MAX=2, or LD_PRELOAD=libjemalloc.so.2',
    steps: [
      'A: start the process as in production.',
      'B: start it with MALLOC_ARENA_MAX=2; in a second experiment with jemalloc preloaded.',
    ],
    meanings: [
      {
        seen: 'the level falls, the slope stays',
        means: 'Not the allocator: memory is kept by somebody, and goes on growing.',
      },
      {
        seen: 'the slope collapses',
        means: 'Fragmentation or arenas: the allocator did not give back what was freed.',
      },
      { seen: 'neither changes', means: 'The allocator plays no part.' },
    ],
    caution: 'A lower level feels like a cure. Only the slope tells whether it still grows.',
  },
  {
    id: 'malloc-trim',
    title: 'Give free memory back: malloc_trim',
    a: 'as it is',
    b: 'malloc_trim(0) every few minutes',
    steps: [
      'B: gdb -p PID -batch -ex "call (int)malloc_trim(0)"; for Java jcmd PID System.trim_native_heap; for Ruby GC.compact and malloc_trim through Fiddle.',
    ],
    meanings: [
      {
        seen: 'falls, and stays low',
        means: 'It was free memory that the allocator held. No growth of what is in use.',
      },
      {
        seen: 'falls, and rises with the same slope',
        means: 'Both: some of it was held by the allocator, and what is in use grows.',
      },
      { seen: 'does not fall', means: 'The memory is in use.' },
    ],
    caution: 'glibc only. It stops the process for a moment.',
  },
  {
    id: 'forced-gc',
    title: 'Force the collector',
    a: 'as it is',
    b: 'a full collection every few minutes',
    steps: [
      'B: GC.start (Ruby), global.gc() with --expose-gc (Node), gc.collect() (Python), jcmd PID GC.run (Java).',
    ],
    meanings: [
      { seen: 'the slope goes', means: 'Garbage that waited for the collector: churn, not kept objects.' },
      {
        seen: 'live objects grow after each collection',
        means: 'Objects are kept. Take two captures and compare.',
      },
      { seen: 'live objects are flat, memory grows', means: 'It is outside of the managed heap.' },
    ],
    caution: 'Collections change timing: a smaller slope alone says little, the level after each one does.',
  },
  {
    id: 'idle',
    title: 'No load',
    a: 'no requests for 30 minutes',
    b: 'the usual load',
    steps: ['A: take it out of the load balancer and leave it running.'],
    meanings: [
      {
        seen: 'the slope stays without load',
        means: 'Something on a timer: reconnects, health checks, metrics, background jobs.',
      },
      {
        seen: 'no slope without load',
        means: 'It follows work. Which kind? Count requests, jobs and failures beside it.',
      },
      { seen: 'falls without load', means: 'Caches or sessions that expire.' },
    ],
    caution: 'Half an hour shows only what ticks within half an hour.',
  },
  {
    id: 'one-thread',
    title: 'One thread',
    a: 'as many threads as in production',
    b: 'one thread, the same number of requests',
    steps: ['B: RAILS_MAX_THREADS=1, or the pool size of your server set to 1. One worker in both.'],
    meanings: [
      {
        seen: 'the level falls, no slope in either',
        means: 'Per-thread arenas and buffers: the price of threads.',
      },
      { seen: 'the same bytes per request', means: 'Threads play no part.' },
      {
        seen: 'the slope needs threads',
        means: 'Threads that are not joined, thread-local caches, or a race.',
      },
    ],
    caution: 'One thread serves fewer requests an hour: compare per request.',
  },
]
