import { describe, expect, it } from 'vitest'
import { groupLines, readStackBytes, takeHeapProfile, textBytes, totalOf } from '#test/build/stack-files'

describe('V8 .heapprofile', () => {
  it('reads a profile of this very process: the function that keeps is on top', () => {
    const content = takeHeapProfile()
    const read = readStackBytes(content)
    expect(read.format.id).toBe('v8-heapprofile')
    expect(groupLines(read)[0]?.group).toContain('keepRecords')
    // 20,000 objects and arrays of 16 numbers: about 4 MB.
    expect(groupLines(read)[0]?.bytes).toBeGreaterThan(2_000_000)
    const sum = selfSizes(JSON.parse(new TextDecoder().decode(content)).head)
    expect(totalOf(read, 'live', 'in-use-bytes')).toBe(sum)
    expect(read.profile.sampling.isSampled).toBe(true)
    expect(read.profile.notes.truncated).toBe(false)
  })

  it('reads a stack of 100,000 calls without recursion', () => {
    const open = '{"callFrame":{"functionName":"f","url":"a.js","lineNumber":1},"selfSize":1,"children":['
    const text = `{"head":${open.repeat(100_000)}${']}'.repeat(100_000)},"samples":[]}`
    const { profile } = readStackBytes(textBytes(text))
    expect(profile.nodes.count).toBeGreaterThan(1)
    expect(profile.notes.truncated).toBe(false)
  })

  it('keeps what stands before the place where a file stops', () => {
    const content = takeHeapProfile()
    const part = readStackBytes(content.subarray(0, Math.floor(content.length / 2)))
    expect(part.profile.notes.truncated).toBe(true)
    expect(part.profile.nodes.count).toBeGreaterThan(1)
  })

  it('names npm packages and node itself as libraries', () => {
    const frame = (name: string, url: string, more: string) =>
      `{"callFrame":{"functionName":"${name}","scriptId":"1","url":"${url}","lineNumber":4,"columnNumber":0},"selfSize":10,"id":2,"children":[${more}]}`
    const inner = frame('push', 'node:internal/x', '')
    const text = `{"head":${frame('(root)', '', frame('handle', 'file:///app/node_modules/@acme/web/index.js', inner))}}`
    const read = readStackBytes(textBytes(text))
    expect(read.profile.strings).toEqual(expect.arrayContaining(['@acme/web (npm)', 'node']))
    expect(groupLines(read)[0]?.group).toBe('in use · handle · /app/node_modules/@acme/web/index.js:5')
  })
})

function selfSizes(head: { selfSize: number; children: unknown[] }): number {
  let sum = 0
  const rest = [head]
  for (let node = rest.pop(); node; node = rest.pop()) {
    sum += node.selfSize
    // reason: the inspector's own shape.
    rest.push(...(node.children as (typeof head)[]))
  }
  return sum
}
