import type { HeapSnapshot } from '#lib/heap/snapshot'
import type { ByteSource } from './bytes/source.ts'

/** How much of a file's front `recognises` gets to see. */
export const SNIFF_BYTES = 4096

/** A format whose files hold an object graph. */
export interface HeapFormat {
  /** Stable: stored with every report. Never rename. */
  readonly id: string
  /** As its users call it; fits into "This … stops short". */
  readonly label: string
  /** What to upload, in words, for "Leakroom reads …". */
  readonly readable: string
  /** Does a file that starts with `head` (plain bytes, at most SNIFF_BYTES) look like ours? Never throws. */
  recognises(head: Uint8Array, fileName: string): boolean
  /** A scanner for one file. */
  scanner(expectation?: ScanExpectation): HeapScanner
  /**
   * For formats of which a range can be read by itself: a range that begins at the start of a line. Two threads read one
   * file in half the time (lib/formats/ranges.ts).
   */
  readonly rangeScanner?: ((expectation?: ScanExpectation) => RangeScanner<unknown>) | undefined
}

/** What is known before the first byte. Only used to reserve memory well. */
export interface ScanExpectation {
  /** Plain bytes in all: exact for plain files, a guess for packed ones. */
  readonly plainBytes?: number
  /** Where in the file the first byte stands that the scanner gets: 0 unless given. */
  readonly startsAt?: number
}

/**
 * Takes a file in pieces and gives the snapshot at the end. The caller either copies pieces in with `feed`, or
 * saves the copy: fill the front of `space()`, then say how much with `wrote(count)`.
 */
export interface HeapScanner {
  /** Objects so far, for progress. */
  readonly objects: number
  /** Plain bytes so far. */
  readonly bytesRead: number
  /** The chunk may be reused as soon as this returns. Any size. */
  feed(chunk: Uint8Array): void
  /** Where the next bytes may be written: at least 64 KiB, valid until the next call of any method. */
  space(): Uint8Array
  wrote(count: number): void
  /**
   * Reads the last line, links addresses, names classes. Call it once.
   * @throws UserError when there is nothing to read or most lines make no sense.
   */
  finish(): HeapSnapshot
}

/** A scanner of a range of a file, which may be put together with those of the ranges that follow. */
export interface RangeScanner<Part> extends HeapScanner {
  /** Ends the range: what was read, as data that another thread can have without a copy. The scanner is used up. */
  part(): Part
  /** Appends the range that follows. The result is what one scanner of both would have given. */
  append(part: Part): void
}

/**
 * Reads a whole source. `onProgress` is called after every piece (at most 256 KiB) with the plain bytes so far.
 * @throws UserError as `HeapScanner.finish`.
 */
export function scanSource(
  source: ByteSource,
  scanner: HeapScanner,
  onProgress?: (bytesRead: number) => void,
): HeapSnapshot {
  for (;;) {
    const count = source.read(scanner.space())
    if (count === 0) return scanner.finish()
    scanner.wrote(count)
    onProgress?.(scanner.bytesRead)
  }
}
