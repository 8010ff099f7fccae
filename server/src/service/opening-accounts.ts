import type { Logger } from 'pino'
import type { AuditFacts } from '../command/audit-chain.ts'
import type { Config } from '../config/config.ts'
import { Accounts, throwAwayPassword } from '../http/auth/accounts.ts'

/** The accounts of a service: those of a demo, or an administrator with a password that is told once where there is nobody. */
export async function openAccounts(
  { dataDir, demoPassword }: Pick<Config, 'dataDir' | 'demoPassword'>,
  logger: Logger,
): Promise<Accounts> {
  const accounts = await Accounts.open(dataDir)
  if (demoPassword !== null) {
    for (const role of ['viewer', 'dispatcher', 'safety', 'admin'] as const)
      await accounts.setUser(role, role, demoPassword)
  } else if (accounts.isEmpty) {
    const password = throwAwayPassword()
    await accounts.setUser('admin', 'admin', password)
    logger.warn('there was no account')
    console.error(
      `first start: user admin, password ${password} (told once; change it with "gastwin user add admin --role admin")`,
    )
  }
  return accounts
}

/** Puts what changed in accounts since the last start into the audit log, and warns of areas that the network does not have. */
export async function recordAccounts(
  accounts: Accounts,
  zones: readonly string[],
  keep: (facts: AuditFacts) => Promise<unknown>,
  logger: Logger,
): Promise<void> {
  await accounts.record(({ at, ...change }) => keep({ ...change, changed_at: at }))
  for (const kind of ['user', 'key'] as const)
    for (const { name, area } of accounts.list(kind)) {
      const unknown = area?.zones?.filter((zone) => !zones.includes(zone)) ?? []
      if (unknown.length > 0)
        logger.warn(
          { [kind]: name, unknown },
          'an area names zones that the network does not have: nothing is told of them',
        )
    }
}
