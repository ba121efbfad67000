import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { Toasts } from '#components/ui/toasts'
import { TooltipProvider } from '#components/ui/tooltip'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Leakroom', template: '%s · Leakroom' },
  description: 'A shared room in which a team hunts a memory leak',
  // Rooms and links are nobody else's business.
  robots: { index: false, follow: false },
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#1a1b1e' },
  ],
}

/** Sets the chosen theme before the first paint; THEME_KEY of components/ui/theme-toggle.tsx. */
const EARLY_THEME = `try{var t=localStorage.getItem('leakroom-theme');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch{}`

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // The early script may set data-theme, which the server cannot know.
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: reason: our own constant, and it must run before the first paint. */}
        <script dangerouslySetInnerHTML={{ __html: EARLY_THEME }} />
      </head>
      <body>
        <TooltipProvider>{children}</TooltipProvider>
        <Toasts />
      </body>
    </html>
  )
}
