import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { UsageError } from '@gastwin/twin'
import { ROLES, type Role } from '../../contract/index.ts'

const derive = promisify(scrypt) as (password: string, salt: Buffer, length: number) => Promise<Buffer>

interface Account {
  readonly role: Role
  readonly salt: string
  readonly hash: string
}
interface ApiKey {
  readonly name: string
  readonly role: Role
  /** SHA-256 of the key: a key has 256 random bits, so no slow hash is needed. */
  readonly sha256: string
}
interface AccountsFile {
  users: Record<string, Account>
  apiKeys: ApiKey[]
}

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

  async setUser(user: string, role: Role, password: string): Promise<void> {
    if (!/^[\w.@-]{1,64}$/.test(user))
      throw new UsageError('API_INPUT', `user name "${user}": expected 1–64 of letters, digits, . _ @ -`)
    if (password.length < 8) throw new UsageError('API_INPUT', 'the password is shorter than 8 characters')
    const salt = randomBytes(16)
    const hash = await derive(password, salt, 32)
    this.#content.users[user] = { role, salt: salt.toString('base64'), hash: hash.toString('base64') }
    await this.#save()
  }

  /** Makes an API key and returns it: it is shown once and only its hash is kept. */
  async addApiKey(name: string, role: Role): Promise<string> {
    const key = `gt_${randomBytes(32).toString('base64url')}`
    this.#content.apiKeys = [
      ...this.#content.apiKeys.filter((k) => k.name !== name),
      { name, role, sha256: sha256(key) },
    ]
    await this.#save()
    return key
  }

  async checkPassword(user: string, password: string): Promise<Role | undefined> {
    const account = this.#content.users[user]
    // An unknown user costs as much time as a wrong password, so that names cannot be probed.
    const salt = Buffer.from(account?.salt ?? 'AAAAAAAAAAAAAAAAAAAAAA==', 'base64')
    const hash = await derive(password, salt, 32)
    if (account === undefined) return undefined
    return timingSafeEqual(hash, Buffer.from(account.hash, 'base64')) ? account.role : undefined
  }

  checkApiKey(key: string): { readonly user: string; readonly role: Role } | undefined {
    const hash = Buffer.from(sha256(key))
    const found = this.#content.apiKeys.find((k) => timingSafeEqual(Buffer.from(k.sha256), hash))
    return found === undefined ? undefined : { user: `key:${found.name}`, role: found.role }
  }

  async #save(): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true })
    const temporary = `${this.#file}.tmp`
    await writeFile(temporary, JSON.stringify(this.#content, null, 1), { mode: 0o600 })
    await rename(temporary, this.#file)
  }
}

export const isRole = (text: string): text is Role => ROLES.some((role) => role === text)

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A password that can be read aloud: no look-alike letters. */
export function throwAwayPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  return Array.from(randomBytes(12), (b) => letters[b % letters.length]).join('')
}
