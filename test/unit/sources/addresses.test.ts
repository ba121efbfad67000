import { describe, expect, it } from 'vitest'
import { policyOf, refusedAddress } from '#lib/sources/addresses'

describe('the addresses that this server connects to for people', () => {
  it.each([
    ['93.184.216.34'],
    ['8.8.8.8'],
    ['172.15.255.255'],
    ['172.32.0.1'],
    ['192.169.0.1'],
    ['100.63.255.255'],
    ['2606:4700::1111'],
    ['2a00:1450:4001::8a'],
    ['64:ff9b::808:808'],
    ['::ffff:8.8.8.8'],
  ])('%s is public', (address) => {
    for (const policy of ['public', 'loopback', 'private'] as const)
      expect(refusedAddress(address, policy)).toBeUndefined()
  })

  it.each([
    ['127.0.0.1'],
    ['127.255.255.254'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['::ffff:7f00:1'],
    ['0:0:0:0:0:ffff:7f00:1'],
    ['64:ff9b::7f00:1'],
  ])('%s is this machine', (address) => {
    expect(refusedAddress(address, 'public')).toBe('this machine itself')
    expect(refusedAddress(address, 'loopback')).toBeUndefined()
    expect(refusedAddress(address, 'private')).toBeUndefined()
  })

  it.each([
    ['10.0.0.1'],
    ['172.16.0.1'],
    ['172.31.255.255'],
    ['192.168.1.1'],
    ['100.64.0.1'],
    ['fc00::1'],
    ['fd12:3456::1'],
    ['fec0::1'],
    ['::ffff:10.1.2.3'],
    ['64:ff9b::a01:203'],
  ])('%s is private', (address) => {
    expect(refusedAddress(address, 'public')).toBe('a private address')
    expect(refusedAddress(address, 'loopback')).toBe('a private address')
    expect(refusedAddress(address, 'private')).toBeUndefined()
  })

  it.each([
    ['169.254.169.254'],
    ['169.254.0.1'],
    ['fe80::1'],
    ['fe80::1%eth0'],
    ['fd00:ec2::254'],
    ['100.100.100.200'],
    ['192.0.0.192'],
    ['168.63.129.16'],
    ['::ffff:169.254.169.254'],
    ['64:ff9b::a9fe:a9fe'],
    ['0.0.0.0'],
    ['0.1.2.3'],
    ['192.0.2.1'],
    ['198.18.0.1'],
    ['224.0.0.1'],
    ['239.255.255.250'],
    ['255.255.255.255'],
    ['::'],
    ['ff02::1'],
    ['2002:7f00:1::'],
    ['2001:0:4136:e378::'],
    ['2001:db8::1'],
    ['::7f00:1'],
    ['64:ff9b:1::7f00:1'],
    ['localhost'],
    ['127.1'],
    [''],
  ])('%s is refused whatever the operator allows', (address) => {
    for (const policy of ['public', 'loopback', 'private'] as const)
      expect(refusedAddress(address, policy)).toEqual(expect.any(String))
  })

  it('this machine is allowed unasked only while nobody else can reach the server', () => {
    expect(policyOf({ HOST: '127.0.0.1' })).toBe('loopback')
    expect(policyOf({ HOST: '127.0.0.1', BASE_URL: 'https://room.example' })).toBe('public')
    expect(policyOf({ HOST: '0.0.0.0' })).toBe('public')
    expect(policyOf({ HOST: '127.0.0.1', ALLOW_PRIVATE_SOURCES: false })).toBe('public')
    expect(policyOf({ HOST: '0.0.0.0', ALLOW_PRIVATE_SOURCES: true })).toBe('private')
  })
})
