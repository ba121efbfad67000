/**
 * A Content-Disposition that always downloads and never shows. The name is hostile text: an ASCII form for old clients,
 * and the real one by RFC 8187.
 */
export function attachment(fileName: string): string {
  const ascii = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(fileName.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}

/** Headers of a file that a browser must not run, render or guess about. */
export const downloadHeaders = (fileName: string, type: string): Record<string, string> => ({
  'Content-Type': type,
  'Content-Disposition': attachment(fileName),
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cache-Control': 'private, no-store',
})
