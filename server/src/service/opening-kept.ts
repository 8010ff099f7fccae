import type { CityCalendar, Network } from '@gastwin/twin'
import type { Logger } from 'pino'
import { AuditLog } from '../command/audit-log.ts'
import type { Config } from '../config/config.ts'
import { personalSeal } from '../devices/personal-seal.ts'
import { keyringFile, openRootKey } from '../identity/keyring.ts'
import { masterKeyOf } from '../identity/master-key.ts'
import { openSegmentLog } from '../log/segment-log.ts'
import { recover } from '../pipeline/recover.ts'
import { ProfileBook } from '../profiles/profile-book.ts'
import { ProfileDesk } from '../profiles/profile-desk.ts'
import { readProfileSet } from '../profiles/profile-folder.ts'
import { TrustBook } from '../trust/trust-book.ts'
import { authorityOf } from './opening-authority.ts'
import { SourceDesk } from './source-desk.ts'

interface KeptOrder {
  readonly config: Config
  readonly network: Network
  readonly networkId: string
  /** Gas the utility uses itself, by zone id, m³/s at the reference state. */
  readonly ownUse: Readonly<Record<string, number>>
  readonly calendar: CityCalendar
  readonly now: () => number
  /** A path in the data directory. */
  readonly at: (...names: string[]) => string
  readonly logger: Logger
  /** The log became full, or takes records again. */
  readonly logChanged: () => void
}

/**
 * Opens what outlives a stop: keys, log, audit log, and the city as it follows from them.
 * @throws UsageError CFG_INVALID; StoreError LOG_LOCKED
 */
export async function openKept(order: KeptOrder) {
  const { config, network, networkId, ownUse, calendar, now, at, logger, logChanged } = order
  const sources = { folder: config.profilesDir, fallback: config.statusProfile, network }
  // Before anything is opened: a mistake in a profile ends the start.
  readProfileSet(sources)
  const rootKey = openRootKey(keyringFile(config.dataDir), masterKeyOf(config), Date.now())
  const authority = authorityOf(config, rootKey)
  const log = await openSegmentLog(at('log'), { segmentBytes: config.logSegmentMb << 20, onStateChange: logChanged })
  const trust = new TrustBook(rootKey)
  const profiles = new ProfileBook((device) => trust.keyOf(device), [])
  const seal = personalSeal(rootKey)
  const audit = await AuditLog.open(at('audit.ndjson'))
  if (!audit.verdict.ok) logger.error({ verdict: audit.verdict }, 'the chain of the audit log is broken')
  const { city, acts, from, replayed } = await recover(
    log,
    at('snapshots'),
    network,
    networkId,
    config.clock,
    calendar,
    profiles,
    trust,
    (fault) => logger.warn(fault),
    ownUse,
  )
  const profileDesk = new ProfileDesk(profiles, sources, log, now)
  await profileDesk.open()
  const sourceDesk = new SourceDesk({ city, trust, log, now })
  await sourceDesk.open().catch((error: unknown) => logger.error({ err: error }, 'concentrators could not be recorded'))
  logger.info({ from, replayed, devices: city.fleet.count }, 'the twin is recovered')
  return {
    ...{ rootKey, authority, log, trust, profiles, profileDesk, sourceDesk, seal, audit, city, acts },
    /** What a thread that reads the log needs, besides the network. */
    threadSources: {
      logDirectory: at('log'),
      masterKey: rootKey,
      profiles: profiles.history,
      trust: trust.facts,
      fittings: acts.devices.meters.fittings,
      points: acts.devices.meters.points.parts,
    },
  }
}
