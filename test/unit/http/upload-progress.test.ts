import { describe, expect, it } from 'vitest'
import type { UploadRecord } from '#lib/db/captures'
import { UploadProgress } from '#lib/http/upload-progress'
import type { WriteAccess } from '#lib/investigation/access'
import type { CaptureProgress } from '#lib/realtime/protocol'

// reason: only the ids, the size and the name are looked at here.
const upload = { id: 'u', investigationId: 'i', captureId: 'c', size: 10_000_000 } as unknown as UploadRecord
// reason: as above.
const access = { actor: { name: 'Mika' } } as unknown as WriteAccess

function play(pieces: readonly [at: number, bytesDone: number][]): CaptureProgress[] {
  let now = 0
  const told: CaptureProgress[] = []
  const progress = new UploadProgress(
    (_room, what) => told.push(what),
    () => now,
  )
  progress.begin(upload, access)
  for (const [at, bytesDone] of pieces) {
    now = at
    progress.advance('u', bytesDone)
  }
  return told
}

describe('progress of an upload', () => {
  it('is told at most ten times a second, and always at the end', () => {
    const pieces = Array.from({ length: 1000 }, (_, at): [number, number] => [at, (at + 1) * 10_000])
    const told = play(pieces)
    expect(told.length).toBeLessThanOrEqual(11)
    expect(told.at(-1)).toMatchObject({
      ratio: 1,
      bytesDone: 10_000_000,
      userName: 'Mika',
      stage: 'uploading',
    })
  })

  it('knows the speed of the last seconds', () => {
    const pieces = Array.from({ length: 40 }, (_, at): [number, number] => [at * 100, at * 200_000])
    expect(play(pieces).at(-1)?.bytesPerSecond).toBeCloseTo(2_000_000, -3)
  })

  it('does not count a pause as slowness', () => {
    const told = play([
      [0, 0],
      [200, 200_000],
      [60_000, 300_000],
      [60_200, 500_000],
    ])
    expect(told.at(-1)?.bytesPerSecond).toBeCloseTo(1_000_000, -3)
  })

  it('is told once more when a request ends early, so that a stall shows how far it really is', () => {
    let now = 0
    const told: CaptureProgress[] = []
    const progress = new UploadProgress(
      (_room, what) => told.push(what),
      () => now,
    )
    progress.begin(upload, access)
    progress.advance('u', 1_000_000)
    now = 200
    progress.advance('u', 2_000_000)
    now = 210
    progress.advance('u', 3_000_000)
    expect(told.at(-1)).toMatchObject({ bytesDone: 2_000_000 })
    progress.paused('u')
    expect(told.at(-1)).toMatchObject({ bytesDone: 3_000_000, ratio: 0.3, bytesPerSecond: 0 })
    const count = told.length
    progress.paused('u')
    progress.paused('other')
    expect(told).toHaveLength(count)
  })

  it('ends with the last byte: the end of its request tells nothing more', () => {
    const told: CaptureProgress[] = []
    const progress = new UploadProgress(
      (_room, what) => told.push(what),
      () => 0,
    )
    progress.begin(upload, access)
    progress.advance('u', upload.size)
    progress.paused('u')
    expect(told).toHaveLength(1)
  })

  it('says nothing of an upload that it does not know', () => {
    const told: unknown[] = []
    new UploadProgress((_room, what) => told.push(what)).advance('other', 5)
    expect(told).toEqual([])
  })
})
