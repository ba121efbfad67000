import { UserError } from '#lib/errors/user-error'
import { type Bytes, bytes } from '#lib/units/quantity'

/**
 * The whole body, never more than `limit`: reading stops at the first byte too many, whatever Content-Length says.
 * @throws UserError upload/too-large
 */
export async function readBody(request: Request, limit: Bytes): Promise<Uint8Array> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > limit) throw new UserError('upload/too-large', { size: bytes(announced), limit })
  if (!request.body) return new Uint8Array(0)
  const parts: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size > limit) {
      await reader.cancel()
      throw new UserError('upload/too-large', { size: bytes(size), limit })
    }
    parts.push(value)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
