import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SecurePeer } from '../ingest/secure-link.ts'
import { CONTENT_FORMAT, encodeReply, parseMessage } from '../protocol/index.ts'
import { DtlsThread } from './dtls-thread.ts'
import { SecureCaller } from './testing/secure-caller.ts'

/** Every thread that was begun: nothing else about them is changed. */
const begun = vi.hoisted((): Worker[] => [])
const begunAt = vi.hoisted((): number[] => [])
vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>()
  return {
    ...real,
    Worker: class extends real.Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args)
        begun.push(this)
        begunAt.push(performance.now())
      }
    },
  }
})

const KEY = Buffer.from('a key of 16 byte')
const LINES = [1, 2].map((n) => `meter-${n},${KEY.toString('hex')},18170200000${n}`).join('\n')
const WORDS = Uint8Array.of(0xa0)
const WAIT_MS = 60_000

let dir = ''
let thread: DtlsThread
let failures: string[] = []
/** Requests that nobody answered yet. */
let held: { readonly bytes: Uint8Array; readonly peer: SecurePeer }[] = []
let answersAtOnce = true
const open: { close(): void }[] = []

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-dtls-thread-'))
  await writeFile(path.join(dir, 'keys'), LINES, { mode: 0o600 })
  failures = []
  held = []
  answersAtOnce = true
  begun.length = 0
  begunAt.length = 0
  thread = await DtlsThread.open({
    ...{ host: '127.0.0.1', port: 0, keysFile: path.join(dir, 'keys'), rootKey: new Uint8Array(0) },
    ...{ associations: 100, receiveBufferBytes: 1 << 20 },
    ...{ onKeys: () => {}, onKeysRefused: () => {}, onWrongKey: () => {} },
    onFailure: (error) => failures.push(String(error)),
    onHealth: () => {},
  })
  thread.listen((bytes, peer) => {
    if (answersAtOnce) answer({ bytes, peer })
    else held.push({ bytes, peer })
  })
})
afterEach(async () => {
  for (const one of open.splice(0)) one.close()
  await thread.stop()
  await rm(dir, { recursive: true, force: true })
})

function answer({ bytes, peer }: (typeof held)[number], words = WORDS): void {
  const message = parseMessage(bytes)
  if (message.kind === 'malformed') throw new Error(message.detail)
  thread.send(peer.association, encodeReply(message, 0x44, { payload: words }, 1))
}
async function caller(number: number, withinMs = 3_000): Promise<SecureCaller | undefined> {
  const identity = `meter-${number}`
  const made = await SecureCaller.open(thread.port, { identity, key: KEY, cid: Buffer.alloc(0) }, withinMs)
  if (made !== undefined) open.push(made)
  return made
}
async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + WAIT_MS; !(await isDone()); await pause(20))
    if (Date.now() > end) throw new Error(`it did not come: ${JSON.stringify([thread.health, failures])}`)
}
const report = async (from: SecureCaller | undefined) => (await from?.report(CONTENT_FORMAT.CBOR, WORDS))?.code

test('a thread that dies of an error, or without a word, is started again at its port, and meters are heard again', async () => {
  const { port } = thread
  expect(await report(await caller(1))).toBe(0x44)
  expect(thread.health).toEqual({ running: true, deaths: 0, why: null })
  // What it unpacks is no bytes: it throws where it stands.
  begun[0]?.postMessage({ type: 'answers', packed: null })
  await until(() => thread.health.deaths === 1)
  expect(thread.snapshot.associations ?? 0).toBe(0)
  await until(() => thread.health.running)
  expect([thread.port, failures.length, thread.health.why === null]).toEqual([port, 1, false])
  expect(await report(await caller(1))).toBe(0x44)
  await begun[1]?.terminate()
  await until(() => thread.health.deaths === 2 && thread.health.running)
  expect(await report(await caller(2))).toBe(0x44)
})

test('an answer to what came before reaches nobody after it: neither its meter nor who has another association', async () => {
  answersAtOnce = false
  const meter = await caller(1)
  const waiting = meter?.report(CONTENT_FORMAT.CBOR, WORDS).catch(() => undefined)
  await until(() => held.length > 0)
  const [before] = held
  await begun[0]?.terminate()
  await until(() => thread.health.deaths === 1 && thread.health.running)
  const other = await caller(2)
  if (before !== undefined) answer(before, Uint8Array.of(0xff))
  // Told after the stale one, so that when it came the stale one would have come as well.
  answersAtOnce = true
  const answered = await other?.report(CONTENT_FORMAT.CBOR, WORDS)
  expect([answered?.code, [...(answered?.payload ?? [])]]).toEqual([0x44, [...WORDS]])
  expect(other?.client.contents).toEqual([])
  meter?.close()
  await waiting
}, 60_000)

test('while it cannot start it is tried again and again, ever less often, and runs when the reason is gone', async () => {
  const file = path.join(dir, 'keys')
  await writeFile(file, 'no,key\n', { mode: 0o600 })
  await utimes(file, 1, 1)
  await begun[0]?.terminate()
  await until(() => thread.health.deaths >= 4)
  expect(thread.health.running).toBe(false)
  expect(thread.health.why).toMatch(/line 1|key/i)
  // At least 0.4 and 0.8 s after the second start: timers are late, never early.
  const [, second = 0, , fourth = 0] = begunAt
  expect(fourth - second).toBeGreaterThan(1_150)
  await writeFile(file, LINES, { mode: 0o600 })
  await until(() => thread.health.running)
  expect(await report(await caller(1))).toBe(0x44)
}, 90_000)
