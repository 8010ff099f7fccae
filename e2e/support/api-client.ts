import type { Alarm, City, Problem, Session, Shutoff } from '@gastwin/server/contract'
import { type Column, decodeColumns, type GeometryMeta, type StateMeta } from '@gastwin/server/contract'

export interface Columns<Meta> {
  readonly columns: Readonly<Record<string, Column>>
  readonly meta: Meta
}

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

  /** Any request below `/api/v1`, whatever the answer. */
  request(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}` }
    const init: RequestInit =
      body === undefined
        ? { method, headers }
        : { method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
    return fetch(`${this.#url}/api/v1${path}`, init)
  }

  async get<T>(path: string): Promise<T> {
    return read<T>(await this.request('GET', path))
  }

  async post<T>(path: string, body: unknown = {}): Promise<T> {
    return read<T>(await this.request('POST', path, body))
  }

  async put<T>(path: string, body: unknown): Promise<T> {
    return read<T>(await this.request('PUT', path, body))
  }

  /** What a refused request is told; throws when it was not refused. */
  async refusal(method: string, path: string, body?: unknown): Promise<Problem> {
    const answer = await this.request(method, path, body)
    const type = answer.headers.get('content-type') ?? ''
    if (answer.ok || !type.startsWith('application/problem+json'))
      throw new Error(`${method} ${path} is not refused: ${answer.status} ${type} ${await answer.text()}`)
    return (await answer.json()) as Problem
  }

  city(): Promise<City> {
    return this.get<City>('/city')
  }

  async alarms(): Promise<readonly Alarm[]> {
    return (await this.get<{ items: Alarm[] }>('/alarms')).items
  }

  async shutoffs(): Promise<readonly Shutoff[]> {
    return (await this.get<{ items: Shutoff[] }>('/shutoffs')).items
  }

  mapGeometry(): Promise<Columns<GeometryMeta>> {
    return this.#columns<GeometryMeta>('/map/geometry')
  }

  mapState(): Promise<Columns<StateMeta>> {
    return this.#columns<StateMeta>('/map/state')
  }

  async #columns<Meta>(path: string): Promise<Columns<Meta>> {
    const answer = await this.request('GET', path)
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    const { columns, meta } = decodeColumns(await answer.arrayBuffer())
    return { columns, meta: meta as Meta }
  }
}

async function read<T>(answer: Response): Promise<T> {
  const body: unknown = await answer.json()
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${JSON.stringify(body)}`)
  return body as T
}
