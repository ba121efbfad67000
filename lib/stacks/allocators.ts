/**
 * Functions whose whole purpose is to hand out memory: at the end of a stack they say nothing about who wanted it.
 * Underscores in front, symbol versions, signatures and compilers' suffixes are taken off before the look-up.
 */
const NAMES = new Set(
  (
    'malloc calloc realloc reallocarray recallocarray valloc pvalloc memalign aligned_alloc posix_memalign mallocx ' +
    'rallocx sdallocx malloc_default malloc_slow strdup strndup wcsdup memdup asprintf vasprintf ' +
    // Wrappers that end the program instead of returning NULL, in most C projects.
    'xmalloc xzalloc xcalloc xrealloc xstrdup xstrndup xmemdup mmalloc ' +
    // glibc below malloc, and what it asks the kernel (massif --pages-as-heap).
    'int_malloc int_realloc int_memalign sysmalloc sysmalloc_mmap sbrk brk mmap mmap64 mremap morecore ' +
    'default_morecore glibc_morecore tcache_init ptmalloc_init ' +
    // Python, APR, libxml2, Rust's entry points.
    'PyMem_Malloc PyMem_Calloc PyMem_Realloc PyMem_RawMalloc PyMem_RawCalloc PyMem_RawRealloc PyObject_Malloc ' +
    'PyObject_Calloc PyObject_Realloc PyMem_RawStrdup apr_palloc apr_pcalloc xmlMalloc xmlStrdup xmlStrndup ' +
    'rust_alloc rust_alloc_zeroed rust_realloc rdl_alloc rdl_alloc_zeroed rdl_realloc ' +
    // SQLite, OpenSSL, FFmpeg.
    'sqlite3_malloc sqlite3_malloc64 sqlite3_realloc sqlite3_realloc64 sqlite3Malloc sqlite3Realloc sqlite3MemMalloc ' +
    'sqlite3DbMallocRaw sqlite3DbMallocRawNN CRYPTO_malloc CRYPTO_zalloc CRYPTO_realloc CRYPTO_strdup CRYPTO_memdup ' +
    'av_malloc av_mallocz av_calloc av_realloc'
  ).split(' '),
)

/** Families by pattern, one project each. */
const FAMILIES: readonly RegExp[] = [
  // C++ and its standard allocators.
  /^operator new(?:\[\])?(?:\(|$)/,
  /^(?:std::)?(?:__\w+::)?(?:__)?new_allocator<|^std::(?:__\w+::)?(?:allocator|allocator_traits)<.*>::allocate/,
  // Interposers' own names: je_malloc, tc_newarray, mi_malloc_aligned.
  /^(?:je|tc|mi|scudo|asan|interceptor)_(?:malloc|calloc|realloc|memalign|aligned_alloc|posix_memalign|new|newarray|strdup|valloc)\w*$/,
  // GLib.
  /^g_(?:try_)?(?:malloc|malloc0|realloc|calloc|memdup2?|strdup|strndup|slice_alloc0?|strdup_v?printf)(?:_n)?$/,
  // Ruby.
  /^(?:ruby|rb)_x(?:malloc|calloc|realloc)2?(?:_body)?$|^(?:rb_)?objspace_x(?:malloc|calloc|realloc)\w*$|^(?:ruby_strdup|rb_alloc_tmp_buffer\w*)$/,
  // Python.
  /^_?Py(?:Mem|Object)_(?:Raw|Debug)\w*(?:Malloc|Calloc|Realloc|Alloc)\w*$|^pymalloc_\w+$/,
  // jemalloc and tcmalloc, linked into the program.
  /^(?:je_)?(?:prof_backtrace|prof_alloc_prep|prof_tctx_create|imalloc|imalloc_body|arena_malloc_hard|tcache_alloc\w*hard)\w*$/,
  /^tcmalloc::|^\(anonymous namespace\)::do_(?:malloc|calloc|memalign)|^MallocHook::Invoke/,
  // Rust's alloc crate.
  /^<?alloc::(?:alloc::|raw_vec::)/,
]

/** Libraries that are allocators as a whole: their inner functions often carry wrong names, or none. */
const LIBRARY =
  /^(?:libjemalloc|libtcmalloc\w*|libmimalloc[\w-]*|libhoard|libscudo|vgpreload_[\w-]*|libasan|libprofiler)\.so/

/** Is this frame a part of the allocator, as opposed to the code that wanted memory? */
export const isAllocator = (name: string, library: string): boolean =>
  LIBRARY.test(library) || NAMES.has(plainName(name)) || FAMILIES.some((family) => family.test(name))

/** "__GI___libc_malloc@@GLIBC_2.2.5" → "malloc", "_int_malloc.part.0" → "int_malloc". */
function plainName(name: string): string {
  return name
    .replace(/(?:@.*|\(.*|\.(?:part|constprop|cold|isra|lto_priv)\..*)$/, '')
    .replace(/^_*(?:(?:GI|libc)_+)*/, '')
}
