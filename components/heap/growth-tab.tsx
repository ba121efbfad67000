'use client' // Choosing captures, sorting and filtering are state of this tab.

/** What grew between two or more captures. Inside a `<Room>`; its state is in the address (captures, row, shape, q). */
export function GrowthTab() {
  return null
}
