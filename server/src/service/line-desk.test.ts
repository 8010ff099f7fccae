import dgram from 'node:dgram'
import { setTimeout as pause } from 'node:timers/promises'
import { ADDRESS_LIFE_MS, buildNetwork, type Report, WALL_CLOCK } from '@gastwin/twin'
import { afterEach, expect, test } from 'vitest'
import { SealedUplink } from '../../../datasets/src/fleet/radio/sealed-uplink.ts'
import { ConcentratorClient } from '../command/concentrator-client.ts'
import { CommandLedger } from '../command/ledger.ts'
import { CityState } from '../pipeline/city-state.ts'
import { FIRST_METER, madeCity } from '../pipeline/testing/made-city.ts'
import { COAP_CODE, CONTENT_FORMAT, decodeAnswer, encodeReply, parseMessage } from '../protocol/index.ts'
import { TrustBook } from '../trust/trust-book.ts'
import { CommandDesk } from './command-desk.ts'
import { LineDesk } from './line-desk.ts'

const { CBOR, SEALED } = CONTENT_FORMAT
const NUMBER = 94_000_000_000_001
const ROOT = new Uint8Array(16).fill(7)
const KEY = new Uint8Array(16).fill(1)
const NOON = Date.parse('2026-03-15T12:00:00+08:00')
const lookup = { keyOf: () => undefined, statusProfileOf: () => 'standard' as const }
const NOTHING = { contentFormat: -1, payload: new Uint8Array(0) }
const RULES = { holds: () => false, consentFor: () => undefined, open: () => undefined, sessionOf: () => 7 }
const sockets: dgram.Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close()
})

/** A desk, and a real port at which its concentrator listens. @param sealed whether it has a session */
async function open(sealed: boolean) {
  const document = madeCity(1, 2, 1)
  const meters = document.meters.map(({ id }) => ({ meter: id }))
  const city = new CityState(
    buildNetwork({ ...document, concentrators: [{ id: 'C1', device_number: String(NUMBER), meters }] }),
    WALL_CLOCK,
  )
  const trust = new TrustBook(ROOT)
  const about = { type: 'trust_session', at: 1, device: NUMBER, serial: 2, platform: 'north', nonce_at: 1 } as const
  if (sealed) trust.hold({ ...about, key: trust.sealKey(KEY, NUMBER, 1) }, 1)
  const heard: { readonly contentFormat: number; readonly payload: Uint8Array }[] = []
  const uplink = new SealedUplink(NUMBER, KEY)
  const world = { now: NOON, proves: true }
  const socket = dgram.createSocket('udp4')
  sockets.push(socket)
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', () => done()))
  socket.on('message', (bytes, from) => {
    const message = parseMessage(bytes)
    if (message.kind === 'malformed') return
    heard.push(message)
    const taken = world.proves ? uplink.order(message, world.now) : undefined
    socket.send(encodeReply(message, COAP_CODE.CHANGED, { ...taken?.reply(NOTHING) }, 1), from.port, from.address)
  })
  const word: Report = {
    ...{
      device: NUMBER,
      kind: 'concentrator',
      trigger: 'timed',
      deviceTime: NOON,
      sequence: 1,
      readings: [],
      events: [],
    },
    status: { servicePort: socket.address().port },
    concentrator: { addresses: { version: 0, rows: 0 }, backlog: 0, routes: [], results: [] },
  }
  city.take([{ position: 1, receivedAt: NOON, report: word, host: '127.0.0.1' }], NOON)
  const ledger = new CommandLedger()
  const failed = (error: unknown) => {
    throw error
  }
  const commands = new CommandDesk(ledger, async () => {}, failed)
  const line = new LineDesk({
    ...{ city, ledger, commands, trust, failed, authority: undefined, client: new ConcentratorClient(1) },
    ...{ lookup: () => lookup, now: () => world.now, rules: RULES },
  })
  const push = async (device = FIRST_METER) => {
    const before = line.told.taken + line.told.waiting + line.told.stale
    line.push([device])
    for (let i = 0; i < 200 && line.told.taken + line.told.waiting + line.told.stale === before; i++) await pause(10)
  }
  return { city, line, commands, word, heard, world, push }
}

test('an order goes to where its concentrator spoke within a day, and waits for its next word when that is longer ago', async () => {
  const { city, line, heard, world, push } = await open(false)
  world.now = NOON + ADDRESS_LIFE_MS
  await push()
  expect([heard.length, line.told]).toEqual([1, { taken: 1, waiting: 0, stale: 0 }])
  world.now += 1
  await push()
  expect([heard.length, line.told]).toEqual([1, { taken: 1, waiting: 0, stale: 1 }])
  // A value under its seal tells where it is as well as its word does.
  city.concentrators.find(NUMBER)?.speaksFrom('127.0.0.1', world.now)
  await push()
  expect([heard.length, heard[0]?.contentFormat]).toEqual([2, CBOR])
})

test('under a session it is sealed, with a rising number, and counts as told when the reply proves it', async () => {
  const { line, heard, world, push } = await open(true)
  await push()
  await push()
  expect([heard.map(({ contentFormat }) => contentFormat), line.told]).toEqual([
    [SEALED, SEALED],
    { taken: 2, waiting: 0, stale: 0 },
  ])
  world.proves = false
  await push()
  expect(line.told).toEqual({ taken: 2, waiting: 1, stale: 0 })
})

test('what the concentrator itself is to do goes to its port as well, is on record before, and rides on no other', async () => {
  const { commands, word, heard, push } = await open(false)
  const terms = { device: String(NUMBER), now: NOON, expiresAt: NOON + 3_600_000 }
  const key = await commands.order({ kind: 'renew_key', cause: 'a', ...terms })
  const close = await commands.order({ kind: 'close', cause: 'b', ...terms })
  const clock = await commands.order({ kind: 'clock', cause: 'c', ...terms })
  await push(NUMBER)
  await push(FIRST_METER)
  const told = heard.map(({ payload }) => decodeAnswer(CBOR, payload, lookup))
  expect(told.map((answer) => 'kind' in answer || answer.command)).toEqual([
    { kind: 'renew_key', id: key.id },
    { kind: 'renew_key', id: key.id },
  ])
  expect(commands.get(key.id)).toMatchObject({ state: 'sent', tries: 2, renewal: { before: 7 } })
  // Every answer carries the clock; a word by the right one proves it.
  expect(commands.get(clock.id)?.state).toBe('sent')
  commands.applyReport(word, NOON, 32, 7)
  expect(commands.get(clock.id)?.state).toBe('confirmed')
  // It has no valve.
  expect(commands.get(close.id)?.state).toBe('queued')
})
