import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const COOKIE_BYTES = 16
/** A secret signs for so long, and is believed for as long again: meters of slow networks need more than ten seconds for an answer. */
const SECRET_LIFE_MS = 60_000

/**
 * Cookies of HelloVerifyRequests: a keyed digest over who asks and for what, so that nothing need be remembered until a client has
 * shown that it receives at its address.
 * @source RFC 6347 §4.2.1
 */
export class HelloCookies {
  #present = randomBytes(32)
  #former = randomBytes(32)
  #renewAt = Number.NEGATIVE_INFINITY

  /** @param now monotonic ms */
  issue(address: string, port: number, parameters: readonly Uint8Array[], now: number): Buffer {
    this.#renew(now)
    return digest(this.#present, address, port, parameters)
  }

  isGood(cookie: Uint8Array, address: string, port: number, parameters: readonly Uint8Array[], now: number): boolean {
    this.#renew(now)
    if (cookie.length !== COOKIE_BYTES) return false
    const present = timingSafeEqual(cookie, digest(this.#present, address, port, parameters))
    return present || timingSafeEqual(cookie, digest(this.#former, address, port, parameters))
  }

  #renew(now: number): void {
    if (now < this.#renewAt) return
    // After a long silence neither secret is young enough to be believed.
    this.#former = now < this.#renewAt + SECRET_LIFE_MS ? this.#present : randomBytes(32)
    this.#present = randomBytes(32)
    this.#renewAt = now + SECRET_LIFE_MS
  }
}

function digest(secret: Uint8Array, address: string, port: number, parameters: readonly Uint8Array[]): Buffer {
  const mac = createHmac('sha256', secret).update(`${address} ${port}\n`)
  for (const part of parameters) mac.update(`${part.length} `).update(part)
  return mac.digest().subarray(0, COOKIE_BYTES)
}
