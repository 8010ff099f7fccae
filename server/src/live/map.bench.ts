/**
 * What it costs to show a large city to many consoles: a layer of a million meters of which 20 000 change between two frames, five
 * frames a second, to 200 consoles in a process of their own. Beside it the same bytes sent by bare `ws`, made once.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { Accounts } from '../http/auth/accounts.ts'
import { Sessions } from '../http/auth/sessions.ts'
import { ConsoleHub } from './console-hub.ts'
import { MapLayers } from './map-layers.ts'

interface MapBenchOptions {
  readonly json: boolean
  readonly meters?: string
  /** Changes between two frames. */
  readonly changes?: string
  readonly consoles?: string
  readonly seconds?: string
}

const FRAME_MS = 200
const OTHER_LAYERS = { pipes: 60_000, rtus: 2_000, zones: 200, valves: 5_000 }

interface Heard {
  readonly frames: number
  readonly bytes: number
  readonly missed: number
  readonly ageP50: number
  readonly ageP99: number
}

export async function run(options: MapBenchOptions): Promise<Record<string, number | string>> {
  const meters = Number(options.meters ?? 1_000_000)
  const changes = Number(options.changes ?? 20_000)
  const consoles = Number(options.consoles ?? 200)
  const seconds = Number(options.seconds ?? 15)
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-map-'))
  const accounts = await Accounts.open(dir)
  const token = await accounts.addApiKey('map', 'viewer')
  const layers = new MapLayers(1, { meters, ...OTHER_LAYERS })
  const hub = new ConsoleHub({
    sessions: new Sessions(accounts, () => Date.now()),
    layers,
    now: () => Date.now(),
    version: 'bench',
    logger: pino({ level: 'error' }),
    greeting: () => [],
  })
  const http = createServer()
  const bare = new Set<WebSocket>()
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false, maxPayload: 1 << 16 })
  sockets.on('connection', (socket) => {
    hub.accept(socket)
    bare.add(socket)
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  const main = fileURLToPath(new URL('./testing/consoles-main.mjs', import.meta.url))
  const listeners = fork(main, [`ws://127.0.0.1:${port}/`, token, String(consoles)])
  try {
    await once(listeners, 'message')
    let last: Uint8Array = new Uint8Array(0)
    let round = 0
    const drawAndSend = () => {
      round++
      // A stride without common factor with the meters spreads the changes over the whole city.
      const first = (round * 104_729) % meters
      for (let i = 0; i < changes; i++) {
        const id = (first + i * 48_611) % meters
        layers.layers.meters.set(id, ((layers.layers.meters.state[id] ?? 0) + 1) % 6)
      }
      for (const layer of Object.values(layers.layers)) {
        const bytes = layer.takeFrame(layers.snapshot, Date.now(), round % 5 === 0)
        if (bytes === undefined) continue
        hub.broadcastFrame(bytes)
        if (layer.name === 'meters') last = bytes
      }
    }
    await measure(listeners, 3, drawAndSend)
    const ours = await measure(listeners, seconds, drawAndSend)
    const frame = Buffer.from(last)
    let sequence = frame.readUInt32LE(12)
    const reference = await measure(listeners, seconds, () => {
      frame.writeUInt32LE(++sequence, 12)
      frame.writeDoubleLE(Date.now(), 16)
      const bytes = Buffer.from(frame)
      for (const socket of bare) socket.send(bytes)
    })
    return {
      meters,
      changes_a_frame: changes,
      consoles,
      consoles_slow: hub.slow,
      cpu_share_of_a_core: ours.cpuShare,
      frame_bytes: frame.length,
      mb_per_s: Math.round((ours.heard.bytes / seconds / 1e6) * 10) / 10,
      frames_heard: ours.heard.frames,
      frames_missed: ours.heard.missed,
      frame_age_p50_ms: ours.heard.ageP50,
      frame_age_p99_ms: ours.heard.ageP99,
      reference_bare_ws_cpu_share: reference.cpuShare,
      reference_bare_ws_age_p50_ms: reference.heard.ageP50,
      reference_bare_ws_age_p99_ms: reference.heard.ageP99,
      load_average: Math.round((os.loadavg()[0] ?? 0) * 10) / 10,
    }
  } finally {
    listeners.disconnect()
    await once(listeners, 'exit')
    hub.close()
    sockets.close()
    http.close()
    await rm(dir, { recursive: true, force: true })
  }
}

/** Sends frames at 5 Hz for some seconds, and says what this process used of one core meanwhile, 0…1, and what was heard. */
async function measure(listeners: ChildProcess, seconds: number, send: () => void) {
  listeners.send('begin')
  const begun = performance.now()
  const cpu = process.cpuUsage()
  const timer = setInterval(send, FRAME_MS)
  await pause(seconds * 1000)
  clearInterval(timer)
  const { user, system } = process.cpuUsage(cpu)
  const cpuShare = Math.round((user + system) / (performance.now() - begun)) / 1000
  await pause(500)
  listeners.send('end')
  const [heard] = (await once(listeners, 'message')) as [Heard]
  return { cpuShare, heard }
}
