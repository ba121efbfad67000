import { describe, expect, it } from 'vitest'
import { isAllocator } from '#lib/stacks/allocators'
import { isPlatform, libraryOf } from '#lib/stacks/libraries'

const library = (place: { name?: string; file?: string; object?: string }): string =>
  libraryOf({ name: '', file: '', object: '', ...place })

describe('the library of a frame', () => {
  it.each([
    [{ object: '/usr/lib/x86_64-linux-gnu/libfoo.so.6.0.30' }, 'libfoo.so'],
    [{ object: '/usr/lib/x86_64-linux-gnu/libruby-3.1.so.3.1' }, 'libruby.so'],
    [{ object: '/opt/app/bin/server' }, 'server'],
    [{ object: '/opt/app/bin/server (deleted)' }, 'server'],
    [{ object: '/var/lib/gems/3.1.0/gems/memcached-1.3/ext/rlibmemcached.so' }, 'memcached 1.3 (gem)'],
    [{ file: '/app/vendor/bundle/ruby/3.3.0/gems/rb-inotify-0.10.1/lib/x.rb' }, 'rb-inotify 0.10.1 (gem)'],
    [
      { object: '/home/x/.gem/extensions/x86_64-linux/3.1.0/bcrypt-3.1.20/bcrypt_ext.so' },
      'bcrypt 3.1.20 (gem)',
    ],
    [{ file: 'file:///app/node_modules/a/node_modules/@acme/web/index.js' }, '@acme/web (npm)'],
    [{ object: '/app/node_modules/sharp/build/Release/sharp.node' }, 'sharp (npm)'],
    [{ file: 'node:internal/streams' }, 'node'],
    [{ name: 'net/http.(*Server).Serve', file: '/usr/lib/go/src/net/http/server.go' }, 'net/http'],
    [{ name: 'main.keep', file: '/home/app/main.go' }, 'main'],
    [
      { name: 'github.com/acme/lib/v2.New[go.shape.*github.com/x/y.T]', file: '/src/lib.go' },
      'github.com/acme/lib/v2',
    ],
    [
      { file: '/root/go/pkg/mod/github.com/acme/lib@v1.2.3/x.go', name: 'github.com/acme/lib.New' },
      'github.com/acme/lib@v1.2.3',
    ],
    [
      { file: '/root/.cargo/registry/src/index.crates.io-6f1/tokio-1.38.0/src/lib.rs' },
      'tokio 1.38.0 (crate)',
    ],
    [{ file: '/usr/lib/python3/dist-packages/numpy/core.py' }, 'numpy (Python)'],
    [{}, ''],
    [{ file: '__proto__', object: '/x/constructor' }, 'constructor'],
  ])('of %j is %s', (place, expected) => {
    expect(library(place)).toBe(expected)
  })

  it('belongs to the platform when it is libc, a runtime or Go’s standard library', () => {
    for (const name of ['libc.so', 'libstdc++.so', 'libruby.so', 'ld-linux-x86-64.so', 'node', '[vdso]'])
      expect(isPlatform('f', name, ''), name).toBe(true)
    expect(isPlatform('fmt.Sprintf', 'fmt', '/usr/lib/go/src/fmt/print.go')).toBe(true)
    for (const name of ['memcached 1.3 (gem)', 'libmemcached.so', 'libcurl.so', 'server', ''])
      expect(isPlatform('f', name, ''), name).toBe(false)
    expect(isPlatform('main.keep', 'main', '/home/app/main.go')).toBe(false)
    expect(isPlatform('github.com/x/fmt.Print', 'github.com/x/fmt', '/src/x.go')).toBe(false)
  })
})

describe('allocator functions', () => {
  it.each([
    'malloc',
    '__libc_malloc',
    '_int_malloc',
    '__GI___libc_malloc',
    'malloc@@GLIBC_2.2.5',
    'calloc',
    'strdup',
    '__GI___strdup',
    'operator new(unsigned long)',
    'operator new[](unsigned long, std::nothrow_t const&)',
    'g_malloc0',
    'ruby_xmalloc2',
    'rb_xrealloc',
    'objspace_xmalloc0',
    'je_malloc',
    'tc_newarray',
    'PyMem_RawMalloc',
    '__rust_alloc',
    'xmalloc',
    'CRYPTO_malloc',
  ])('%s is one', (name) => {
    expect(isAllocator(name, '')).toBe(true)
  })

  it.each([
    'main',
    'mc_make_error',
    'mallocator_test',
    'malloc_stats_print',
    'renew',
    'new_session',
    'Session.new',
    'allocate_user',
    '',
  ])('%s is none', (name) => {
    expect(isAllocator(name, 'server')).toBe(false)
  })

  it('are all functions of a library that is an allocator', () => {
    expect(isAllocator('anything', 'libjemalloc.so')).toBe(true)
    expect(isAllocator('anything', 'vgpreload_memcheck-amd64-linux.so')).toBe(true)
  })
})
