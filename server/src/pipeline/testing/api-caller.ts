/** What the API of a service answers to somebody with a key. */
export class ApiCaller {
  readonly #url: () => string
  readonly #key: string

  /** @param url of the service as it is now: it may have been started again */
  constructor(url: () => string, key: string) {
    this.#url = url
    this.#key = key
  }

  /** Asks, or posts a body, whatever is answered. @param place below `/api/v1` */
  async answer<T>(place: string, body?: unknown): Promise<{ readonly status: number; readonly body: T & Refusal }> {
    const response = await fetch(`${this.#url()}/api/v1${place}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-api-key': this.#key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as T & Refusal }
  }

  /** Asks, or posts a body, and wants to be heard. @throws Error with the words of a refusal */
  async call<T>(place: string, body?: unknown): Promise<T> {
    const answer = await this.answer<T>(place, body)
    if (answer.status >= 400) throw new Error(`${place}: ${answer.status} ${answer.body.detail}`)
    return answer.body
  }

  async items<T>(place: string): Promise<readonly T[]> {
    return (await this.call<{ readonly items: readonly T[] }>(place)).items
  }
}

interface Refusal {
  readonly detail?: string
}
