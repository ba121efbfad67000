/** As long as a pin's reference may be (lib/investigation/rows.ts, EvidenceRef). */
const MAX_KEY = 2000

/** A group's name for people and in links, the same in every capture: "STRING · String · app/a.rb:10 call". */
export const groupKey = (type: string, className: string, site: string): string =>
  `${type} · ${className} · ${site}`.slice(0, MAX_KEY)
