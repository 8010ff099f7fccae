import { expect, test } from 'vitest'
import { Delegations, type KeptDelegation, makeDelegationKey } from './delegation.ts'

test('a key stands for its delegation until it expires or is revoked, and for nothing else', () => {
  const { key, sha256 } = makeDelegationKey()
  const granted: KeptDelegation = {
    ...{ id: 'D1', name: 'heat billing', role: 'viewer', scope: { zones: ['Z1'] }, granted_by: 'root' },
    ...{ granted_at: 0, expires_at: 1000, revoked_at: null, revoked_by: null, reason: 'contract', sha256 },
  }
  const delegations = new Delegations()
  delegations.apply(granted)
  expect(delegations.find(key, 999)?.name).toBe('heat billing')
  expect(delegations.find(key, 1000)).toBeUndefined()
  expect(delegations.find(`${key}x`, 1)).toBeUndefined()
  delegations.apply({ ...granted, revoked_at: 5, revoked_by: 'root' })
  expect(delegations.find(key, 6)).toBeUndefined()
  expect(JSON.stringify(delegations.list())).not.toContain(sha256)
  expect(delegations.takeId()).toBe('D2')
})
