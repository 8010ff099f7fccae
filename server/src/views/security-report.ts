import type { AuditVerdict } from '../command/audit-chain.ts'
import type { Config } from '../config/config.ts'
import type {
  Alarm,
  HostileModel,
  HostileTerminal,
  KeysHealth,
  SecurityFinding,
  SecurityReport,
} from '../contract/index.ts'
import type { Delegation } from '../devices/delegation.ts'
import type { Accounts } from '../http/auth/accounts.ts'
import type { IngestSnapshot } from '../ingest/ingest-counters.ts'
import { type KnownThreat, THREATS } from './threats.table.ts'

const DAY_MS = 86_400_000
const KEY_AGE_DAYS = 365
const CERTIFICATE_DAYS = 30
const KEPT_AWAY: readonly string[] = ['isolate', 'offline']
const TAMPER_RULES: readonly string[] = ['tamper', 'magnet', 'cover_open']
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost']

/** What the report is made of, as it stands. Instants of keys and certificates are of the wall. */
export interface SecuritySources {
  readonly at: number
  readonly wall: number
  readonly keys: KeysHealth
  readonly terminals: readonly HostileTerminal[]
  readonly model: HostileModel
  readonly ingest: IngestSnapshot
  readonly alarms: readonly Alarm[]
  readonly quarantined: number
  readonly devices: number
  readonly concentrators: SecurityReport['concentrators']
  readonly rtus: SecurityReport['rtus']
  readonly actuators: SecurityReport['actuators']
  readonly roles: Accounts['roles']
  readonly delegations: readonly Delegation[]
  readonly audit: AuditVerdict
  readonly config: Pick<Config, 'httpHost' | 'demoPassword'>
}

/** Posture, threats and findings of routine assessment; pure. */
export function securityReport(sources: SecuritySources): SecurityReport {
  const { at, keys, terminals, devices, roles, delegations, audit } = sources
  const signs = signsOf(sources)
  const byStep = countBy(terminals.map(({ step }) => step))
  const standing = delegations.filter((one) => one.revoked_at === null && one.expires_at > at)
  const access = (['user', 'api_key', 'delegation'] as const).flatMap((kind) => {
    const held = kind === 'user' ? roles.users : kind === 'api_key' ? roles.apiKeys : standing.map(({ role }) => role)
    return [...countBy(held)].map(([role, count]) => ({ kind, role, count }))
  })
  return {
    ...{ at, since: keys.since },
    threats: THREATS.map(({ signs: names, ...threat }) => ({
      ...threat,
      seen: names.map((what) => ({ what, count: signs[what] })),
    })),
    findings: findingsOf(sources, signs),
    terminals: [...byStep].map(([what, count]) => ({ what, count })),
    devices: { all: devices, with_session: keys.sessions },
    ...{ concentrators: sources.concentrators, rtus: sources.rtus, actuators: sources.actuators },
    access,
    audit: { ok: audit.ok, records: audit.ok ? audit.records : audit.line - 1 },
  }
}

type Signs = Readonly<Record<KnownThreat['signs'][number], number>>

function signsOf({ keys, terminals, ingest, alarms, quarantined, audit }: SecuritySources): Signs {
  const reasons = (code: string): number =>
    terminals.reduce((sum, t) => sum + (t.reasons.find((reason) => reason.code === code)?.count ?? 0), 0)
  const { signature = 0, proof = 0, revoked = 0, rollback = 0 } = keys.contacts
  return {
    tamper_alarms: alarms.filter(({ rule }) => TAMPER_RULES.includes(rule)).length,
    contradictions: reasons('contradiction') + reasons('impossible_register') + reasons('replayed'),
    suspected_terminals: terminals.length,
    terminals_kept_away: terminals.filter(({ step }) => KEPT_AWAY.includes(step)).length,
    refused_frames: reasons('plain_refused'),
    undecryptable_frames: keys.failed.total,
    over_budget: ingest.overBudget,
    shed_reports: ingest.refusedAlarm + ingest.refusedCommercial + ingest.refusedResidential,
    refused_contacts: signature + proof + revoked + rollback,
    quarantined,
    audit_records: audit.ok ? audit.records : audit.line - 1,
  }
}

const GRADES: readonly SecurityFinding['grade'][] = ['serious', 'notable', 'note']

function findingsOf(sources: SecuritySources, signs: Signs): SecurityFinding[] {
  const { wall, keys, audit, config, model, devices } = sources
  const found: SecurityFinding[] = []
  const add = (code: SecurityFinding['code'], grade: SecurityFinding['grade'], value: number, text: string): void => {
    found.push({ code, grade, text, value })
  }
  if (!audit.ok)
    add(
      'audit_broken',
      'serious',
      audit.line,
      `the audit's chain of hashes breaks at line ${audit.line} (${audit.reason})`,
    )
  if (config.demoPassword !== null)
    add('demo_accounts', 'serious', sources.roles.users.length, 'the accounts of the demo are open: remove them')
  if (keys.master_key === 'none')
    add('no_master_key', 'serious', 0, 'there is no master key: no frame is ciphered and nothing personal can be kept')
  if (keys.master_key === 'setting')
    add(
      'master_key_in_environment',
      'notable',
      1,
      'the master key is a plain setting: use a file or the command of a KMS',
    )
  const changed = keys.keyring?.rotated_at ?? keys.keyring?.made_at
  const age = changed === undefined ? 0 : Math.floor((wall - changed) / DAY_MS)
  if (age > KEY_AGE_DAYS) add('master_key_old', 'notable', age, `the master key has been the same for ${age} days`)
  if (keys.authority === null)
    add('no_authority', 'notable', 0, 'no certificate authority is set: devices cannot prove who they are')
  else {
    const left = Math.floor((keys.authority.valid_until - wall) / DAY_MS)
    if (left < CERTIFICATE_DAYS)
      add('platform_certificate_ends', 'serious', left, `the platform's certificate holds for ${left} more days`)
    const share = devices === 0 ? 1 : keys.sessions / devices
    if (share < 0.5)
      add(
        'few_sessions',
        'note',
        share,
        `${keys.sessions} of ${devices} devices have a session: the others may be impersonated`,
      )
  }
  const { address: unsealed, nothing: ended } = sources.concentrators
  if (unsealed > 0)
    add(
      'concentrators_by_address',
      'notable',
      unsealed,
      `${unsealed} concentrators are believed by their address: who can speak from there can say what their meters show`,
    )
  if (ended > 0)
    add(
      'concentrators_without_session',
      'notable',
      ended,
      `${ended} concentrators have no session any more: what they bring is refused`,
    )
  if (keys.dtls !== null && !keys.dtls.running)
    add(
      'dtls_down',
      'serious',
      1,
      `DTLS does not run and is started again: ${keys.dtls.last_failure ?? 'no reason told'}`,
    )
  if (keys.dtls !== null && keys.dtls.deaths > 0)
    add('dtls_died', 'notable', keys.dtls.deaths, `DTLS died ${keys.dtls.deaths} times since the start of the service`)
  const { clear, nothing: unreached } = sources.actuators
  if (clear > 0)
    add(
      'actuators_in_clear',
      'serious',
      clear,
      `${clear} remote valves take orders in clear: who reaches their port and knows their number can close them`,
    )
  if (unreached > 0)
    add(
      'actuators_without_session',
      'serious',
      unreached,
      `${unreached} remote valves have no session any more: they cannot be ordered to close`,
    )
  if (sources.rtus.address > 0)
    add(
      'rtus_by_address',
      'notable',
      sources.rtus.address,
      `${sources.rtus.address} RTUs speak in clear: who forges their number can raise a gas alarm, and hide one`,
    )
  if (!LOOPBACK.includes(config.httpHost))
    add(
      'open_http',
      'notable',
      1,
      `console and API listen on ${config.httpHost} without TLS of their own: a TLS proxy must stand before them`,
    )
  if (model.model === null)
    add('no_learned_watch', 'note', 0, `terminals are watched by rules alone: ${model.refused ?? 'no model'}`)
  const { terminals_kept_away: away, undecryptable_frames: unopened } = signs
  if (away > 0) add('terminals_kept_away', 'notable', away, `${away} terminals are kept away and wait for a person`)
  if (unopened > 0)
    add('undecryptable_frames', 'note', unopened, `${unopened} frames of ${keys.failed.devices} devices did not open`)
  return found.sort((a, b) => GRADES.indexOf(a.grade) - GRADES.indexOf(b.grade))
}

function countBy<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
