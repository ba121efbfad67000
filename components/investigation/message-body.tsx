import { Fragment } from 'react'
import { PinMention } from './evidence-chip.tsx'
import { messageParts } from './message-parts.tsx'

/** What somebody wrote, as text: nothing in it is ever read as HTML. */
export function MessageBody({ body, myId }: { body: string; myId: string }) {
  return (
    <div className="whitespace-pre-wrap break-words">
      {messageParts(body).map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other identity.
        <Fragment key={at}>
          {part.kind === 'text' && part.text}
          {part.kind === 'pin' && <PinMention evidenceId={part.evidenceId} />}
          {part.kind === 'mention' && (
            <span
              className={
                part.userId === myId
                  ? 'rounded bg-warm-soft px-1 font-[550] text-warm'
                  : 'rounded bg-accent-soft px-1 font-[550] text-accent'
              }
            >
              @<bdi>{part.name}</bdi>
            </span>
          )}
          {part.kind === 'link' && (
            <a
              href={part.href}
              target="_blank"
              rel="noopener noreferrer nofollow"
              className="break-all text-accent underline underline-offset-2"
            >
              {part.href}
            </a>
          )}
          {part.kind === 'code' &&
            (part.block ? (
              <pre className="num my-1 overflow-x-auto rounded-md border border-line bg-sunken p-2">
                {part.text}
              </pre>
            ) : (
              <code className="num rounded bg-sunken px-1">{part.text}</code>
            ))}
        </Fragment>
      ))}
    </div>
  )
}
