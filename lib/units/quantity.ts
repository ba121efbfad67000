declare const unit: unique symbol

/** A number with a unit. The brand exists only for the compiler: at run time it is a plain number. */
export type Quantity<U extends string> = number & { readonly [unit]: U }

export type Bytes = Quantity<'bytes'>
export type Milliseconds = Quantity<'milliseconds'>
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = Quantity<'instant'>

export const bytes = (n: number): Bytes => n as Bytes
export const kibibytes = (n: number): Bytes => bytes(n * 1024)
export const mebibytes = (n: number): Bytes => bytes(n * 1024 ** 2)
export const gibibytes = (n: number): Bytes => bytes(n * 1024 ** 3)

export const milliseconds = (n: number): Milliseconds => n as Milliseconds
export const seconds = (n: number): Milliseconds => milliseconds(n * 1000)
export const minutes = (n: number): Milliseconds => seconds(n * 60)
export const hours = (n: number): Milliseconds => minutes(n * 60)

export const instant = (epochMs: number): Instant => epochMs as Instant
