import { ButtonLink } from '#components/ui/button'
import { FrontDoor } from './front-door.tsx'

/** A link that has expired, was revoked or never was: they look the same. */
export function LinkEnded() {
  return (
    <FrontDoor
      title="This link has ended"
      intro={<p>Ask the person who sent it for a new one. If you are a member, you can go in without it.</p>}
    >
      <ButtonLink href="/">Go to your investigations</ButtonLink>
    </FrontDoor>
  )
}
