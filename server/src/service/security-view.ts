import type { Network } from '@gastwin/twin'
import { verifyAuditLog } from '../command/audit-log.ts'
import type { Config } from '../config/config.ts'
import type { KeysHealth, SecurityReport } from '../contract/index.ts'
import type { Accounts } from '../http/auth/accounts.ts'
import type { CoapEndpoint } from '../ingest/coap-endpoint.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import { securityReport } from '../views/security-report.ts'
import { trustPosture } from '../views/trust-posture.ts'
import type { CityService } from './city-service.ts'
import type { HostileDesk } from './hostile-desk.ts'

export interface SecurityViewParts {
  readonly config: Pick<Config, 'httpHost' | 'demoPassword'>
  readonly network: Network
  readonly service: CityService
  readonly hostile: HostileDesk
  readonly keys: () => KeysHealth
  readonly trust: TrustBook
  readonly accounts: Accounts
  readonly endpoint: Pick<CoapEndpoint, 'snapshot'>
  readonly auditFile: string
}

/** The security posture as it stands; the chain of the audit log is walked for it. */
export async function securityView(parts: SecurityViewParts): Promise<SecurityReport> {
  const { config, network, service, hostile, keys, trust, accounts, endpoint, auditFile } = parts
  const { city, devices, quarantine } = service
  const numbers = city.concentrators.twins.map(({ archive }) => archive.number)
  return securityReport({
    ...{ at: service.now(), wall: Date.now(), config, keys: keys(), roles: accounts.roles },
    ...{ terminals: hostile.list(), model: hostile.model(), ingest: endpoint.snapshot() },
    ...{ alarms: city.book.list(), quarantined: quarantine.total, devices: city.fleet.count },
    ...trustPosture(network, numbers, trust),
    delegations: devices.books.delegations.list(),
    audit: await verifyAuditLog(auditFile),
  })
}
