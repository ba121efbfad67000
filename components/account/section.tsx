import type { ReactNode } from 'react'

/** One part of the settings page. */
export function Section({
  title,
  about,
  children,
}: {
  title: string
  about?: ReactNode
  children: ReactNode
}) {
  return (
    <section className="mt-8">
      <h2 className="font-[650] text-md">{title}</h2>
      {about && <p className="mt-0.5 text-ink-2">{about}</p>}
      <div className="mt-3 rounded-[10px] border border-line bg-panel p-4">{children}</div>
    </section>
  )
}
