import type { Session } from '@gastwin/server/contract'

/** A signed-in caller of the API. */
export class ApiClient {
  readonly #url: string
  readonly #token: string

  private constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  static async signIn(url: string, user: string, password: string): Promise<ApiClient> {
    const answer = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user, password }),
    })
    if (!answer.ok) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`)
    return new ApiClient(url, ((await answer.json()) as Session).token)
  }

  get token(): string {
    return this.#token
  }

  async get<T>(path: string): Promise<T> {
    return this.#read<T>(await fetch(`${this.#url}/api/v1${path}`, { headers: this.#headers() }))
  }

  async post<T>(path: string, body: unknown = {}): Promise<T> {
    const headers = { ...this.#headers(), 'content-type': 'application/json' }
    return this.#read<T>(
      await fetch(`${this.#url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    )
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` }
  }

  async #read<T>(answer: Response): Promise<T> {
    const body: unknown = await answer.json()
    if (!answer.ok) throw new Error(`${answer.status} ${JSON.stringify(body)}`)
    return body as T
  }
}

/** Asks again until the answer satisfies; fails with the last answer after `within` ms. */
export async function eventually<T>(
  within: number,
  ask: () => Promise<T>,
  satisfies: (answer: T) => boolean,
): Promise<T> {
  const until = performance.now() + within
  for (;;) {
    const answer = await ask()
    if (satisfies(answer)) return answer
    if (performance.now() > until)
      throw new Error(`not within ${within} ms; last answer: ${JSON.stringify(answer)?.slice(0, 2000)}`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
