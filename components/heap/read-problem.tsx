import { Button } from '#components/ui/button'

/** A read that was refused, with its sentence. */
export function ReadProblem({ sentence, onRetry }: { sentence: string; onRetry(): void }) {
  return (
    <div role="alert" className="flex flex-col items-start gap-2 px-4 py-6">
      <p className="text-growth">{sentence}</p>
      <Button size="small" onClick={onRetry}>
        Try again
      </Button>
    </div>
  )
}
