/** The title above sites: where objects were allocated, or where their class or function is defined (V8 without a recording). */
export const siteHeader = (kind: 'allocation' | 'definition' | undefined): string =>
  kind === 'definition' ? 'Defined at' : 'Allocated at'

/** What stands below it for an object without a site. Nobody traces definitions: there is nothing to say. */
export const noSite = (header: string): string => (header === siteHeader('definition') ? '' : 'not traced')
