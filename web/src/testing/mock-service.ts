/** The contract over real HTTP and a real WebSocket, with an invented city behind: for looking and for tests only. */
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'
import {
  type Alarm,
  type City,
  type DeviceTwin,
  encodeColumns,
  encodeFrame,
  type IsolationPlan,
  LAYERS,
  type LayerName,
  type ServerMessage,
  type Shutoff,
  type Status,
  type ZoneSummary,
} from '@gastwin/server/contract'
import { type WebSocket, WebSocketServer } from 'ws'
import { buildMiniCity, dice, type MiniCity } from './mini-city.ts'
import { type MockMood, mockAlarms } from './mock-alarms.ts'
import { mockEstimate } from './mock-estimate.ts'
import { type MockGapState, mockGap } from './mock-gap.ts'

export interface MockOptions {
  readonly dist: string
  readonly port: number
  readonly mood: MockMood
  /** Unix ms of the city when the service starts. */
  readonly start?: number
}

const ROLES: Readonly<Record<string, 'viewer' | 'dispatcher' | 'safety' | 'admin'>> = {
  li: 'dispatcher',
  wang: 'safety',
  guest: 'viewer',
  root: 'admin',
  // The users of a demo, so that its tests can sign in here too.
  viewer: 'viewer',
  dispatcher: 'dispatcher',
}
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}
const ATMOSPHERE = 101_325

export async function startMockService({ dist, port, mood, start = Date.parse('2026-11-20T06:53:04Z') }: MockOptions) {
  const random = dice(3)
  const city = buildMiniCity()
  const begun = Date.now()
  const now = () => start + (Date.now() - begun)
  const alarms = new Map(mockAlarms(city, now(), mood).map((a) => [a.id, a]))
  const estimate = mockEstimate(city, mood)
  const gap = mockGap(city, mood)
  const leaks = estimate.leaks(now())
  for (const { id, zone, candidates, started_at, standard_flow_m3_s: flow } of leaks.slice(0, 1)) {
    const evidence = (code: string, value: number, unit: string) => ({ code, at: started_at, value, unit })
    const some = [...alarms.values()][1]
    if (some === undefined) continue
    alarms.set(`A-${id}`, {
      ...some,
      id: `A-${id}`,
      rule: 'leak_located',
      priority: 2,
      asset: { kind: 'pipe', id: candidates[0]?.pipe ?? '' },
      zone,
      lon: city.zoneCentre[1]?.[0] ?? null,
      lat: city.zoneCentre[1]?.[1] ?? null,
      since: started_at,
      value: flow.p50,
      limit: 0,
      unit: 'm3/s',
      consequence: 'gas_escapes_in_zone',
      affected_meters: null,
      action: 'survey_most_probable_pipes',
      evidence: [evidence('leak_flow_low', flow.p05, 'm3/s'), evidence('leak_flow_high', flow.p95, 'm3/s')],
    })
  }
  const shutoffs = new Map<string, Shutoff>()
  const zones = mockZones(city, now(), mood)
  const states = mockStates(city, mood)
  const values = mockValues(city, zones, mood)
  const seq: Record<LayerName, number> = { meters: 0, pipes: 0, rtus: 0, zones: 0, valves: 0 }
  const sent = new Map<string, Uint8Array>()
  const sockets = new Set<WebSocket>()
  const control = { silent: false, log: 'ok' as 'ok' | 'full', planSalt: 0, gap: 'stated' as MockGapState }

  const broadcast = (message: ServerMessage) => {
    if (!control.silent) for (const socket of sockets) socket.send(JSON.stringify(message))
  }
  const frame = (layer: LayerName, ids: readonly number[]) => {
    const bytes = encodeFrame({
      layer: LAYERS[layer],
      snapshot: city.meta.snapshot,
      seq: ++seq[layer],
      at: now(),
      ids: Uint32Array.from(ids),
      states: Uint8Array.from(ids, (i) => states[layer][i] ?? 0),
    })
    sent.set(`${layer}/${seq[layer]}`, bytes)
    if (!control.silent) for (const socket of sockets) socket.send(bytes)
  }
  const tick = setInterval(() => {
    const ids = new Set<number>()
    for (let i = 0; i < 40; i++) ids.add(Math.floor(random() * city.counts.meters))
    const sorted = [...ids].sort((a, b) => a - b)
    for (const id of sorted) states.meters[id] = random() < 0.9 ? 1 : random() < 0.8 ? 2 : 3
    frame('meters', sorted)
  }, 200)
  const second = setInterval(() => {
    for (const layer of ['pipes', 'rtus', 'zones', 'valves'] as const) frame(layer, [])
    broadcast({ type: 'status', ...mockStatus() })
  }, 1000)

  // As often as a demo makes one, not once a minute: the console must hold back by itself.
  const minute = setInterval(() => broadcast({ type: 'estimate', at: estimate.meta(now()).at }), 2000)

  function mockStatus(): Status {
    const standing = [...alarms.values()]
    const active = [1, 2, 3, 4].map(
      (p) => standing.filter((a) => a.priority === p && a.state.startsWith('active')).length,
    )
    return {
      now: now(),
      speed: 1,
      supply_m3_s: 2.1142 + 0.01 * Math.sin(Date.now() / 5000),
      sales_estimate_m3_s: 2.0311,
      lowest_pressure:
        mood === 'quiet'
          ? { zone: 'Z-04', pressure_pa: ATMOSPHERE + 1940, limit_pa: ATMOSPHERE + 1200 }
          : { zone: 'Z-07', pressure_pa: ATMOSPHERE + 810, limit_pa: ATMOSPHERE + 1200 },
      rtus_heard: mood === 'quiet' ? city.counts.rtus : city.counts.rtus - 2,
      rtus_total: city.counts.rtus,
      meters_heard_24h: city.counts.meters - 29,
      meters_total: city.counts.meters,
      age: { rtu: 4000, commercial: 4_320_000, residential: 32_400_000 },
      gap_yesterday: { rate: 0.0361, unread_share: 0.0064 },
      gap_month: { rate: 0.0492, days: 19 },
      alarms: {
        active,
        unacked: standing.filter((a) => a.state.endsWith('unacked')).length,
        shelved: standing.filter((a) => a.state === 'shelved').length,
        suppressed: standing.filter((a) => a.state === 'suppressed').length,
        last_10_min: mood === 'flood' ? 46 : mood === 'busy' ? 4 : 0,
        flood: mood === 'flood',
      },
      reports_per_s: 341.6,
      log: control.log,
      store: { state: 'ok', lag_reports: 12 },
    }
  }

  const changed = (alarm: Alarm) => {
    alarms.set(alarm.id, alarm)
    broadcast({ type: 'alarms', changed: [alarm] })
    return alarm
  }
  const moved = (shutoff: Shutoff) => {
    shutoffs.set(shutoff.id, shutoff)
    broadcast({ type: 'shutoffs', changed: [shutoff] })
    return shutoff
  }

  const plan = (edge: string): IsolationPlan => {
    const pipe = city.meta.pipe_ids.indexOf(edge)
    const zone = city.pipeZone[pipe] ?? 0
    const near = city.valveZone.flatMap((z, i) => (z === zone ? [i] : [])).slice(0, 4)
    return {
      edge,
      made_at: now(),
      hash: `h${pipe}-${control.planSalt}`,
      feasible: near.length > 0,
      reason: near.length > 0 ? null : 'no_operable_valve',
      close: near.map((v, i) => ({
        order: i + 1,
        valve: city.meta.valve_ids[v] ?? '',
        actuator: city.remote[v] === 1 ? 'remote' : 'manual',
        travel_minutes: city.remote[v] === 1 ? 0.5 : 8 + i,
        position: 'open',
        lon: city.valvePlace[v]?.[0] ?? 0,
        lat: city.valvePlace[v]?.[1] ?? 0,
      })),
      cut_off: {
        pipes: city.meta.pipe_ids.filter((_, i) => city.pipeZone[i] === zone && Math.abs(i - pipe) < 26),
        nodes: 18,
        meters: 1284,
        commercial: 31,
        industrial: 2,
        protected: [
          { meter: '37020000000169', kind: 'hospital' },
          { meter: '37020000002431', kind: 'school' },
        ],
        demand_m3_s: 0.1778,
      },
      gas_to_vent_m3: 38.4,
      lowest_pressure: {
        node: 'N-0412',
        pressure_pa: ATMOSPHERE + (zone === 1 ? 940 : 1904),
        limit_pa: ATMOSPHERE + 1200,
      },
      minutes_total: 11,
    }
  }

  const advance = (id: string) => {
    let step = 0
    const timer = setInterval(() => {
      const old = shutoffs.get(id)
      if (old === undefined || old.state === 'aborted') return clearInterval(timer)
      const valves = old.valves.map((v, i) => {
        const phase = step - i
        const state = phase >= 3 ? 'closed' : phase === 2 ? 'accepted' : phase === 1 ? 'sent' : v.state
        const at = now()
        return {
          ...v,
          state: state as typeof v.state,
          sent_at: phase >= 1 ? (v.sent_at ?? at) : null,
          accepted_at: phase >= 2 ? (v.accepted_at ?? at) : null,
          confirmed_at: phase >= 3 ? (v.confirmed_at ?? at) : null,
          tries: phase >= 1 ? 1 : 0,
        }
      })
      const done = valves.every((v) => v.state === 'closed')
      const proof = { code: 'inlet_flow', at: now(), value: 0.00001, limit: 0.0005, unit: 'm3/s' }
      moved({ ...old, valves, state: done ? 'isolated' : 'closing', proof: done ? proof : null, updated_at: now() })
      if (done) clearInterval(timer)
      step++
    }, 1500)
  }

  const request = (edge: string, reason: string, user: string): Shutoff => {
    const made = plan(edge)
    return moved({
      id: `S-${shutoffs.size + 1}`,
      mode: 'approval',
      state: 'awaiting_approval',
      zone: city.meta.zones[city.pipeZone[city.meta.pipe_ids.indexOf(edge)] ?? 0]?.id ?? null,
      edge,
      cause: { kind: 'operator', alarm: null, rules: [], asset: { kind: 'pipe', id: edge } },
      requested_by: user,
      approved_by: null,
      reason,
      ending: null,
      created_at: now(),
      updated_at: now(),
      plan: made,
      valves: made.close.map((v) => ({
        valve: v.valve,
        state: 'waiting',
        sent_at: null,
        accepted_at: null,
        confirmed_at: null,
        tries: 0,
        error: null,
      })),
      proof: null,
      audit_hash: '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
    })
  }

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://x')
    const send = (status: number, value: unknown, type = 'application/json') => {
      res.writeHead(status, { 'content-type': type })
      res.end(value instanceof Uint8Array || typeof value === 'string' ? value : JSON.stringify(value))
    }
    const problem = (status: number, code: string) =>
      send(status, { type: code, title: code, status, detail: code, code }, 'application/problem+json')
    if (url.pathname.startsWith('/mock/')) {
      if (url.pathname === '/mock/silent') control.silent = url.searchParams.get('on') === '1'
      if (url.pathname === '/mock/cut') for (const socket of sockets) socket.terminate()
      if (url.pathname === '/mock/full') control.log = 'full'
      if (url.pathname === '/mock/replan') control.planSalt++
      if (url.pathname === '/mock/gap') {
        control.gap = (url.searchParams.get('state') ?? 'stated') as MockGapState
        broadcast({ type: 'gap', stated_at: now() })
      }
      return send(200, {})
    }
    if (!url.pathname.startsWith('/api/v1')) return file(dist, url.pathname, send)
    const [, , , kind = '', id = '', verb = ''] = url.pathname.split('/').map(decodeURIComponent)
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const body = (chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())) as Record<string, string>
    if (kind === 'session') {
      const role = ROLES[body['user'] ?? '']
      if (role === undefined || body['password'] !== 'gas') return problem(401, 'AUT_REQUIRED')
      return send(200, { token: body['user'], user: body['user'], role, expires_at: now() + 4e7 })
    }
    const user = req.headers.authorization?.slice(7) ?? ''
    if (ROLES[user] === undefined) return problem(401, 'AUT_REQUIRED')
    if (req.method !== 'GET' && ROLES[user] === 'viewer') return problem(403, 'AUT_FORBIDDEN')
    switch (kind) {
      case 'city':
        return send(200, {
          name: '临江 Linjiang',
          time_zone: 'Asia/Shanghai',
          centre: { lon: city.meta.origin[0], lat: city.meta.origin[1] },
          bounds: [...city.bounds],
          now: now(),
          speed: 1,
          demo: true,
          scenario: 'mock',
          counts: city.counts,
          gap_target_rate: 0.047,
          gap_tolerance_rate: 0.03,
          version: '0.1.0',
        } as unknown as City)
      case 'map':
        if (id === 'estimate') {
          const etag = `"${estimate.meta(now()).at}"`
          res.setHeader('etag', etag)
          res.setHeader('cache-control', 'private, no-cache')
          if (req.headers['if-none-match'] === etag) return send(304, '')
          return send(200, estimate.body(now()), 'application/octet-stream')
        }
        if (id === 'geometry') return send(200, city.body, 'application/octet-stream')
        return send(
          200,
          encodeColumns(
            {
              ...Object.fromEntries(Object.entries(states).map(([name, column]) => [`${name}_state`, column])),
              pipes_value: values.pipes,
              rtus_value: values.rtus,
              zones_value: values.zones,
            },
            { snapshot: city.meta.snapshot, seq: { ...seq }, now: now() },
          ),
          'application/octet-stream',
        )
      case 'zones':
        if (verb === 'safety-mode' && req.method === 'PUT') {
          const zone = zones.find((z) => z.id === id)
          if (zone === undefined) return problem(404, 'API_NOT_FOUND')
          zone.safety_mode = body['mode'] as ZoneSummary['safety_mode']
          return send(200, { mode: zone.safety_mode })
        }
        return send(200, { items: zones })
      case 'alarms': {
        if (id === '') return send(200, { items: [...alarms.values()] })
        const alarm = alarms.get(id)
        if (alarm === undefined) return problem(404, 'API_NOT_FOUND')
        if (verb === 'ack')
          return send(
            200,
            changed({
              ...alarm,
              state: alarm.state === 'cleared_unacked' ? 'cleared' : 'active_acked',
              acked_at: now(),
              acked_by: user,
              ack_note: body['note'] ?? null,
              updated_at: now(),
            }),
          )
        if (verb === 'shelve' && alarm.priority === 1) return problem(409, 'API_CONFLICT')
        if (verb === 'shelve')
          return send(
            200,
            changed({
              ...alarm,
              state: 'shelved',
              shelved_until: now() + 60_000 * Number(body['minutes']),
              shelved_by: user,
              shelve_reason: body['reason'] ?? '',
            }),
          )
        return send(200, changed({ ...alarm, state: 'active_acked', shelved_until: null }))
      }
      case 'strip':
        return send(200, mockStrip(now(), url.searchParams.has('zone') ? 0.09 : 1))
      case 'estimate': {
        const edge = estimate.edge(url.searchParams.get('edge') ?? '', now())
        return edge === undefined ? problem(404, 'NET_UNKNOWN') : send(200, edge)
      }
      case 'leaks':
        return send(200, { items: leaks })
      case 'gap': {
        if (id === '') return send(200, gap.ledger(url.searchParams, now(), control.gap))
        if (id === 'replacements') return send(200, { items: gap.replacements() })
        if (id === 'revisions') return send(200, { items: gap.revisions(now()) })
        if (id === 'suspects' && verb === '') return send(200, gap.suspects(url.searchParams, now()))
        const evidence = gap.evidence(verb, now())
        return evidence === undefined ? problem(404, 'API_NOT_FOUND') : send(200, evidence)
      }
      case 'isolation':
        return send(200, plan(url.searchParams.get('edge') ?? ''))
      case 'shutoffs': {
        if (id === '' && req.method === 'GET') return send(200, { items: [...shutoffs.values()] })
        if (id === '') return send(201, request(body['edge'] ?? '', body['reason'] ?? '', user))
        const shutoff = shutoffs.get(id)
        if (shutoff === undefined) return problem(404, 'API_NOT_FOUND')
        if (verb === 'abort') return send(200, moved({ ...shutoff, state: 'aborted', updated_at: now() }))
        if (shutoff.requested_by === user) return problem(409, 'CMD_REFUSED')
        setTimeout(() => advance(id), 10)
        return send(200, moved({ ...shutoff, state: 'closing', approved_by: user, updated_at: now() }))
      }
      case 'devices':
        if (verb === 'series') return send(200, mockSeries(url))
        if (id !== '') return send(200, mockTwin(city, id, now()))
        return send(200, mockDevices(city, url))
      default:
        return problem(404, 'API_NOT_FOUND')
    }
  }

  const server = createServer(
    (req, res) => void answer(req, res).catch((error) => res.writeHead(500).end(String(error))),
  )
  const ws = new WebSocketServer({ server, path: '/ws', perMessageDeflate: false })
  ws.on('connection', (socket) => {
    socket.on('message', (text) => {
      const message = JSON.parse(String(text)) as {
        type: string
        token?: string
        layer?: LayerName
        from?: number
        to?: number
      }
      if (message.type === 'hello') {
        if (ROLES[message.token ?? ''] === undefined) return socket.close(4401)
        const say = (m: ServerMessage) => socket.send(JSON.stringify(m))
        say({ type: 'welcome', snapshot: city.meta.snapshot, seq, now: now(), version: '0.1.0' })
        say({ type: 'alarms', changed: [...alarms.values()], full: true })
        say({ type: 'shutoffs', changed: [...shutoffs.values()], full: true })
        say({ type: 'zones', zones })
        say({ type: 'leaks', leaks })
        say({ type: 'status', ...mockStatus() })
        sockets.add(socket)
      } else if (message.type === 'resend')
        for (let s = message.from ?? 1; s <= (message.to ?? 0); s++) {
          const bytes = sent.get(`${message.layer}/${s}`)
          if (bytes !== undefined) socket.send(bytes)
        }
    })
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`,
    raise: changed,
    now,
    city,
    async stop() {
      clearInterval(tick)
      clearInterval(second)
      clearInterval(minute)
      for (const socket of sockets) socket.terminate()
      ws.close()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

function file(dist: string, name: string, send: (status: number, value: unknown, type?: string) => void): void {
  const target = path.join(dist, name === '/' ? 'index.html' : name)
  if (!target.startsWith(dist) || !existsSync(target)) send(404, {})
  else send(200, readFileSync(target), TYPES[target.split('.').pop() ?? ''] ?? 'application/octet-stream')
}

function mockStates(city: MiniCity, mood: MockMood): Record<LayerName, Uint8Array> {
  const random = dice(11)
  const busy = mood !== 'quiet'
  const pipes = Uint8Array.from({ length: city.counts.pipes }, (_, i) => {
    const zone = city.pipeZone[i]
    if (busy && zone === 6) return random() < 0.55 ? 2 : 1
    if (busy && zone === 1 && random() < 0.05) return 4
    return busy && zone === 10 && random() < 0.5 ? 0 : 1
  })
  return {
    meters: Uint8Array.from({ length: city.counts.meters }, () => (random() < 0.94 ? 1 : random() < 0.7 ? 2 : 3)),
    pipes,
    rtus: Uint8Array.from({ length: city.counts.rtus }, (_, i) =>
      !busy ? 1 : i === 25 ? 3 : i === 13 ? 2 : i === 41 ? 5 : 1,
    ),
    zones: busy ? Uint8Array.of(1, 3, 1, 1, 2, 1, 1, 1, 4, 1, 0, 5) : new Uint8Array(12).fill(1),
    valves: Uint8Array.from({ length: city.counts.valves }, (_, i) => (busy && i === 7 ? 4 : busy && i === 20 ? 2 : 1)),
  }
}

function mockValues(city: MiniCity, zones: readonly ZoneSummary[], mood: MockMood) {
  const random = dice(5)
  return {
    pipes: Float32Array.from({ length: city.counts.pipes }, () => ATMOSPHERE + 1900 + random() * 500),
    rtus: Float32Array.from(
      { length: city.counts.rtus },
      (_, i) => ATMOSPHERE + (i === 25 && mood !== 'quiet' ? 810 : 2100 + random() * 300),
    ),
    zones: Float32Array.from(zones, (z) => z.yesterday?.gap_rate ?? Number.NaN),
  }
}

function mockZones(city: MiniCity, now: number, mood: MockMood): ZoneSummary[] {
  const rates =
    mood === 'quiet'
      ? [1.2, 0.4, -0.8, 2.1, 1.9, 0.2, 1.1, 0.6, -1.2, 2.4, 0.9, 1.7]
      : [1.2, 8.4, -0.8, 2.1, 4.1, 0.2, 1.1, 0.6, -3.9, 2.4, Number.NaN, -7.6]
  return city.meta.zones.map(({ id, name }, i) => {
    const supply = 14_000 + 900 * i
    const rate = (rates[i] ?? 0) / 100
    const period = {
      zone: id,
      from: now - 86_400_000,
      to: now,
      supply_m3: supply,
      sales_m3: supply * (1 - rate) - 40,
      linepack_change_m3: 12,
      own_use_m3: 28,
      gap_m3: supply * rate,
      gap_rate: rate,
      temperature_pressure_m3: supply * 0.016,
      unread_m3: supply * 0.006,
      unread_meters: 3,
      meters: 500,
      inlet_coverage: 1,
    }
    return {
      id,
      name,
      meters: 500,
      supply_m3_s: 0.17 + i / 100,
      sales_estimate_m3_s: 0.16 + i / 100,
      lowest_pressure_pa: ATMOSPHERE + (i === 6 && mood !== 'quiet' ? 810 : 1980),
      lowest_pressure_at: `RTU-${String(4 * i + 2).padStart(3, '0')}`,
      min_pressure_pa: ATMOSPHERE + 1200,
      yesterday: Number.isNaN(rate) ? null : period,
      last_24h: Number.isNaN(rate) ? null : { ...period, gap_m3: period.gap_m3 * 1.04, gap_rate: rate * 1.04 },
      safety_mode: i % 5 === 0 ? 'automatic' : i % 5 === 1 ? 'dry_run' : 'approval',
    }
  })
}

function mockStrip(now: number, share: number) {
  const step = 600_000
  const to = Math.floor(now / step) * step
  const points = Array.from({ length: 144 }, (_, i) => {
    const at = to - (143 - i) * step
    const hour = ((at / 3_600_000 + 8) % 24) as number
    const base =
      6200 +
      2300 * Math.exp(-((hour - 7.2) ** 2) / 3) +
      1500 * Math.exp(-((hour - 11.8) ** 2) / 3) +
      3100 * Math.exp(-((hour - 18.6) ** 2) / 5) -
      (hour < 5 ? 2400 : 0)
    const supply = ((base + 90 * Math.sin(i)) / 6) * share
    const rate = i > 100 ? 0.085 : 0.03
    return { at, supply_m3: i === 60 ? null : supply, sales_estimate_m3: supply * (1 - rate), gap_m3: supply * rate }
  })
  return { from: to - 86_400_000, to, step_ms: step, points }
}

function mockDevices(city: MiniCity, url: URL) {
  const query = url.searchParams.get('query') ?? ''
  const kind = url.searchParams.get('kind')
  const items: object[] = []
  const add = (k: string, number: string, asset: string) => {
    if ((kind === null || kind === k) && (number.includes(query) || asset.includes(query)))
      items.push({
        number,
        kind: k,
        asset,
        zone: 'Z-01',
        lon: 0,
        lat: 0,
        state: 1,
        last_report_at: null,
        last_received_at: null,
      })
  }
  for (const [i, id] of city.meta.rtu_ids.entries()) add('rtu', String(90_000_000_000_000 + i), id)
  for (const [i, id] of city.meta.valve_ids.entries()) add('valve', String(80_000_000_000_000 + i), id)
  for (const number of city.meterNumbers) add('meter', String(number), String(number))
  return { items: items.slice(0, 20), next: null, total: items.length }
}

function mockTwin(city: MiniCity, number: string, now: number): DeviceTwin {
  const kind = number.startsWith('9') ? 'rtu' : number.startsWith('8') ? 'valve' : 'meter'
  const index = Number(number) % 1e13
  const asset =
    kind === 'rtu' ? (city.meta.rtu_ids[index] ?? '') : kind === 'valve' ? (city.meta.valve_ids[index] ?? '') : number
  return {
    number,
    kind,
    asset,
    zone: 'Z-07',
    lon: 0,
    lat: 0,
    state: 1,
    last_report_at: now - 41_000,
    last_received_at: now - 40_000,
    meter:
      kind === 'meter'
        ? {
            size: 'G2.5',
            class: 'residential',
            installed_year: 2014,
            corrector: false,
            placement: 'indoor',
            read_schedule: 'daily',
            protected: null,
            index_m3: 4211.3,
            index_at: now - 32_400_000,
            daily_m3: 0.84,
          }
        : null,
    pressure_pa: kind === 'rtu' ? ATMOSPHERE + 810 : null,
    temperature_k: kind === 'rtu' ? 286.4 : null,
    standard_flow_m3_s: kind === 'rtu' ? 0.1711 : null,
    gas_lel: null,
    valve: kind === 'rtu' ? 'unknown' : 'open',
    battery_volt: kind === 'rtu' ? null : 3.41,
    rsrp_dbm: -96,
    sinr_db: 7,
    ecl: 0,
    pci: 217,
    good_coverage: true,
    clock_error_s: 1.4,
    reports: 1441,
    duplicates: 3,
    late: 11,
    events: kind === 'meter' ? ['small_flow'] : [],
    quantities:
      kind === 'rtu'
        ? ['pressure_pa', 'standard_flow_m3_s', 'temperature_k']
        : kind === 'meter'
          ? ['index_m3', 'battery_volt']
          : ['battery_volt'],
  }
}

function mockSeries(url: URL) {
  const [from, to] = [Number(url.searchParams.get('from')), Number(url.searchParams.get('to'))]
  const quantity = url.searchParams.get('quantity') ?? ''
  const at = Array.from({ length: 240 }, (_, i) => Math.floor(from + ((to - from) * i) / 239))
  const wave = (i: number) => Math.sin(i / 17) * 0.5 + Math.sin(i / 3.3) * 0.1
  const value = at.map((_, i) => {
    if (i > 118 && i < 124) return null
    if (quantity === 'pressure_pa') return ATMOSPHERE + 2100 + 260 * wave(i) - (i > 215 ? 55 * (i - 215) : 0)
    if (quantity === 'temperature_k') return 287 + wave(i) * 4
    if (quantity === 'index_m3') return 4200 + i * 0.05
    return quantity === 'battery_volt' ? 3.42 - i / 40_000 : 0.17 + wave(i) * 0.06
  })
  const unit = quantity.endsWith('_pa')
    ? 'Pa'
    : quantity.endsWith('_k')
      ? 'K'
      : quantity.endsWith('_m3')
        ? 'm3'
        : quantity.endsWith('volt')
          ? 'V'
          : 'm3/s'
  return {
    asset: 'x',
    quantity,
    unit,
    from,
    to,
    resolution: to - from > 2e8 ? 'hour' : 'raw',
    at,
    value,
    truncated: false,
  }
}
