import type { Store } from './store.ts'

/** Several files at once, released together. */
export interface LocalFiles {
  /** In the order in which they were asked for. */
  readonly paths: readonly string[]
  release(): Promise<void>
}

/** All of these files, or none: what could be had is released again when one of them cannot. @throws as Store.local */
export async function localFiles(store: Store, names: readonly string[]): Promise<LocalFiles> {
  const settled = await Promise.allSettled(names.map((sha256) => store.local(sha256)))
  const files = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const release = async () => void (await Promise.all(files.map((file) => file.release())))
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed) {
    await release()
    throw failed.reason
  }
  return { paths: files.map(({ path }) => path), release }
}
