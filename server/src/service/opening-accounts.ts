import type { Logger } from 'pino'
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
