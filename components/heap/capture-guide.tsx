import { CopyButton } from '#components/ui/copy-button'

/** Taken inside the process that grows. Tracing has to be on before the objects are made that one asks about. */
const TRACE = `require 'objspace'
ObjectSpace.trace_object_allocations_start`
const DUMP = `GC.start
File.open("/tmp/heap-#{Process.pid}-#{Time.now.to_i}.json", 'w') { |file| ObjectSpace.dump_all(output: file) }`

/** How to take a heap snapshot, to the letter. */
export function CaptureGuide() {
  return (
    <div className="flex flex-col gap-3 text-left">
      <Step
        number={1}
        title="At boot, so that allocation sites are known (it costs some speed)"
        code={TRACE}
      />
      <Step
        number={2}
        title="After warm-up, and again twice after as much work each time: three captures can tell what keeps growing"
        code={DUMP}
      />
      <p className="text-ink-2">
        Drop the files anywhere on this page, packed (.gz, .zst) or not. Any size does. Note how many requests
        the process had served each time: growth is then told per request.
      </p>
    </div>
  )
}

function Step({ number, title, code }: { number: number; title: string; code: string }) {
  return (
    <div>
      <p className="mb-1 text-ink-2">
        <b className="font-semibold text-ink">{number}.</b> {title}
      </p>
      <div className="flex items-start gap-2 rounded-md border border-line bg-sunken p-2">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also with the keyboard. */}
        <pre tabIndex={0} className="num min-w-0 flex-1 overflow-x-auto py-0.5">
          {code}
        </pre>
        <CopyButton text={code} />
      </div>
    </div>
  )
}
