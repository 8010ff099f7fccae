import type { Config } from '../config/config.ts'
import type { KeysHealth } from '../contract/index.ts'
import type { DtlsThread } from '../dtls/dtls-thread.ts'
import type { AuthorityWatch } from '../identity/authority-watch.ts'
import type { FailedFrameCounts } from '../identity/failed-frames.ts'
import { keyringFacts, keyringFile } from '../identity/keyring.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import type { ContactDesk } from './contact-desk.ts'

const WORST = 100

export interface KeysViewParts {
  readonly config: Pick<Config, 'dataDir' | 'masterKey' | 'masterKeyFile' | 'masterKeyCommand' | 'kmsCommand'>
  readonly since: number
  readonly trust: TrustBook
  readonly failed: FailedFrameCounts
  readonly authority: AuthorityWatch | undefined
  readonly contacts: ContactDesk | undefined
  /** Counters of DTLS; undefined without it. */
  readonly dtls: Pick<DtlsThread, 'snapshot' | 'health'> | undefined
}

/** Health of keys, without any key. */
export function keysView({ config, since, trust, failed, authority, contacts, dtls }: KeysViewParts): KeysHealth {
  const certificate = authority?.identity.certificate
  const { ok = 0, again = 0, challenged = 0 } = contacts?.counts ?? {}
  return {
    since,
    master_key: masterKeyFrom(config),
    keyring: keyringFacts(keyringFile(config.dataDir)) ?? null,
    uses: [
      { index: 'root', level: 1, uses: trust.uses.device + ok + again },
      { index: 'seal', level: 2, uses: trust.uses.seal },
      { index: 'device', level: 2, uses: trust.uses.device },
      { index: 'transport', level: 4, uses: ok + again },
      { index: 'session', level: 5, uses: trust.uses.session },
      { index: 'platform', level: 1, uses: challenged },
    ],
    sessions: trust.sessionCount,
    authority:
      authority === undefined || certificate === undefined
        ? null
        : {
            platform: certificate.subject,
            serial: certificate.serial,
            valid_until: certificate.notAfter * 1000,
            revoked: authority.revoked,
          },
    contacts: { ...contacts?.counts },
    dtls: dtls === undefined ? null : dtlsView(dtls),
    failed: {
      total: failed.total,
      devices: failed.devices,
      worst: failed
        .worst(WORST)
        .map(({ device, count, lastAt, reason }) => ({ device: String(device), count, last_at: lastAt, reason })),
    },
  }
}

function masterKeyFrom(config: KeysViewParts['config']): KeysHealth['master_key'] {
  if (config.kmsCommand !== null) return 'kms'
  if (config.masterKeyCommand !== null) return 'command'
  if (config.masterKeyFile !== null) return 'file'
  return config.masterKey === null ? 'none' : 'setting'
}

function dtlsView({ snapshot, health }: Pick<DtlsThread, 'snapshot' | 'health'>): NonNullable<KeysHealth['dtls']> {
  const { identities = 0, associations = 0, established = 0, wrongKey = 0, unknownIdentity = 0 } = snapshot
  return {
    ...{ running: health.running, deaths: health.deaths, last_failure: health.why },
    ...{ identities, associations, established, wrong_key: wrongKey, unknown_identity: unknownIdentity },
  }
}
