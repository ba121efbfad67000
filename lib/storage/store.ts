import type { Readable } from 'node:stream'

/** A file in the store, by what it contains. */
export interface StoredBlob {
  /** SHA-256 of the bytes as stored, 64 hex digits: the file's name. */
  readonly sha256: string
  /** Bytes as stored. */
  readonly size: number
}

/** The file as something that a worker thread can open. */
export interface LocalBlob {
  readonly path: string
  /** Call it when done: a store that is not a local disk removes its copy then. */
  release(): Promise<void>
}

/**
 * Where captures and their tables live: content-addressed, written once, never changed. Small and asynchronous on
 * purpose, so that an object store can stand in for the disk; test/contract/store.test.ts is what both must keep. In an
 * object store each may also throw UserError `store/…`: it may not be reached, or not let us in.
 */
export interface Store {
  /** What it is, for people and without addresses: "a local disk". */
  readonly name: string
  /**
   * Stores a stream while hashing it. The same content twice is one file; of a stream that breaks nothing is kept.
   * @throws UserError `upload/disk-full`.
   */
  put(content: Readable | AsyncIterable<Uint8Array>): Promise<StoredBlob>
  /**
   * Takes over a local file whose hash is known; afterwards nothing stands at `path`. Instant on one file system.
   * The caller vouches for the hash.
   */
  adopt(path: string, sha256: string): Promise<StoredBlob>
  has(sha256: string): Promise<boolean>
  /** Bytes of the file; undefined when it is not here. */
  size(sha256: string): Promise<number | undefined>
  /** Bytes [start, end), end exclusive; without a range all of it. @throws UserError `request/not-found`. */
  open(sha256: string, range?: { readonly start: number; readonly end: number }): Promise<Readable>
  /** All bytes at once: for tables, not for captures. @throws UserError `request/not-found`. */
  read(sha256: string): Promise<Uint8Array>
  /** @throws UserError `request/not-found`. */
  local(sha256: string): Promise<LocalBlob>
  /** Nothing happens when it is not there. */
  remove(sha256: string): Promise<void>
  /** Bytes that can still be stored; Infinity when nobody can tell. */
  freeBytes(): Promise<number>
  /** Whether it answers. @throws UserError `store/…` with what to do. */
  check(): Promise<void>
  /** Lets connections and local copies go. */
  close(): Promise<void>
}
