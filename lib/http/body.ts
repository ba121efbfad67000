import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { UserError } from '#lib/errors/user-error'
import { type Bytes, bytes, kibibytes } from '#lib/units/quantity'

/** Below this a body is read where it came in: a few milliseconds. Larger ones go to a worker thread. */
export const SMALL_BODY = kibibytes(64)

/**
 * The whole body, never more than `limit`: reading stops at the first byte too many, whatever Content-Length says.
 * With a Content-Length the bytes are copied once, as they come.
 * @throws UserError upload/too-large
 */
export async function readBody(request: Request, limit: Bytes): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > limit) throw new UserError('upload/too-large', { size: bytes(announced), limit })
  if (!request.body) return new Uint8Array(0)
  // Untouched memory costs nothing: who announces much and sends little takes none.
  let whole = new Uint8Array(announced > 0 ? announced : SMALL_BODY)
  let size = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    if (size + value.length > limit) {
      await reader.cancel()
      throw new UserError('upload/too-large', { size: bytes(size + value.length), limit })
    }
    if (size + value.length > whole.length) {
      const larger = new Uint8Array(Math.min(limit, 2 * (size + value.length)))
      larger.set(whole.subarray(0, size))
      whole = larger
    }
    whole.set(value, size)
    size += value.length
  }
  return whole.subarray(0, size)
}

/**
 * As `readBody`, of a body that may be packed (`Content-Encoding: gzip`); `limit` holds for what comes out of it, too.
 * @throws UserError upload/too-large · request/malformed
 */
export async function readPlainBody(request: Request, limit: Bytes): Promise<Uint8Array<ArrayBuffer>> {
  const body = await readBody(request, limit)
  if (request.headers.get('content-encoding')?.trim().toLowerCase() !== 'gzip') return body
  try {
    return new Uint8Array(await promisify(gunzip)(body, { maxOutputLength: limit }))
  } catch (error) {
    if (error instanceof RangeError)
      throw new UserError('upload/too-large', { size: bytes(limit + 1), limit })
    throw new UserError('request/malformed', { where: 'gzip' })
  }
}
