import type {
  Alarm,
  CaseRequest,
  City,
  CommandRecord,
  DeviceSummary,
  DeviceTwin,
  EdgeEstimate,
  GapLedger,
  GapRevision,
  IsolationPlan,
  Leak,
  LeakClosing,
  MetersHealth,
  Models,
  Page,
  Problem,
  QuarantineItem,
  Replacement,
  ReplacementOrder,
  SafetyMode,
  Series,
  Session,
  Shutoff,
  Strip,
  Suspect,
  SuspectEvidence,
  Suspects,
  ZonePeriod,
  ZoneSummary,
} from '@gastwin/server/contract'
import type { PeriodLength } from '../state/gap-period.ts'

/** Why an answer did not come: a code of the service, or one of ours for what happened on the way. */
export interface Failure {
  readonly code: string
  readonly status: number
  readonly detail: string
}
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

export interface Api {
  /** Any request below `/api/v1`: for screens that are loaded later and know theirs themselves. */
  call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>>
  text(path: string): Promise<Answer<string>>
  signIn(user: string, password: string): Promise<Answer<Session>>
  signOut(): Promise<Answer<unknown>>
  city(): Promise<Answer<City>>
  zones(): Promise<Answer<readonly ZoneSummary[]>>
  zoneDays(zone: string, from: number, to: number): Promise<Answer<readonly ZonePeriod[]>>
  strip(hours: number, zone?: string): Promise<Answer<Strip>>
  alarms(): Promise<Answer<readonly Alarm[]>>
  acknowledge(id: string, note?: string): Promise<Answer<Alarm>>
  shelve(id: string, minutes: number, reason: string): Promise<Answer<Alarm>>
  unshelve(id: string): Promise<Answer<Alarm>>
  devices(query: string, options?: { kind?: string; limit?: number }): Promise<Answer<Page<DeviceSummary>>>
  device(number: string): Promise<Answer<DeviceTwin>>
  series(query: SeriesQuery): Promise<Answer<Series>>
  geometry(): Promise<Answer<ArrayBuffer>>
  mapState(): Promise<Answer<ArrayBuffer>>
  /** GMC1 columns of the estimate; undefined while they are those of the last call. */
  mapEstimate(): Promise<Answer<ArrayBuffer | undefined>>
  edgeEstimate(edge: string): Promise<Answer<EdgeEstimate>>
  leaks(): Promise<Answer<readonly Leak[]>>
  closeLeak(leak: string, request: LeakClosing): Promise<Answer<Leak>>
  /** @param from,to Unix ms; statements of all zones whose period begins between them */
  gap(every: PeriodLength, from: number, to: number): Promise<Answer<GapLedger>>
  /** @param state those that are not closed when not said */
  suspects(zone: string, limit: number, state?: string): Promise<Answer<Suspects>>
  actOnSuspect(meter: string, request: CaseRequest): Promise<Answer<Suspect>>
  models(): Promise<Answer<Models>>
  metersDue(zone: string, limit: number): Promise<Answer<MetersHealth>>
  suspectEvidence(meter: string): Promise<Answer<SuspectEvidence>>
  replacements(by: ReplacementOrder): Promise<Answer<readonly Replacement[]>>
  gapRevisions(limit: number): Promise<Answer<readonly GapRevision[]>>
  isolation(edge: string): Promise<Answer<IsolationPlan>>
  shutoffs(): Promise<Answer<readonly Shutoff[]>>
  requestShutoff(edge: string, planHash: string, reason: string): Promise<Answer<Shutoff>>
  approveShutoff(id: string): Promise<Answer<Shutoff>>
  abortShutoff(id: string): Promise<Answer<Shutoff>>
  setSafetyMode(zone: string, mode: SafetyMode): Promise<Answer<{ mode: SafetyMode }>>
  commands(): Promise<Answer<readonly CommandRecord[]>>
  quarantine(): Promise<Answer<readonly QuarantineItem[]>>
}

export interface SeriesQuery {
  readonly device: string
  readonly quantity: string
  readonly from: number
  readonly to: number
  readonly points: number
}

export interface ApiOptions {
  readonly token: () => string | undefined
  /** The service no longer knows the session. */
  readonly onUnauthorised: () => void
  readonly fetch?: typeof fetch
  readonly timeoutMs?: number
}

const PREFIX = './api/v1'

export function createApi({
  token,
  onUnauthorised,
  fetch: send = fetch.bind(globalThis),
  timeoutMs = 15_000,
}: ApiOptions): Api {
  /** @param body a file goes as it is, everything else as JSON */
  async function ask(method: string, path: string, body?: unknown): Promise<Answer<Response>> {
    const key = token()
    const file = body instanceof Blob ? body : undefined
    const type = file === undefined ? 'application/json' : 'text/csv'
    try {
      const response = await send(`${PREFIX}${path}`, {
        method,
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': type }),
        },
        ...(body === undefined ? {} : { body: file ?? JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (response.ok) return { ok: true, value: response }
      if (response.status === 401 && path !== '/session') onUnauthorised()
      return { ok: false, failure: await failureOf(response) }
    } catch (error) {
      const late = error instanceof DOMException && error.name === 'TimeoutError'
      return { ok: false, failure: { code: late ? 'NET_TIMEOUT' : 'NET_DOWN', status: 0, detail: String(error) } }
    }
  }

  async function json<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const answer = await ask(method, path, body)
    if (!answer.ok) return answer
    if (answer.value.status === 204) return { ok: true, value: undefined as T }
    try {
      return { ok: true, value: (await answer.value.json()) as T }
    } catch (error) {
      return { ok: false, failure: { code: 'NET_CUT', status: answer.value.status, detail: String(error) } }
    }
  }

  async function items<T>(path: string): Promise<Answer<readonly T[]>> {
    const answer = await json<{ items: readonly T[] }>('GET', path)
    return answer.ok ? { ok: true, value: answer.value.items } : answer
  }

  async function bytes(path: string): Promise<Answer<ArrayBuffer>> {
    const answer = await ask('GET', path)
    return answer.ok ? bodyOf(answer.value) : answer
  }

  let estimateTag: string | null = null
  async function newEstimate(): Promise<Answer<ArrayBuffer | undefined>> {
    const answer = await ask('GET', '/map/estimate')
    if (!answer.ok) return answer
    const tag = answer.value.headers.get('etag')
    // The browser has asked with its tag already: an unchanged body comes from its cache and is not decoded again.
    if (tag !== null && tag === estimateTag) {
      await answer.value.body?.cancel()
      return { ok: true, value: undefined }
    }
    const body = await bodyOf(answer.value)
    if (body.ok) estimateTag = tag
    return body
  }

  const id = encodeURIComponent
  return {
    call: json,
    text: async (path) => {
      const answer = await bytes(path)
      // The mark at the begin belongs to the file.
      return answer.ok
        ? { ok: true, value: new TextDecoder('utf-8', { ignoreBOM: true }).decode(answer.value) }
        : answer
    },
    signIn: (user, password) => json('POST', '/session', { user, password }),
    signOut: () => json('DELETE', '/session'),
    city: () => json('GET', '/city'),
    zones: () => items('/zones'),
    zoneDays: (zone, from, to) => items(`/zones/${id(zone)}/balance?every=day&from=${from}&to=${to}`),
    strip: (hours, zone) => json('GET', `/strip?hours=${hours}${zone === undefined ? '' : `&zone=${id(zone)}`}`),
    alarms: () => items('/alarms'),
    acknowledge: (alarm, note) => json('POST', `/alarms/${id(alarm)}/ack`, note === undefined ? {} : { note }),
    shelve: (alarm, minutes, reason) => json('POST', `/alarms/${id(alarm)}/shelve`, { minutes, reason }),
    unshelve: (alarm) => json('POST', `/alarms/${id(alarm)}/unshelve`, {}),
    devices: (query, options) => {
      const kind = options?.kind === undefined ? '' : `&kind=${options.kind}`
      return json('GET', `/devices?query=${id(query)}&limit=${options?.limit ?? 20}${kind}`)
    },
    device: (number) => json('GET', `/devices/${id(number)}`),
    series: ({ device, quantity, from, to, points }) => {
      const window = `from=${Math.floor(from)}&to=${Math.ceil(to)}&points=${points}`
      return json('GET', `/devices/${id(device)}/series?quantity=${id(quantity)}&${window}`)
    },
    // The browser's own cache answers by ETag: the geometry travels once per numbering.
    geometry: () => bytes('/map/geometry'),
    mapState: () => bytes('/map/state'),
    mapEstimate: newEstimate,
    edgeEstimate: (edge) => json('GET', `/estimate?edge=${id(edge)}`),
    leaks: () => items('/leaks'),
    closeLeak: (leak, request) => json('POST', `/leaks/${id(leak)}/close`, request),
    gap: (every, from, to) => json('GET', `/gap?every=${every}&from=${Math.floor(from)}&to=${Math.ceil(to)}`),
    suspects: (zone, limit, state) =>
      json('GET', `/gap/suspects?zone=${id(zone)}&limit=${limit}${state === undefined ? '' : `&state=${state}`}`),
    actOnSuspect: (meter, request) => json('PUT', `/gap/suspects/${id(meter)}/case`, request),
    models: () => json('GET', '/models'),
    metersDue: (zone, limit) => json('GET', `/health/meters?zone=${id(zone)}&limit=${limit}`),
    suspectEvidence: (meter) => json('GET', `/gap/suspects/${id(meter)}`),
    replacements: (by) => items(`/gap/replacements?by=${by}`),
    gapRevisions: (limit) => items(`/gap/revisions?limit=${limit}`),
    isolation: (edge) => json('GET', `/isolation?edge=${id(edge)}`),
    shutoffs: () => items('/shutoffs'),
    requestShutoff: (edge, planHash, reason) => json('POST', '/shutoffs', { edge, plan_hash: planHash, reason }),
    approveShutoff: (shutoff) => json('POST', `/shutoffs/${id(shutoff)}/approve`, {}),
    abortShutoff: (shutoff) => json('POST', `/shutoffs/${id(shutoff)}/abort`, {}),
    setSafetyMode: (zone, mode) => json('PUT', `/zones/${id(zone)}/safety-mode`, { mode }),
    commands: () => items('/commands?limit=200'),
    quarantine: () => items('/quarantine?limit=200'),
  }
}

async function bodyOf(response: Response): Promise<Answer<ArrayBuffer>> {
  try {
    return { ok: true, value: await response.arrayBuffer() }
  } catch (error) {
    return { ok: false, failure: { code: 'NET_CUT', status: response.status, detail: String(error) } }
  }
}

async function failureOf(response: Response): Promise<Failure> {
  const { status } = response
  try {
    const problem = (await response.json()) as Partial<Problem>
    return { code: problem.code ?? `HTTP_${status}`, status, detail: problem.detail ?? '' }
  } catch {
    return { code: `HTTP_${status}`, status, detail: response.statusText }
  }
}
