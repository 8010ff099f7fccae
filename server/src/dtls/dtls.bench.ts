/**
 * What DTLS costs the thread that speaks it: a handshake, a record opened, an answer sealed, and memory of an association; beside the
 * cipher of node:crypto alone in the same run. Then reports over real sockets through thread and endpoint.
 */
import { createDecipheriv } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { openCoapEndpoint } from '../ingest/coap-endpoint.ts'
import { COAP_CODE, CONTENT_FORMAT } from '../protocol/index.ts'
import { DtlsThread } from './dtls-thread.ts'
import { PskClient } from './psk-client.ts'
import { readRecords } from './record.ts'
import { reportRequest, SecureCaller } from './testing/secure-caller.ts'
import { KEY, METER, SmallServer } from './testing/small-server.ts'

interface DtlsBenchOptions {
  /** Handshakes, each of another client; default 3 000. */
  readonly handshakes?: string
  /** Records of 100 bytes; default 60 000. */
  readonly records?: string
  /** Rounds of which the median counts; default 5. */
  readonly rounds?: string
}

const CONTENT_BYTES = 100

export async function run(options: DtlsBenchOptions): Promise<Record<string, number | string>> {
  const handshakes = Number(options.handshakes ?? 3_000)
  const records = Number(options.records ?? 60_000)
  const rounds = Number(options.rounds ?? 5)
  const plain: number[] = []
  const named: number[] = []
  const opened: number[] = []
  const openedNamed: number[] = []
  const sealed: number[] = []
  const bare: number[] = []
  for (let round = 0; round < rounds; round++) {
    plain.push(await handshakeMs(handshakes, false))
    named.push(await handshakeMs(handshakes, true))
    const without = recordUs(records, false)
    opened.push(without.open)
    sealed.push(without.seal)
    bare.push(without.cipher)
    openedNamed.push(recordUs(records, true).open)
  }
  const real = await overSockets()
  return {
    handshake_ms: round2(median(plain)),
    handshakes_per_s: Math.round(1_000 / median(plain)),
    handshake_with_cid_ms: round2(median(named)),
    record_opened_us: round2(median(opened)),
    record_opened_with_cid_us: round2(median(openedNamed)),
    record_sealed_us: round2(median(sealed)),
    cipher_alone_us: round2(median(bare)),
    association_bytes: memoryOf(20_000),
    ...real,
    load_average: Math.round(10 * (os.loadavg()[0] ?? 0)) / 10,
  }
}

const client = (withCid: boolean): PskClient =>
  new PskClient({ identity: METER.identity, key: KEY, ...(withCid ? { cid: Buffer.alloc(0) } : {}) })

const boundless = { perSecond: 1e9, burst: 1e9 }
const LIMITS = { datagrams: boundless, hellos: boundless, ofSource: boundless, ofAddress: boundless }

/** Time inside the server alone, ms a handshake. */
async function handshakeMs(count: number, withCid: boolean): Promise<number> {
  const at = new SmallServer([METER], LIMITS)
  let inside = 0
  for (let i = 0; i < count; i++) {
    const meter = client(withCid)
    for (let out = meter.hello(); out.length > 0; ) {
      const begun = performance.now()
      const answers = at.hear(out, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
      inside += performance.now() - begun
      out = answers.flatMap((bytes) => meter.hear(bytes))
    }
    if (!meter.established) throw new Error('no association')
    at.sent.length = 0
    if (i % 500 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return inside / count
}

/** µs for a record to come in, for an answer to go out, and for the cipher alone. */
function recordUs(count: number, withCid: boolean): { open: number; seal: number; cipher: number } {
  const at = new SmallServer([METER], LIMITS)
  const meter = client(withCid)
  const number = at.connect(meter)
  const content = Buffer.alloc(CONTENT_BYTES, 7)
  const datagrams = Array.from({ length: count }, () => meter.say(content))
  let begun = performance.now()
  for (const datagram of datagrams) at.server.receive(datagram, '10.0.0.1', 4_000, at.now)
  const open = performance.now() - begun
  if (at.received.length !== count) throw new Error(`${at.received.length} of ${count} records were taken`)
  begun = performance.now()
  for (let i = 0; i < count; i++) at.server.send(number, content)
  const seal = performance.now() - begun
  const bodies = datagrams.map((datagram) => readRecords(datagram, withCid ? 8 : 0)[0]?.fragment ?? Buffer.alloc(32))
  begun = performance.now()
  for (const body of bodies) {
    const decipher = createDecipheriv('aes-128-ccm', KEY, Buffer.alloc(12), { authTagLength: 8 })
    decipher.setAuthTag(body.subarray(-8)).setAAD(body.subarray(0, 13), { plaintextLength: CONTENT_BYTES })
    decipher.update(body.subarray(8, 8 + CONTENT_BYTES))
  }
  const cipher = performance.now() - begun
  return { open: (1_000 * open) / count, seal: (1_000 * seal) / count, cipher: (1_000 * cipher) / count }
}

/** Bytes that an association keeps, each of another identity. */
function memoryOf(count: number): number | string {
  const collect = (globalThis as { gc?: () => void }).gc
  if (collect === undefined) return 'run node with --expose-gc'
  const entries = Array.from({ length: count }, (_, i) => ({ ...METER, identity: `meter-${i}` }))
  const at = new SmallServer(entries, LIMITS)
  const use = () => {
    for (let i = 0; i < 3; i++) collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = use()
  for (let i = 0; i < count; i++) {
    at.connect(new PskClient({ identity: `meter-${i}`, key: KEY, cid: Buffer.alloc(0) }), `10.0.${i >> 8}.${i & 255}`)
    at.sent.length = 0
    at.opened.length = 0
  }
  const bytes = Math.round((use() - before) / count)
  return at.server.associations === count ? bytes : 'associations were lost'
}

/** Requests over sockets of this machine, the client in the same process: what both together reach. */
async function overSockets(): Promise<Record<string, number>> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-dtls-bench-'))
  const keysFile = path.join(dir, 'keys')
  await writeFile(keysFile, `${METER.identity},${KEY.toString('hex')},1\n`, { mode: 0o600 })
  const nothing = () => {}
  const thread = await DtlsThread.open({
    ...{ host: '127.0.0.1', port: 0, keysFile, rootKey: new Uint8Array(), associations: 1_000 },
    ...{
      receiveBufferBytes: 1 << 22,
      onKeys: nothing,
      onKeysRefused: nothing,
      onWrongKey: nothing,
      onFailure: nothing,
      onHealth: () => {},
    },
  })
  const endpoint = await openCoapEndpoint({
    ...{ family: 'udp4', host: '127.0.0.1', port: 0, now: Date.now, secure: thread, exchanges: 2 ** 17 },
  })
  endpoint.requests$.subscribe((batch) => {
    for (const request of batch) endpoint.answer(request, COAP_CODE.CHANGED)
  })
  const caller = await SecureCaller.open(thread.port, { identity: METER.identity, key: KEY, cid: Buffer.alloc(0) })
  if (caller === undefined) throw new Error('no association')
  const payload = Buffer.alloc(CONTENT_BYTES)
  const times: number[] = []
  for (let i = 0; i < 1_000; i++) {
    const begun = performance.now()
    await caller.exchange(reportRequest(i, CONTENT_FORMAT.CBOR, payload))
    times.push(performance.now() - begun)
  }
  caller.close()
  await endpoint.close()
  await thread.stop()
  await rm(dir, { recursive: true, force: true })
  times.sort((a, b) => a - b)
  return { answer_p50_ms: round2(times[500] ?? Number.NaN), answer_p99_ms: round2(times[990] ?? Number.NaN) }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
const round2 = (x: number) => Math.round(x * 100) / 100
