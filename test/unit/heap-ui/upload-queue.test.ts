import { describe, expect, it } from 'vitest'
import { factsInName, UploadQueue } from '#components/uploads/upload-queue'

interface Options {
  metadata: Record<string, string>
  onProgress(sent: number, total: number): void
  onSuccess(): void
  onError(error: unknown): void
  onAfterResponse(request: unknown, response: { getHeader(name: string): string | undefined }): void
}

/** tus's Upload, played by hand. */
class FakeUpload {
  static made: FakeUpload[] = []
  static begun: { creationTime: string; uploadUrl: string }[] = []
  readonly file: File
  readonly options: Options
  started = false
  aborted: boolean | null = null
  resumed: unknown = null
  constructor(file: File, options: Options) {
    this.file = file
    this.options = options
    FakeUpload.made.push(this)
  }
  findPreviousUploads = async () => FakeUpload.begun
  resumeFromPreviousUpload(previous: unknown) {
    this.resumed = previous
  }
  start() {
    this.started = true
  }
  async abort(shouldTerminate = false) {
    this.aborted = shouldTerminate
  }
}

function refusal(status: number, body: string): Error {
  const originalResponse = status === 0 ? null : { getStatus: () => status, getBody: () => body }
  return Object.assign(new Error('tus'), { originalRequest: {}, originalResponse })
}

function drawQueue(begun: typeof FakeUpload.begun = [], known: string | null = null) {
  FakeUpload.made = []
  FakeUpload.begun = begun
  let ids = 0
  const clock = { now: 1000 }
  const queue = new UploadQueue({
    endpoint: 'http://room/uploads',
    makeId: () => `id-${++ids}`,
    clock: () => clock.now,
    attachKnown: async () => known,
    // reason: the queue uses these six members of tus's Upload only.
    loadTus: async () => ({ Upload: FakeUpload }) as never,
  })
  return { queue, clock, made: () => FakeUpload.made, rows: () => queue.getSnapshot() }
}

const file = (name: string, size = 10) => new File(['x'.repeat(size)], name, { lastModified: 1 })
/** Lets promises that are already settled run. */
const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

describe('the uploads of a tab', () => {
  it('sends two files at once and the others after them', async () => {
    const { queue, made, rows } = drawQueue()
    queue.add([file('a'), file('b'), file('c')])
    await settle()
    expect(rows().map((row) => row.state)).toEqual(['sending', 'sending', 'waiting'])

    made()[0]?.options.onSuccess()
    await settle()
    expect(rows().map((row) => row.state)).toEqual(['sent', 'sending', 'sending'])
  })

  it('sends what came together in the order of its names, and tells each its neighbours', async () => {
    const { queue, made, rows } = drawQueue()
    queue.add([file('heap-10.json'), file('heap-9.json'), file('heap-2.json')])
    await settle()
    expect(rows().map((row) => [row.id, row.fileName])).toEqual([
      ['id-1', 'heap-2.json'],
      ['id-2', 'heap-9.json'],
      ['id-3', 'heap-10.json'],
    ])
    for (const upload of [...made()]) upload.options.onSuccess()
    await settle()
    expect(made().map(({ options: { metadata } }) => [metadata.after, metadata.before])).toEqual([
      [undefined, 'id-2 id-3'],
      ['id-1', 'id-3'],
      ['id-2 id-1', undefined],
    ])
  })

  it('takes a file that is already on its way only once', async () => {
    const { queue, rows } = drawQueue()
    queue.add([file('a')])
    queue.add([file('a')])
    expect(rows()).toHaveLength(1)
  })

  it('goes on with the newest upload that was begun before a reload', async () => {
    const older = { creationTime: '2026-01-01', uploadUrl: '/old' }
    const newer = { creationTime: '2026-02-01', uploadUrl: '/new' }
    const { queue, made } = drawQueue([older, newer])
    queue.add([file('a')])
    await settle()
    expect(made()[0]?.resumed).toBe(newer)
    expect(made()[0]?.started).toBe(true)
  })

  it('sends nothing when the team has the same file already', async () => {
    const { queue, made, rows } = drawQueue([], 'capture-7')
    queue.add([file('a')])
    await settle()
    expect(rows()[0]).toMatchObject({ state: 'sent', isKnown: true, captureId: 'capture-7' })
    expect(made()[0]?.started).toBe(false)
  })

  it('tells bytes, speed and the capture that the server made', async () => {
    const { queue, clock, made, rows } = drawQueue()
    queue.add([file('a', 4000)])
    await settle()
    const options = made()[0]?.options
    options?.onAfterResponse({}, { getHeader: () => 'capture-1' })
    options?.onProgress(0, 4000)
    clock.now += 1000
    options?.onProgress(1000, 4000)
    expect(rows()[0]).toMatchObject({ sent: 1000, bytesPerSecond: 1000, captureId: 'capture-1' })
  })

  it('says the sentence of a refusal and lets the next file go', async () => {
    const { queue, made, rows } = drawQueue()
    queue.add([file('a'), file('b'), file('c')])
    await settle()
    made()[0]?.options.onError(refusal(413, '{"code":"upload/too-large","sentence":"Too large."}'))
    await settle()
    expect(rows()[0]).toMatchObject({ state: 'refused', problem: 'Too large.' })
    expect(rows()[2]?.state).toBe('sending')
  })

  it('pauses when the line is down, and goes on when it is back', async () => {
    const { queue, made, rows } = drawQueue()
    queue.add([file('a')])
    await settle()
    made()[0]?.options.onError(refusal(0, ''))
    expect(rows()[0]?.state).toBe('paused')

    queue.retryPaused()
    await settle()
    expect(rows()[0]).toMatchObject({ state: 'sending', problem: null })
    expect(made()).toHaveLength(2)
  })

  it('ends a cancelled upload on the server too and gives the capture to cancel', async () => {
    const { queue, made, rows } = drawQueue()
    queue.add([file('a')])
    await settle()
    made()[0]?.options.onAfterResponse({}, { getHeader: () => 'capture-1' })
    expect(await queue.cancel('id-1')).toBe('capture-1')
    expect(made()[0]?.aborted).toBe(true)
    expect(rows()).toEqual([])
  })

  it('hears nothing any more from an upload after it was stopped', async () => {
    const { queue, made } = drawQueue()
    queue.add([file('a')])
    await settle()
    const heard: number[] = []
    queue.subscribe(() => heard.push(1))
    queue.stop()
    made()[0]?.options.onSuccess()
    expect(heard).toEqual([])
    expect(made()[0]?.aborted).toBe(false)
  })
})

describe('facts in a file name', () => {
  it('reads process and time from the names that our guide gives to dumps', () => {
    expect(factsInName('heap-4123-1763900000.json.gz')).toEqual({
      process: 'pid 4123',
      takenAt: '1763900000000',
    })
  })
  it('makes nothing up from other names', () => {
    expect(factsInName('trace-1-warm.json')).toEqual({})
    expect(factsInName('dump 2026-11-23.json')).toEqual({})
  })
})
