'use client' // Dragging, editing and live progress.

/** The room's captures in their order. Inside a `<Room>` and an `<UploadZone>`. */
export function SnapshotsTab() {
  return null
}
