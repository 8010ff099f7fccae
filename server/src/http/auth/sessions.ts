import { randomBytes } from 'node:crypto'
import { UsageError } from '@gastwin/twin'
import type { Role } from '../../contract/index.ts'
import type { Area } from '../../devices/area.ts'
import type { Delegation, DelegationScope } from '../../devices/delegation.ts'
import type { Accounts } from './accounts.ts'

export interface Principal {
  readonly user: string
  readonly role: Role
  /** The caller is another application with a right to some devices only. */
  readonly delegation?: Delegation
  /** Where the account may look and act; the whole city without one. */
  readonly area?: Area
}

/** What narrows a caller, however it came about; undefined for the whole city. */
export const scopeOf = ({ delegation, area }: Principal): DelegationScope | undefined => delegation?.scope ?? area

const SHIFT_MS = 12 * 3_600_000
const LOCK_AFTER = 5
const LOCK_MS = 60_000
const MAX_TRACKED = 10_000

/** Signed-in users. Tokens live one shift and in memory only: a restart asks everybody to sign in again. */
export class Sessions {
  readonly #accounts: Accounts
  readonly #wall: () => number
  readonly #open = new Map<string, Principal & { readonly expiresAt: number }>()
  readonly #failures = new Map<string, { count: number; until: number }>()

  constructor(accounts: Accounts, wall: () => number) {
    this.#accounts = accounts
    this.#wall = wall
  }

  /** @throws UsageError AUT_REQUIRED for wrong words, AUT_LOCKED after five failures within a minute from one place */
  async signIn(
    user: string,
    password: string,
    address: string,
  ): Promise<Principal & { token: string; expiresAt: number }> {
    const key = `${user}@${address}`
    const failure = this.#failures.get(key)
    const now = this.#wall()
    if (failure !== undefined && failure.count >= LOCK_AFTER && failure.until > now) {
      throw new UsageError(
        'AUT_LOCKED',
        `too many failed sign-ins: try again in ${Math.ceil((failure.until - now) / 1000)} s`,
      )
    }
    const known = await this.#accounts.checkPassword(user, password)
    if (known === undefined) {
      if (this.#failures.size > MAX_TRACKED) this.#failures.clear()
      this.#failures.set(key, {
        count: failure !== undefined && failure.until > now ? failure.count + 1 : 1,
        until: now + LOCK_MS,
      })
      throw new UsageError('AUT_REQUIRED', 'user or password is wrong')
    }
    this.#failures.delete(key)
    this.#forgetExpired(now)
    const token = randomBytes(24).toString('base64url')
    const session = { user, ...known, expiresAt: now + SHIFT_MS }
    this.#open.set(token, session)
    return { ...session, token }
  }

  signOut(token: string): void {
    this.#open.delete(token)
  }

  /** Who presents this bearer token or API key, if anybody. */
  find(token: string): Principal | undefined {
    if (token.startsWith('gt_')) return this.#accounts.checkApiKey(token)
    const session = this.#open.get(token)
    return session !== undefined && session.expiresAt > this.#wall() ? session : undefined
  }

  #forgetExpired(now: number): void {
    for (const [token, session] of this.#open) if (session.expiresAt <= now) this.#open.delete(token)
  }
}

const RANK: Readonly<Record<Role, number>> = { viewer: 0, dispatcher: 1, safety: 2, admin: 3 }

/** @throws UsageError AUT_FORBIDDEN, saying which role can */
export function requireRole(principal: Principal, least: Role): void {
  if (RANK[principal.role] < RANK[least]) {
    throw new UsageError(
      'AUT_FORBIDDEN',
      `${principal.user} is ${principal.role}: this needs ${least}; an administrator can grant it`,
    )
  }
}
