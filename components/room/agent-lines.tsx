/** What a machine has to run, by what it watches. */
export type AgentKind = 'sh' | 'ruby' | 'node'

export const AGENT_KINDS: readonly {
  readonly kind: AgentKind
  readonly title: string
  readonly about: string
}[] = [
  {
    kind: 'sh',
    title: 'Any process (Linux)',
    about: 'From outside: memory of a process and its children from /proc. Put the process’s number for PID.',
  },
  {
    kind: 'ruby',
    title: 'Ruby',
    about:
      'From inside: the collector’s numbers too, and heap dumps when somebody here asks. A dump stops the process until it is written. For requests: use Leakroom::Middleware.',
  },
  {
    kind: 'node',
    title: 'Node',
    about:
      'From inside: heap spaces too, and snapshots when somebody here asks. A snapshot stops the process until it is written and can take as much memory again as the heap.',
  },
]

/** The line to paste into a shell: fetches the agent from this server and starts it. `token` has no quotes in it. */
export function agentLine(kind: AgentKind, origin: string, token: string): string {
  const room = `LEAKROOM_URL='${origin}' LEAKROOM_TOKEN='${token}'`
  switch (kind) {
    case 'sh':
      return `curl -fsS '${origin}/agent/leakroom-agent.sh' -o leakroom-agent.sh && ${room} sh leakroom-agent.sh --pid PID`
    case 'ruby':
      return `curl -fsS '${origin}/agent/leakroom.rb' -o leakroom.rb && ${room} ruby -r ./leakroom.rb app.rb`
    case 'node':
      return `curl -fsS '${origin}/agent/leakroom.mjs' -o leakroom.mjs && ${room} node --import ./leakroom.mjs app.js`
  }
}
