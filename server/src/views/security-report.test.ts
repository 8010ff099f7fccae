import { describe, expect, test } from 'vitest'
import type { HostileTerminal, KeysHealth } from '../contract/index.ts'
import { newCounters } from '../ingest/ingest-counters.ts'
import { type SecuritySources, securityReport } from './security-report.ts'
import { THREATS } from './threats.table.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 5, 1)

const KEYS: KeysHealth = {
  ...{ since: NOW - DAY, master_key: 'command', keyring: { made_at: NOW - 10 * DAY, rotated_at: null, rotations: 0 } },
  ...{ uses: [], sessions: 90, contacts: {}, dtls: null, failed: { total: 0, devices: 0, worst: [] } },
  authority: { platform: 'north', serial: 2, valid_until: NOW + 300 * DAY, revoked: 0 },
}
const TERMINAL: HostileTerminal = {
  ...{ device: '1', from: '10.0.0.1:5', except: null, step: 'isolate', score: 13, since: NOW, updated_at: NOW },
  ...{ reasons: [{ code: 'contradiction', count: 4, weight: 12 }], learned: null, by: 'rules', note: null },
}
const MODEL = {
  ...{ source: 'shipped' as const, file: 'm', sha256: '', seed: 1, rows: 1, positives: 1, kinds: [] },
  ...{ warn: 0.5, observe: 0.9 },
}
const sound: SecuritySources = {
  ...{ at: NOW, wall: NOW, keys: KEYS, terminals: [], model: { model: MODEL, refused: null, watched: 0 } },
  ingest: { ...newCounters(), inWork: 0, rememberedExchanges: 0 },
  ...{ alarms: [], quarantined: 0, devices: 100, delegations: [], audit: { ok: true, records: 7, hash: '' } },
  concentrators: { session: 3, transport: 0, address: 0, nothing: 0 },
  rtus: { session: 3, transport: 1, address: 0, nothing: 0 },
  actuators: { sealed: 4, clear: 0, nothing: 0 },
  ...{ roles: { users: ['admin', 'viewer', 'viewer'], apiKeys: ['admin'] } },
  config: { httpHost: '127.0.0.1', demoPassword: null },
}
const codes = (part: Partial<SecuritySources>) => securityReport({ ...sound, ...part }).findings.map(({ code }) => code)

describe('the threats', () => {
  test('are the eleven of the founding paper in its order, each with what is done about it', () => {
    expect(THREATS.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    const grades = THREATS.map(({ probability, risk }) => `${probability} ${risk}`)
    expect(grades.slice(0, 3)).toEqual(['low high', 'high high', 'mid mid'])
    expect(grades[5]).toBe('mid high')
    expect(grades.slice(6)).toEqual(Array.from({ length: 5 }, () => 'mid mid'))
    for (const { by } of THREATS) expect(by.length).toBeGreaterThan(20)
  })
  test('tell what was seen of each', () => {
    const { threats, terminals } = securityReport({ ...sound, terminals: [TERMINAL], quarantined: 3 })
    expect(threats[1]?.seen).toEqual([
      { what: 'contradictions', count: 4 },
      { what: 'suspected_terminals', count: 1 },
    ])
    expect(threats[5]?.seen).toContainEqual({ what: 'quarantined', count: 3 })
    expect(terminals).toEqual([{ what: 'isolate', count: 1 }])
  })
})

describe('routine assessment', () => {
  test('finds nothing in a service that is set up well', () => {
    expect(codes({})).toEqual([])
  })
  test('finds keys that are missing, lie open or are old, and certificates that end', () => {
    expect(codes({ keys: { ...KEYS, master_key: 'none', keyring: null, authority: null } })).toEqual([
      'no_master_key',
      'no_authority',
    ])
    expect(codes({ keys: { ...KEYS, master_key: 'setting' } })).toEqual(['master_key_in_environment'])
    expect(codes({ wall: NOW + 400 * DAY })).toEqual(['platform_certificate_ends', 'master_key_old'])
    expect(codes({ devices: 1000 })).toEqual(['few_sessions'])
    expect(codes({ concentrators: { session: 1, transport: 1, address: 2, nothing: 1 } })).toEqual([
      'concentrators_by_address',
      'concentrators_without_session',
    ])
    expect(codes({ actuators: { sealed: 1, clear: 2, nothing: 1 }, rtus: { ...sound.rtus, address: 5 } })).toEqual([
      'actuators_in_clear',
      'actuators_without_session',
      'rtus_by_address',
    ])
  })
  test('finds a broken audit, open doors and what waits for a person, gravest first', () => {
    const keys = { ...KEYS, failed: { total: 5, devices: 2, worst: [] } }
    const config = { httpHost: '0.0.0.0', demoPassword: 'x' }
    const model = { model: null, refused: 'its checksum is wrong', watched: 0 }
    const audit = { ok: false, line: 4, reason: 'hash' } as const
    expect(codes({ audit, config, keys, model, terminals: [TERMINAL] })).toEqual([
      ...[
        'audit_broken',
        'demo_accounts',
        'open_http',
        'terminals_kept_away',
        'no_learned_watch',
        'undecryptable_frames',
      ],
    ])
    expect(securityReport({ ...sound, audit }).audit).toEqual({ ok: false, records: 3 })
  })
  test('counts who may do what, and only delegations that hold', () => {
    const delegation = {
      ...{ id: 'D1', name: 'x', role: 'viewer' as const, scope: {}, granted_by: 'a', granted_at: NOW, reason: 'r' },
      ...{ revoked_at: null, revoked_by: null, expires_at: NOW + DAY },
    }
    const { access } = securityReport({ ...sound, delegations: [delegation, { ...delegation, expires_at: NOW - 1 }] })
    expect(access).toEqual([
      { kind: 'user', role: 'admin', count: 1 },
      { kind: 'user', role: 'viewer', count: 2 },
      { kind: 'api_key', role: 'admin', count: 1 },
      { kind: 'delegation', role: 'viewer', count: 1 },
    ])
  })
})
