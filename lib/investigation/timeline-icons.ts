import type { RoomEvent } from './events.ts'

/** What the picture of an entry shows. The page maps each to an icon. */
export type TimelineIcon =
  | 'room'
  | 'person'
  | 'hypothesis'
  | 'status'
  | 'confidence'
  | 'evidence'
  | 'message'
  | 'mark'
  | 'limit'
  | 'capture'
  | 'series'
  | 'ledger'
  | 'experiment'
  | 'query'
  | 'value'
  | 'share'
  | 'document'

/** The picture of each kind of event. */
export const TIMELINE_ICONS: Record<RoomEvent['type'], TimelineIcon> = {
  'investigation:opened': 'room',
  'investigation:changed': 'room',
  'member:joined': 'person',
  'member:left': 'person',
  'hypothesis:added': 'hypothesis',
  'hypothesis:changed': 'hypothesis',
  'hypothesis:moved': 'hypothesis',
  'hypothesis:status-changed': 'status',
  'hypothesis:removed': 'hypothesis',
  'confidence:set': 'confidence',
  'check:added': 'hypothesis',
  'check:changed': 'hypothesis',
  'check:evaluated': 'status',
  'check:removed': 'hypothesis',
  'evidence:pinned': 'evidence',
  'evidence:changed': 'evidence',
  'evidence:linked': 'evidence',
  'evidence:unlinked': 'evidence',
  'message:posted': 'message',
  'message:changed': 'message',
  'mark:added': 'mark',
  'mark:changed': 'mark',
  'mark:removed': 'mark',
  'limit:set': 'limit',
  'limit:removed': 'limit',
  'capture:added': 'capture',
  'capture:changed': 'capture',
  'capture:state-changed': 'capture',
  'capture:removed': 'capture',
  'series:added': 'series',
  'series:changed': 'series',
  'series:removed': 'series',
  'reminder:set': 'series',
  'reminder:due': 'series',
  'reminder:removed': 'series',
  'experiment:added': 'experiment',
  'experiment:changed': 'experiment',
  'experiment:concluded': 'experiment',
  'run:added': 'experiment',
  'run:changed': 'experiment',
  'source:added': 'series',
  'source:changed': 'series',
  'source:removed': 'series',
  'ledger:marked': 'ledger',
  'ledger:removed': 'ledger',
  'query:saved': 'query',
  'query:removed': 'query',
  'value:revealed': 'value',
  'agent:appeared': 'series',
  'snapshot:asked': 'capture',
  'snapshot:failed': 'capture',
  'share:created': 'share',
  'share:revoked': 'share',
  'document:version-saved': 'document',
  'document:restored': 'document',
}
