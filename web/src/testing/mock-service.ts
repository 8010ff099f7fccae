/** The contract over real HTTP and a real WebSocket, with an invented city behind: for looking and for tests only. */
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'
import {
  type Alarm,
  type City,
  encodeColumns,
  encodeFrame,
  LAYERS,
  type LayerName,
  type ServerMessage,
  type ZoneSummary,
} from '@gastwin/server/contract'
import { type WebSocket, WebSocketServer } from 'ws'
import { buildMiniCity, dice } from './mini-city.ts'
import { type MockMood, mockAlarms } from './mock-alarms.ts'
import { mockDevices, mockSeries, mockTwin } from './mock-devices.ts'
import { mockEstimate } from './mock-estimate.ts'
import { type MockGapState, mockGap } from './mock-gap.ts'
import { mockStates, mockStrip, mockValues, mockZones } from './mock-network.ts'
import { mockShutoffs } from './mock-shutoffs.ts'
import { mockStatus } from './mock-status.ts'

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
  const zones = mockZones(city, now(), mood)
  const states = mockStates(city, mood)
  const values = mockValues(city, zones, mood)
  const seq: Record<LayerName, number> = { meters: 0, pipes: 0, rtus: 0, zones: 0, valves: 0 }
  const sent = new Map<string, Uint8Array>()
  const sockets = new Set<WebSocket>()
  const control = { silent: false, log: 'ok' as 'ok' | 'full', gap: 'stated' as MockGapState }

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
  const status = () => mockStatus({ city, mood, alarms, log: control.log, now: now() })
  const tick = setInterval(() => {
    const ids = new Set<number>()
    for (let i = 0; i < 40; i++) ids.add(Math.floor(random() * city.counts.meters))
    const sorted = [...ids].sort((a, b) => a - b)
    for (const id of sorted) states.meters[id] = random() < 0.9 ? 1 : random() < 0.8 ? 2 : 3
    frame('meters', sorted)
  }, 200)
  const second = setInterval(() => {
    for (const layer of ['pipes', 'rtus', 'zones', 'valves'] as const) frame(layer, [])
    broadcast({ type: 'status', ...status() })
  }, 1000)

  // As often as a demo makes one, not once a minute: the console must hold back by itself.
  const minute = setInterval(() => broadcast({ type: 'estimate', at: estimate.meta(now()).at }), 2000)

  const changed = (alarm: Alarm) => {
    alarms.set(alarm.id, alarm)
    broadcast({ type: 'alarms', changed: [alarm] })
    return alarm
  }
  const shutoffs = mockShutoffs({
    city,
    now,
    told: (shutoff) => broadcast({ type: 'shutoffs', changed: [shutoff] }),
  })

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
      if (url.pathname === '/mock/replan') shutoffs.replan()
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
        if (id === 'replacements')
          return send(200, { items: gap.replacements(url.searchParams.get('by') === 'yuan' ? 'yuan' : 'm3') })
        if (id === 'revisions') return send(200, { items: gap.revisions(now()) })
        if (id === 'suspects' && verb === '') return send(200, gap.suspects(url.searchParams, now()))
        if (id === 'suspects' && req.method === 'PUT') {
          const acted = gap.act(verb, body, user, now())
          if (acted !== undefined) broadcast({ type: 'gap', stated_at: now() })
          return acted === undefined ? problem(404, 'API_NOT_FOUND') : send(200, acted)
        }
        const evidence = gap.evidence(verb, now())
        return evidence === undefined ? problem(404, 'API_NOT_FOUND') : send(200, evidence)
      }
      case 'models':
        return send(200, gap.models(now()))
      case 'health':
        return send(200, gap.due(url.searchParams, now()))
      case 'isolation':
        return send(200, shutoffs.plan(url.searchParams.get('edge') ?? ''))
      case 'shutoffs': {
        if (id === '' && req.method === 'GET') return send(200, { items: [...shutoffs.all.values()] })
        if (id === '') return send(201, shutoffs.request(body['edge'] ?? '', body['reason'] ?? '', user))
        const shutoff = shutoffs.all.get(id)
        if (shutoff === undefined) return problem(404, 'API_NOT_FOUND')
        if (verb === 'abort') return send(200, shutoffs.moved({ ...shutoff, state: 'aborted', updated_at: now() }))
        if (shutoff.requested_by === user) return problem(409, 'CMD_REFUSED')
        setTimeout(() => shutoffs.advance(id), 10)
        return send(200, shutoffs.moved({ ...shutoff, state: 'closing', approved_by: user, updated_at: now() }))
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
        say({ type: 'shutoffs', changed: [...shutoffs.all.values()], full: true })
        say({ type: 'zones', zones })
        say({ type: 'leaks', leaks })
        say({ type: 'status', ...status() })
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
