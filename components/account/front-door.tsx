import type { ReactNode } from 'react'
import { Mark } from '#components/ui/mark'
import { ThemeToggle } from '#components/ui/theme-toggle'

/** The page around a form by which people come in: welcome, sign in, join, share. */
export function FrontDoor({
  title,
  children,
  intro,
}: {
  title: string
  intro?: ReactNode
  children: ReactNode
}) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex h-12 items-center justify-between border-line border-b bg-panel px-4">
        <Mark />
        <ThemeToggle />
      </header>
      <main className="mx-auto w-full max-w-[420px] flex-1 px-4 pt-[12dvh] pb-10">
        <h1 className="font-[680] text-[26px] leading-tight tracking-[-0.025em]">{title}</h1>
        {intro && <div className="mt-1.5 text-ink-2 text-md">{intro}</div>}
        <div className="mt-6">{children}</div>
      </main>
    </div>
  )
}
