import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type AccountChange, Accounts } from './accounts.ts'

const NORTH = { zones: ['Z1', 'Z2'] }
const fresh = () => mkdtempSync(path.join(tmpdir(), 'gastwin-accounts-'))

test('a new password or role leaves the area as it is: a forgotten option widens nothing', async () => {
  const dir = fresh()
  const accounts = await Accounts.open(dir)
  await accounts.setUser('li', 'dispatcher', 'correct horse', NORTH)
  await accounts.setUser('li', 'safety', 'battery staple')
  const key = await accounts.addApiKey('scada', 'viewer', NORTH)
  const again = await accounts.addApiKey('scada', 'admin')
  const reopened = await Accounts.open(dir)
  expect(await reopened.checkPassword('li', 'correct horse')).toBeUndefined()
  expect(await reopened.checkPassword('li', 'battery staple')).toEqual({ role: 'safety', area: NORTH })
  expect(reopened.checkApiKey(key)).toBeUndefined()
  expect(reopened.checkApiKey(again)).toEqual({ user: 'key:scada', role: 'admin', area: NORTH })
})

test('an area is changed and taken away by saying so, and everybody is listed with theirs', async () => {
  const accounts = await Accounts.open(fresh())
  await accounts.setUser('li', 'dispatcher', 'correct horse')
  await accounts.setUser('han', 'viewer', 'correct horse', { marks: ['group:north'] })
  await accounts.setArea('user', 'li', NORTH, 'root')
  await accounts.setArea('user', 'han', null, 'root')
  expect(accounts.list('user')).toEqual([
    { name: 'han', role: 'viewer' },
    { name: 'li', role: 'dispatcher', area: NORTH },
  ])
  expect(await accounts.checkPassword('li', 'correct horse')).toEqual({ role: 'dispatcher', area: NORTH })
  await expect(accounts.setArea('key', 'li', null, 'root')).rejects.toThrow('there is no key "li"')
})

test('each change is handed out once for the record, without a secret, also over a start', async () => {
  const dir = fresh()
  const accounts = await Accounts.open(dir)
  await accounts.setUser('li', 'dispatcher', 'correct horse', NORTH, 'root')
  await accounts.setArea('user', 'li', null, 'root')
  const kept: AccountChange[] = []
  const keep = async (change: AccountChange) => kept.push(change)
  await (await Accounts.open(dir)).record(keep)
  await (await Accounts.open(dir)).record(keep)
  expect(kept).toMatchObject([
    { act: 'add', account: 'user li', role: 'dispatcher', area: 'zones Z1, Z2', by: 'root' },
    { act: 'area', account: 'user li', role: 'dispatcher', area: 'whole city', by: 'root' },
  ])
  expect(JSON.stringify(kept)).not.toMatch(/hash|salt|horse/)
})

test('what could not be put on record is handed out again', async () => {
  const accounts = await Accounts.open(fresh())
  await accounts.setUser('li', 'viewer', 'correct horse')
  await expect(accounts.record(() => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full')
  const kept: AccountChange[] = []
  await accounts.record(async (change) => kept.push(change))
  expect(kept.length).toBe(1)
})
