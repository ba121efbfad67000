import { Button } from '#components/ui/button'
import { type ExperimentTemplate, TEMPLATES } from '#lib/experiments/templates'
import { ConditionMark } from './condition-mark.tsx'

/** The ready-made experiments: what to do, what each outcome would mean, and what it cannot tell. */
export function TemplateCards({ onUse }: { onUse?: (template: ExperimentTemplate) => void }) {
  return (
    <ul aria-label="Ready-made experiments" className="grid gap-2.5 @2xl:grid-cols-2 @5xl:grid-cols-3">
      {TEMPLATES.map((template) => (
        <TemplateCard key={template.id} template={template} onUse={onUse} />
      ))}
    </ul>
  )
}

function TemplateCard({
  template,
  onUse,
}: {
  template: ExperimentTemplate
  onUse: ((template: ExperimentTemplate) => void) | undefined
}) {
  return (
    <li className="flex min-w-0 flex-col gap-2 rounded-lg border border-line bg-panel p-3 text-left">
      <h3 className="font-[650]">{template.title}</h3>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-2 gap-y-1 text-sm">
        <dt>
          <ConditionMark condition="A" />
        </dt>
        <dd className="text-ink-2">{template.a}</dd>
        <dt>
          <ConditionMark condition="B" />
        </dt>
        <dd className="text-ink-2">{template.b}</dd>
      </dl>
      <Meanings template={template} />
      <p className="text-ink-3 text-xs">{template.caution}</p>
      {onUse && (
        <div className="mt-auto pt-1">
          <Button size="small" aria-label={`Use this: ${template.title}`} onClick={() => onUse(template)}>
            Use this
          </Button>
        </div>
      )}
    </li>
  )
}

/** What level and slope would say. */
export function Meanings({ template }: { template: ExperimentTemplate }) {
  return (
    <ul className="grid gap-1 text-sm">
      {template.meanings.map(({ seen, means }) => (
        <li key={seen}>
          <span className="font-[550]">{seen.charAt(0).toUpperCase() + seen.slice(1)}:</span>{' '}
          <span className="text-ink-2">{means}</span>
        </li>
      ))}
    </ul>
  )
}
