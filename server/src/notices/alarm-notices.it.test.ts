import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Alarm } from '@gastwin/analytics'
import { CityCalendar } from '@gastwin/twin'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { AuditFacts } from '../command/audit-chain.ts'
import { AlarmNotices } from './alarm-notices.ts'
import { isTold, type NoticeRule, readNoticeRules } from './notice-rule.ts'

const calendar = new CityCalendar('Asia/Shanghai')
/** A Wednesday. */
const noon = Date.parse('2026-03-11T12:00:00+08:00')
const HOUR = 3_600_000
const alarm = (part: Partial<Alarm> = {}): Alarm => ({
  ...{ id: 'A1', rule: 'gas_detected', priority: 1, state: 'active_unacked', asset: { kind: 'rtu', id: 'RTU-1' } },
  ...{ zone: 'Z1', lon: null, lat: null, since: noon, raised_at: noon, updated_at: noon, cleared_at: null, value: 1 },
  ...{ limit: 0, unit: '1', consequence: '', affected_meters: null, action: '', evidence: [], occurrences: 1 },
  ...{ acked_at: null, acked_by: null, ack_note: null, shelved_until: null, shelved_by: null, shelve_reason: null },
  ...{ suppressed_by: null },
  ...part,
})
const rule = (part: Partial<NoticeRule>): NoticeRule => ({
  name: 'n',
  cleared: false,
  way: { command: ['true'] },
  ...part,
})

const dir = mkdtempSync(path.join(os.tmpdir(), 'gastwin-notices-'))
let server: Server
let url = ''
let answer = 204
const heard: { readonly key: string | undefined; readonly body: unknown }[] = []
const open: AlarmNotices[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (bytes) => {
      text += String(bytes)
    })
    request.on('end', () => {
      heard.push({ key: request.headers['x-key'] as string | undefined, body: JSON.parse(text) })
      response.writeHead(answer).end()
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alarms`
})
afterEach(() => {
  for (const one of open.splice(0)) one.close()
  heard.length = 0
  answer = 204
})
afterAll(() => {
  server.close()
  rmSync(dir, { recursive: true, force: true })
})

interface Kept extends AuditFacts {
  readonly said: string
}
function notices(rules: readonly NoticeRule[]) {
  const audit: Kept[] = []
  const made = new AlarmNotices({
    ...{ rules, calendar, pausesMs: [50, 50], timeoutMs: 1_000 },
    audit: (said, facts) => {
      audit.push({ ...facts, said })
      return Promise.resolve()
    },
    onFailure: (error) => {
      throw error
    },
  })
  open.push(made)
  return { made, audit }
}
async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !done(); i++) await pause(20)
  expect(done()).toBe(true)
}

describe('which alarms are told, and when', () => {
  test('is narrowed by rule, priority, zone and asset', () => {
    const told = (part: Partial<NoticeRule>) => isTold(rule(part), alarm(), calendar, noon)
    expect([told({}), told({ rules: ['gas_detected'] }), told({ rules: ['silence'] })]).toEqual([true, true, false])
    expect([told({ priorities: [1] }), told({ priorities: [2, 3] })]).toEqual([true, false])
    expect([told({ zones: ['Z1'] }), told({ zones: ['Z2'] })]).toEqual([true, false])
    expect([told({ assets: ['RTU-1'] }), told({ assets: ['RTU-2'] })]).toEqual([true, false])
    expect(isTold(rule({ zones: ['Z1'] }), alarm({ zone: null }), calendar, noon)).toBe(false)
  })
  test('a window of the city’s hours may pass midnight, and belongs to the day on which it begins', () => {
    const day = { from: '08:00', to: '18:00' }
    const night = { from: '18:00', to: '08:00', days: [3] }
    const at = (part: Partial<NoticeRule>, hours: number) => isTold(rule(part), alarm(), calendar, noon + hours * HOUR)
    expect([at(day, 0), at(day, 5.99), at(day, 6), at(day, -4.01)]).toEqual([true, true, false, false])
    expect([at(night, 0), at(night, 6), at(night, 19.9), at(night, 20), at(night, -5)]).toEqual([
      ...[false, true, true, false, false],
    ])
  })
})

describe('telling', () => {
  test('a POST is made once for an alarm, again when it comes back, and when it cleared where that is wanted', async () => {
    const way = { post: url, headers: { 'x-key': 'secret' } }
    const { made, audit } = notices([rule({ cleared: true, way }), rule({ name: 'other', zones: ['Z9'], way })])
    made.take([alarm()])
    made.take([alarm({ value: 2 }), alarm({ state: 'active_acked' })])
    await until(() => heard.length === 1)
    made.take([alarm({ occurrences: 2 })])
    await until(() => heard.length === 2)
    made.take([alarm({ state: 'cleared_unacked', cleared_at: noon, occurrences: 2 }), alarm({ state: 'cleared' })])
    await until(() => audit.length === 3)
    expect(heard.map(({ key, body }) => [key, (body as { event: string }).event])).toEqual([
      ...[
        ['secret', 'raised'],
        ['secret', 'raised'],
        ['secret', 'cleared'],
      ],
    ])
    expect(heard[0]?.body).toMatchObject({ notice: 'n', alarm: { id: 'A1', rule: 'gas_detected', zone: 'Z1' } })
    expect(audit.map(({ said, tries }) => [said, tries])).toEqual([1, 1, 1].map(() => ['alarm_told', 1]))
  })
  test('a program is given the notice on its input, and no shell reads its words', async () => {
    const file = path.join(dir, 'told.json')
    const source =
      "require('node:fs').writeFileSync(process.argv[1], require('node:fs').readFileSync(0) + process.argv[2])"
    const { made, audit } = notices([rule({ way: { command: [process.execPath, '-e', source, file, '$(id)'] } })])
    made.take([alarm()])
    await until(() => audit.length === 1)
    const text = readFileSync(file, 'utf8')
    expect([text.endsWith('$(id)'), JSON.parse(text.slice(0, -5))]).toMatchObject([true, { event: 'raised' }])
  })
  test('who does not answer is tried again and then given up, on record with the reason', async () => {
    answer = 500
    const { made, audit } = notices([rule({ way: { post: url, headers: {} } })])
    made.take([alarm()])
    await until(() => audit.length === 1)
    expect(heard).toHaveLength(3)
    expect(audit[0]).toMatchObject({ said: 'alarm_not_told', tries: 3, detail: 'answered 500' })
    const hanging = [process.execPath, '-e', 'setTimeout(() => {}, 60_000)']
    const none = notices([
      rule({ way: { command: [path.join(dir, 'none')] } }),
      rule({ name: 'h', way: { command: hanging } }),
    ])
    none.made.take([alarm()])
    await until(() => none.audit.length === 2)
    const details = none.audit.map(({ detail }) => String(detail))
    expect(details.some((detail) => detail.includes('ENOENT'))).toBe(true)
    expect(details).toContain('did not end in time')
  }, 20_000)
  test('in a flood the least urgent go unsaid, on record', async () => {
    const { made, audit } = notices([rule({ way: { post: 'http://127.0.0.1:9/', headers: {} } })])
    made.take(Array.from({ length: 1_100 }, (_, i) => alarm({ id: `A${i}`, priority: i % 2 === 0 ? 1 : 4 })))
    expect(audit.filter(({ detail }) => detail === 'more notices than can be sent')).toHaveLength(100)
    made.close()
    await pause(200)
  })
})

describe('the file of notices', () => {
  const read = (list: unknown) => {
    const file = path.join(dir, 'notices.json')
    writeFileSync(file, JSON.stringify(list))
    return readNoticeRules(file)
  }
  test('is read, and tells all its mistakes at once', async () => {
    const good = { name: 'night', priorities: [1, 2], from: '18:00', to: '07:30', days: [1, 5], command: ['sms'] }
    expect(await read([good, { name: 'hook', post: 'https://x.example/a' }])).toMatchObject([
      { name: 'night', cleared: false, way: { command: ['sms'] } },
      { way: { post: 'https://x.example/a', headers: {} } },
    ])
    const bad = { name: '', rules: ['no_rule'], from: '7', when: 1, post: 'ftp://x', command: ['a'] }
    const faults = await read([bad, good, good]).catch((error: Error) => error.message.split('\n'))
    expect(faults).toHaveLength(7)
    expect(faults).toContainEqual(expect.stringContaining('[0]: "when" is no field of a notice'))
    await expect(read({})).rejects.toThrow(/a list/)
  })
})
