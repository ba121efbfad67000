import { describe, expect, it } from 'vitest'
import { addressOf } from '#lib/auth/address'

const from = (forwarded: string): string => addressOf(new Headers({ 'x-forwarded-for': forwarded }))

describe('the address that limits count', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:4711', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:2:ffff::9', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]:4711', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('of %s is %s', (forwarded, network) => {
    expect(from(forwarded)).toBe(network)
  })

  it('is the one that our own proxy wrote, whatever the browser has sent before it', () => {
    expect(from('198.51.100.1, 10.0.0.1, 203.0.113.7')).toBe('203.0.113.7')
    expect(from('nonsense, 203.0.113.7')).toBe('203.0.113.7')
  })

  it.each(['', 'nonsense', '203.0.113.7,', '1.2.3', '2001:db8::1::2', '<script>'])(
    'is one for everybody who comes from nowhere: "%s"',
    (forwarded) => {
      expect(from(forwarded)).toBe('unknown')
      expect(addressOf(new Headers())).toBe('unknown')
    },
  )
})
