import { ButtonLink } from '#components/ui/button'
import { EmptyState } from '#components/ui/empty-state'

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <title>Nothing here · Leakroom</title>
      <EmptyState
        heading="h1"
        title="There is nothing here, or you are not a member"
        action={<ButtonLink href="/">Go to your investigations</ButtonLink>}
      >
        Ask the person who sent you here for an invitation, or for a new link if this one has ended.
      </EmptyState>
    </main>
  )
}
