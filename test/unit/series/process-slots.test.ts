import { describe, expect, it } from 'vitest'
import { placeInSlots, type Sighting, type Slot } from '#lib/series/process-slots'

const seen = (key: string, from: number, to = from, ended = false): Sighting => ({ key, from, to, ended })

/** The slots of each request's sightings, one request after the other. */
function placesOf(...requests: readonly (readonly Sighting[])[]): number[][] {
  let slots: readonly Slot[] = []
  return requests.map((request) => {
    const { slots: next, placed } = placeInSlots(slots, request)
    slots = next
    return [...placed]
  })
}

describe('processes that differ in their pid alone', () => {
  it('are one series when they follow each other', () => {
    expect(placesOf([seen('7', 0, 10)], [seen('8', 15, 20)], [seen('8', 25)], [seen('9', 40)])).toEqual([
      [0],
      [0],
      [0],
      [0],
    ])
  })

  it('are several when they run side by side, and keep their places', () => {
    const both = (at: number) => [seen('7', at), seen('8', at)]
    expect(placesOf(both(0), both(15), [seen('8', 30), seen('7', 30)])).toEqual([
      [0, 1],
      [0, 1],
      [1, 0],
    ])
  })

  it('give the place of the worker that ended to the one that came', () => {
    const first = [seen('7', 0), seen('8', 0), seen('9', 0)]
    const next = [seen('7', 15), seen('9', 15), seen('10', 15)]
    expect(placesOf(first, next)).toEqual([
      [0, 1, 2],
      [0, 2, 1],
    ])
    // One more worker, while all the others live: a place of its own.
    expect(placesOf(first, [seen('7', 15), seen('8', 15), seen('9', 15), seen('10', 15)])[1]).toEqual([
      0, 1, 2, 3,
    ])
  })

  it('in one request after each other are lives of one series, too', () => {
    expect(placesOf([seen('8', 20, 30), seen('7', 0, 10)])).toEqual([[0, 0]])
  })

  it('are found again by late and repeated samples, which change nothing', () => {
    const old = [seen('7', 0, 10)]
    expect(placesOf(old, [seen('8', 15, 20)], old, [seen('7', 5, 14)], [seen('8', 21)])).toEqual([
      [0],
      [0],
      [0],
      [0],
      [0],
    ])
  })

  it('go elsewhere when they come back after another took their place: they were side by side', () => {
    expect(
      placesOf([seen('7', 0)], [seen('8', 15)], [seen('7', 15)], [seen('7', 30), seen('8', 30)]),
    ).toEqual([[0], [0], [1], [1, 0]])
  })

  it('prefer the place of one that is told to have ended, and wait for one whose scrape only failed', () => {
    const two = [seen('7', 0), seen('8', 0)]
    expect(placesOf(two, [seen('7', 15, 15, true)], [seen('9', 15)])[2]).toEqual([0])
    // In one request, whatever stands first in it.
    const next = [seen('8', 15), seen('9', 15), seen('7', 15, 15, true)]
    expect(placesOf(two, next)[1]).toEqual([1, 0, 0])
    expect(placesOf(two, [seen('7', 15, 15, true)], [seen('7', 30), seen('8', 30)], [seen('9', 30)])).toEqual(
      [[0, 1], [0], [0, 1], [2]],
    )
  })
})
