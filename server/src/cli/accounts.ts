import { userInfo } from 'node:os'
import { UsageError } from '@gastwin/twin'
import { ROLES } from '../contract/index.ts'
import { type Area, areaOf, areaWords } from '../devices/area.ts'
import { Accounts, isRole, throwAwayPassword } from '../http/auth/accounts.ts'
import { EXIT, readOptions, type Verb } from './command-line.ts'

const OPTIONS = {
  data: { type: 'string', default: 'data' },
  role: { type: 'string', default: 'viewer' },
  password: { type: 'string' },
  zones: { type: 'string' },
  groups: { type: 'string' },
  'whole-city': { type: 'boolean', default: false },
} as const

const AREA = '[--zones Z1,Z2] [--groups G1,G2] [--whole-city]'
const ROLE = '--role viewer|dispatcher|safety|admin'
const usageOf = (noun: string, more: string) =>
  `gastwin ${noun} add NAME ${ROLE} ${more}${AREA} | area NAME ${AREA} | list [--data DIR]`
const USER_USAGE = usageOf('user', '[--password P] ')
const KEY_USAGE = usageOf('apikey', '')

export const user: Verb = {
  summary: 'add users, set their passwords and areas, list them (the service reads accounts at its start)',
  usage: USER_USAGE,
  run: (args) => run('user', args, USER_USAGE),
}

export const apikey: Verb = {
  summary: 'make API keys for programs, each shown once; set their areas, list them',
  usage: KEY_USAGE,
  run: (args) => run('key', args, KEY_USAGE),
}

async function run(kind: 'user' | 'key', args: readonly string[], usage: string): Promise<number> {
  const { values, positionals } = readOptions(args, OPTIONS, usage)
  const [verb, name] = positionals
  if (verb !== 'list' && (name === undefined || (verb !== 'add' && verb !== 'area')))
    throw new UsageError('CLI_USAGE', `usage: ${usage}`)
  if (!isRole(values.role))
    throw new UsageError('CLI_USAGE', `--role is "${values.role}", expected one of ${ROLES.join(', ')}`)
  const area = areaGiven(values, usage)
  const accounts = await Accounts.open(values.data)
  if (verb === 'list') printAll(accounts, kind)
  else if (verb === 'area') await setArea(accounts, kind, name ?? '', area, usage)
  else if (kind === 'key')
    console.log(`${name} (${values.role}) key: ${await accounts.addApiKey(name ?? '', values.role, area, person())}`)
  else {
    const password = values.password ?? throwAwayPassword()
    await accounts.setUser(name ?? '', values.role, password, area, person())
    console.log(`${name} (${values.role}) password: ${password}`)
  }
  return EXIT.ok
}

/** undefined: nothing was said of an area; null: the whole city. */
function areaGiven(
  values: { readonly zones?: string; readonly groups?: string; readonly 'whole-city': boolean },
  usage: string,
): Area | null | undefined {
  const area = areaOf(values.zones, values.groups)
  if (values['whole-city'] && area !== undefined)
    throw new UsageError('CLI_USAGE', `--whole-city says the opposite of --zones and --groups; usage: ${usage}`)
  if ([area?.zones, area?.marks].some((words) => words?.length === 0))
    throw new UsageError('CLI_USAGE', `an area names at least one zone or group; usage: ${usage}`)
  return values['whole-city'] ? null : area
}

async function setArea(
  accounts: Accounts,
  kind: 'user' | 'key',
  name: string,
  area: Area | null | undefined,
  usage: string,
): Promise<void> {
  if (area === undefined) throw new UsageError('CLI_USAGE', `which area? usage: ${usage}`)
  await accounts.setArea(kind, name, area, person())
  console.log(`${name}: ${areaWords(area ?? undefined)}`)
}

function printAll(accounts: Accounts, kind: 'user' | 'key'): void {
  for (const { name, role, area } of accounts.list(kind)) console.log([name, role, areaWords(area)].join('\t'))
}

function person(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
