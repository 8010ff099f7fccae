import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { UsageError } from '@gastwin/twin'
import { ROLES, type Role } from '../../contract/index.ts'
import { type Area, areaWords } from '../../devices/area.ts'

const derive = promisify(scrypt) as (password: string, salt: Buffer, length: number) => Promise<Buffer>

/** What an account or key may do, and where; the whole city without an area. */
export interface Rights {
  readonly role: Role
  readonly area?: Area
}
/** A change of accounts, for the record. */
export interface AccountChange {
  readonly at: number
  readonly act: 'add' | 'change' | 'area'
  /** `user NAME` or `key NAME`. */
  readonly account: string
  readonly role: Role
  readonly area: string
  /** User of the operating system, or `service`. */
  readonly by: string
}
interface Account extends Rights {
  readonly salt: string
  readonly hash: string
}
interface ApiKey extends Rights {
  readonly name: string
  /** SHA-256 of the key: a key has 256 random bits, so no slow hash is needed. */
  readonly sha256: string
}
interface AccountsFile {
  users: Record<string, Account>
  apiKeys: ApiKey[]
  changes?: AccountChange[]
  /** How many of the changes stand in the audit log. */
  audited?: number
}
/** `undefined` keeps the area that there is, `null` is the whole city. */
type GivenArea = Area | null | undefined

/** Who may sign in: users (scrypt) and API keys, in `accounts.json` of the data folder, mode 0600. */
export class Accounts {
  readonly #file: string
  #content: AccountsFile

  private constructor(file: string, content: AccountsFile) {
    this.#file = file
    this.#content = content
  }

  /** @throws UsageError CFG_INVALID when the file is there but cannot be read as accounts */
  static async open(dataDir: string): Promise<Accounts> {
    const file = path.join(dataDir, 'accounts.json')
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch {
      return new Accounts(file, { users: {}, apiKeys: [] })
    }
    try {
      return new Accounts(file, JSON.parse(text) as AccountsFile)
    } catch (cause) {
      throw new UsageError('CFG_INVALID', `${file} is not JSON: repair it or move it away`, { file }, cause)
    }
  }

  get isEmpty(): boolean {
    return Object.keys(this.#content.users).length === 0 && this.#content.apiKeys.length === 0
  }

  /** Roles of users and of API keys, one entry each. */
  get roles(): { readonly users: readonly Role[]; readonly apiKeys: readonly Role[] } {
    const { users, apiKeys } = this.#content
    return { users: Object.values(users).map(({ role }) => role), apiKeys: apiKeys.map(({ role }) => role) }
  }

  /** Adds a user, or sets role and password of one; the area stays as it is unless another is given. */
  async setUser(user: string, role: Role, password: string, area?: GivenArea, by = 'service'): Promise<void> {
    if (!/^[\w.@-]{1,64}$/.test(user))
      throw new UsageError('API_INPUT', `user name "${user}": expected 1–64 of letters, digits, . _ @ -`)
    if (password.length < 8) throw new UsageError('API_INPUT', 'the password is shorter than 8 characters')
    const salt = randomBytes(16)
    const hash = await derive(password, salt, 32)
    const before = this.#content.users[user]
    const rights = { role, ...given(area, before) }
    this.#content.users[user] = { ...rights, salt: salt.toString('base64'), hash: hash.toString('base64') }
    // A service that makes the accounts of its demo at each start changes nothing.
    if (before === undefined || by !== 'service' || before.role !== role)
      this.#note(before === undefined ? 'add' : 'change', `user ${user}`, rights, by)
    await this.#save()
  }

  /** Makes an API key and returns it: it is shown once and only its hash is kept. */
  async addApiKey(name: string, role: Role, area?: GivenArea, by = 'service'): Promise<string> {
    const key = `gt_${randomBytes(32).toString('base64url')}`
    const before = this.#content.apiKeys.find((k) => k.name === name)
    const rights = { role, ...given(area, before) }
    this.#content.apiKeys = [
      ...this.#content.apiKeys.filter((k) => k.name !== name),
      { name, ...rights, sha256: sha256(key) },
    ]
    this.#note(before === undefined ? 'add' : 'change', `key ${name}`, rights, by)
    await this.#save()
    return key
  }

  /** Gives a user or a key another area. @throws UsageError API_NOT_FOUND */
  async setArea(kind: 'user' | 'key', name: string, area: Area | null, by: string): Promise<void> {
    const { users, apiKeys } = this.#content
    const known = kind === 'user' ? users[name] : apiKeys.find((k) => k.name === name)
    if (known === undefined) throw new UsageError('API_NOT_FOUND', `there is no ${kind} "${name}"`)
    const { area: _, ...rest } = known
    const changed = { ...rest, ...(area !== null && { area }) }
    if (kind === 'user') users[name] = changed as Account
    else this.#content.apiKeys = apiKeys.map((k) => (k.name === name ? (changed as ApiKey) : k))
    this.#note('area', `${kind} ${name}`, changed, by)
    await this.#save()
  }

  /** Everybody with role and area, in the order of names. */
  list(kind: 'user' | 'key'): readonly (Rights & { readonly name: string })[] {
    const { users, apiKeys } = this.#content
    const all = kind === 'user' ? Object.entries(users).map(([name, one]) => ({ ...one, name })) : apiKeys
    return all
      .map(({ name, role, area }) => ({ name, role, ...(area && { area }) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Hands out the changes that no audit log has yet; they count as handed out when `keep` resolved. */
  async record(keep: (change: AccountChange) => Promise<unknown>): Promise<void> {
    const { changes = [], audited = 0 } = this.#content
    for (const change of changes.slice(audited)) await keep(change)
    if (changes.length === audited) return
    this.#content.audited = changes.length
    await this.#save()
  }

  async checkPassword(user: string, password: string): Promise<Rights | undefined> {
    const account = this.#content.users[user]
    // An unknown user costs as much time as a wrong password, so that names cannot be probed.
    const salt = Buffer.from(account?.salt ?? 'AAAAAAAAAAAAAAAAAAAAAA==', 'base64')
    const hash = await derive(password, salt, 32)
    if (account === undefined || !timingSafeEqual(hash, Buffer.from(account.hash, 'base64'))) return undefined
    return rightsOf(account)
  }

  checkApiKey(key: string): (Rights & { readonly user: string }) | undefined {
    const hash = Buffer.from(sha256(key))
    const found = this.#content.apiKeys.find((k) => timingSafeEqual(Buffer.from(k.sha256), hash))
    return found === undefined ? undefined : { user: `key:${found.name}`, ...rightsOf(found) }
  }

  #note(act: AccountChange['act'], account: string, { role, area }: Rights, by: string): void {
    const change = { at: Date.now(), act, account, role, area: areaWords(area), by }
    this.#content.changes = [...(this.#content.changes ?? []), change]
  }

  async #save(): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true })
    const temporary = `${this.#file}.tmp`
    await writeFile(temporary, JSON.stringify(this.#content, null, 1), { mode: 0o600 })
    await rename(temporary, this.#file)
  }
}

const rightsOf = ({ role, area }: Rights): Rights => ({ role, ...(area && { area }) })

/** A forgotten option must not widen what somebody may do. */
const given = (area: GivenArea, before: Rights | undefined): { readonly area?: Area } => {
  const held = area === undefined ? before?.area : area
  return held === undefined || held === null ? {} : { area: held }
}

export const isRole = (text: string): text is Role => ROLES.some((role) => role === text)

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A password that can be read aloud: no look-alike letters. */
export function throwAwayPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  return Array.from(randomBytes(12), (b) => letters[b % letters.length]).join('')
}
