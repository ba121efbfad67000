/** The notes' fragment. The same name stands in FRAGMENTS of lib/realtime/protocol.ts, which this layer cannot see. */
export const FRAGMENT_NOTES = 'notes'
