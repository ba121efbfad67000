import type { FrameFacts } from '#lib/stacks/builder'

/** "#\t0x48a2d1\tmain.newTicket+0x71\t\t/home/app/main.go:26", which Go's debug=1 profiles write below a record. */
const LINE = /^#\s+0x[0-9a-f]+\s+(\S.*?)\+0x[0-9a-f]+\s+(\S.*):(\d+)\s*$/

/** The frame of such a line; undefined for statistics and other comments. */
export function goFrame(line: string): FrameFacts | undefined {
  const match = LINE.exec(line)
  return match ? { name: match[1] ?? '', file: match[2] ?? '', line: Number(match[3]) } : undefined
}
