import Link from 'next/link'

/** The name with its open ring: the way home. */
export function Mark() {
  return (
    <Link href="/" className="flex items-center gap-2 rounded font-[650] tracking-tight max-md:min-h-8">
      <span
        aria-hidden="true"
        className="inline-block size-4 rotate-[35deg] rounded-full border-[3px] border-accent border-r-transparent!"
      />
      Leakroom
    </Link>
  )
}
