import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { ServerMessage } from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { Sessions } from '../http/auth/sessions.ts'
import { ConsoleHub } from '../live/console-hub.ts'
import { MapLayers } from '../live/map-layers.ts'

const FRAME = new Uint8Array(256 * 1024)
/** More than the kernel keeps for one connection on both sides, and then some. */
const FRAMES = 400

let hub: ConsoleHub
let layers: MapLayers
let server: WebSocketServer
let token: string
const consoles: WebSocket[] = []

beforeEach(async () => {
  const accounts = await Accounts.open(mkdtempSync(path.join(tmpdir(), 'gastwin-hub-')))
  await accounts.setUser('viewer', 'viewer', 'correct horse')
  const sessions = new Sessions(accounts, () => 0)
  token = (await sessions.signIn('viewer', 'correct horse', '127.0.0.1')).token
  layers = new MapLayers(1, { meters: 1, pipes: 1, rtus: 1, zones: 1, valves: 1 })
  hub = new ConsoleHub({
    sessions,
    layers,
    now: () => 0,
    version: '0',
    logger: pino({ level: 'silent' }),
    greeting: () => [{ type: 'alarms', changed: [], full: true }],
  })
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => hub.accept(socket))
  await once(server, 'listening')
})
afterEach(() => {
  for (const console of consoles.splice(0)) console.terminate()
  hub.close()
  server.close()
})

/** Signs in and counts what comes. */
async function connect(): Promise<{ socket: WebSocket; frames: () => number; messages: ServerMessage[] }> {
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  consoles.push(socket)
  const messages: ServerMessage[] = []
  let frames = 0
  socket.on('message', (data, binary) => {
    if (binary) frames++
    else messages.push(JSON.parse(String(data)) as ServerMessage)
  })
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'hello', token, version: '0' }))
  while (messages[0]?.type !== 'welcome') await pause(5)
  return { socket, frames: () => frames, messages }
}

const rawOf = (socket: WebSocket) => (socket as unknown as { _socket: Socket })._socket
const waitingAtServer = () => Math.max(...[...server.clients].map((client) => client.bufferedAmount))

test('a console that does not read is sent nothing more after a megabyte waits, while the others go on', async () => {
  const [slow, quick] = [await connect(), await connect()]
  rawOf(slow.socket).pause()
  let most = 0
  for (let i = 0; i < FRAMES; i++) {
    hub.broadcastFrame(FRAME)
    most = Math.max(most, waitingAtServer())
    await pause(1)
  }
  expect(hub.slow).toBe(1)
  expect(most).toBeLessThan(2 * 1024 * 1024)
  while (quick.frames() < FRAMES) await pause(10)
  expect(slow.frames()).toBeLessThan(FRAMES)

  rawOf(slow.socket).resume()
  while (waitingAtServer() > 0) await pause(10)
  hub.broadcastFrame(FRAME)
  while (!slow.messages.some((m) => m.type === 'resync')) await pause(10)
  const after = slow.messages.slice(slow.messages.findIndex((m) => m.type === 'resync'))
  expect(after).toEqual([
    { type: 'resync', reason: 'slow' },
    { type: 'alarms', changed: [], full: true },
  ])
  expect(hub.slow).toBe(0)
}, 30_000)

test('a console cannot have the same frames sent to it without end', async () => {
  const { socket, frames } = await connect()
  const frame = layers.layers.rtus.takeFrame(1, 0, true)
  if (frame !== undefined) hub.broadcastFrame(frame)
  while (frames() < 1) await pause(5)
  for (let i = 0; i < 100; i++) socket.send(JSON.stringify({ type: 'resend', layer: 'rtus', from: 1, to: 1 }))
  await pause(300)
  expect(frames()).toBe(1 + 10)
})
