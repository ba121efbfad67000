// Next in development compiles in the browser with eval; the built pages never do.
const development = process.env.NODE_ENV !== 'production'

/**
 * 'unsafe-inline' for scripts: Next writes its page data as inline scripts, and a nonce would make every page dynamic.
 * What people write is never put into HTML as it is (rich text goes through ProseMirror's schema, all else through React).
 */
const contentSecurityPolicy = [
  `default-src 'self'`,
  `script-src 'self' 'unsafe-inline'${development ? ` 'unsafe-eval'` : ''}`,
  `style-src 'self' 'unsafe-inline'`,
  `img-src 'self' data: blob:`,
  `font-src 'self' data:`,
  `connect-src 'self' ws: wss:`,
  `worker-src 'self' blob:`,
  `object-src 'none'`,
  `base-uri 'self'`,
  `form-action 'self'`,
  `frame-ancestors 'none'`,
].join('; ')

/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  // `npm test` checks the types of everything at once; a start on a user's machine need not do it again.
  typescript: { ignoreBuildErrors: true },
  // Loaded from node_modules as they are: native parts, workers, or one copy shared with the server's own bundle.
  serverExternalPackages: [
    '@prisma/adapter-pg',
    '@prisma/client',
    '@tus/file-store',
    '@tus/server',
    'better-auth',
    'esbuild',
    'pg',
    'pg-boss',
    'pino',
    'pino-pretty',
    'yjs',
  ],
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'Content-Security-Policy', value: contentSecurityPolicy },
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'X-Frame-Options', value: 'DENY' },
        // Links carry secrets (/share/…, /join/…): other sites learn nothing of them. Not `no-referrer`, which makes
        // browsers send "Origin: null" with our own forms.
        { key: 'Referrer-Policy', value: 'same-origin' },
        { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
        { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=()' },
      ],
    },
  ],
}
