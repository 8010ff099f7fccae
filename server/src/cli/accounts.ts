import { UsageError } from '@gastwin/twin'
import { ROLES } from '../contract/index.ts'
import { Accounts, isRole, throwAwayPassword } from '../http/auth/accounts.ts'
import { EXIT, readOptions, type Verb } from './command-line.ts'

const OPTIONS = {
  data: { type: 'string', default: 'data' },
  role: { type: 'string', default: 'viewer' },
  password: { type: 'string' },
} as const

async function readAccount(args: readonly string[], usage: string) {
  const { values, positionals } = readOptions(args, OPTIONS, usage)
  const [verb, name] = positionals
  if (verb !== 'add' || name === undefined) throw new UsageError('CLI_USAGE', `usage: ${usage}`)
  if (!isRole(values.role))
    throw new UsageError('CLI_USAGE', `--role is "${values.role}", expected one of ${ROLES.join(', ')}`)
  return { name, role: values.role, password: values.password, accounts: await Accounts.open(values.data) }
}

const USER_USAGE = 'gastwin user add NAME --role viewer|dispatcher|safety|admin [--password P] [--data DIR]'
const KEY_USAGE = 'gastwin apikey add NAME --role viewer|dispatcher|safety|admin [--data DIR]'

export const user: Verb = {
  summary: 'add a user or set a password (the service reads accounts at its start)',
  usage: USER_USAGE,
  run: async (args) => {
    const { name, role, password = throwAwayPassword(), accounts } = await readAccount(args, USER_USAGE)
    await accounts.setUser(name, role, password)
    console.log(`${name} (${role}) password: ${password}`)
    return EXIT.ok
  },
}

export const apikey: Verb = {
  summary: 'make an API key for a program; it is shown once',
  usage: KEY_USAGE,
  run: async (args) => {
    const { name, role, accounts } = await readAccount(args, KEY_USAGE)
    console.log(`${name} (${role}) key: ${await accounts.addApiKey(name, role)}`)
    return EXIT.ok
  },
}
