import type dgram from 'node:dgram'
import { codeText } from '../protocol/index.ts'
import type { LoadDatagrams } from './load-datagrams.ts'
import { bindUdp } from './udp-socket.ts'

export interface SendingPlan {
  readonly host: string
  readonly port: number
  readonly sockets: number
  /** Datagrams of one socket that wait for their answer at the same time (closed loop). */
  readonly window: number
  /** Datagrams per second over all sockets, whatever is answered (open loop); 0 for the closed loop. */
  readonly rate: number
}

export interface LoadResult {
  readonly sent: number
  readonly answered: number
  /** Datagrams sent again because no answer came in time. */
  readonly repeated: number
  readonly lost: number
  readonly seconds: number
  /** Answers per second. */
  readonly rate: number
  /** From the first sending to the answer, ms. */
  readonly p50: number
  readonly p99: number
  readonly worst: number
  /** Answers by code, e.g. `{"2.04": 1000}`. */
  readonly codes: Readonly<Record<string, number>>
}

/** Wait before the first repetition, then before the following ones and before giving up, ms. @source RFC 7252 §4.8, without the random factor */
const FIRST_WAIT_MS = 2_000
const NEXT_WAITS_MS = [4_000, 8_000, 16_000, 32_000]
const TICK_MS = 5

/** Sends every datagram once, repeats what is not answered, and measures. */
export async function sendLoad(datagrams: LoadDatagrams, plan: SendingPlan): Promise<LoadResult> {
  const count = datagrams.ends.length
  const family = plan.host.includes(':') ? 'udp6' : 'udp4'
  const sockets = await Promise.all(Array.from({ length: plan.sockets }, () => connectedSocket(plan, family)))
  const firstSent = new Float64Array(count)
  const latency = new Float32Array(count).fill(-1)
  const codes = new Map<number, number>()
  const isAnswered = new Uint8Array(count)
  const order = new Uint32Array(count)
  /** Everything before this place in `order` is answered or late. */
  let oldest = 0
  /** Datagrams without answer after the first wait. */
  const late = new Map<number, { dueAt: number; tries: number }>()
  let sent = 0
  let answered = 0
  let repeated = 0
  let lost = 0
  let lastAnswer = 0

  const put = (i: number): void => {
    const from = i === 0 ? 0 : (datagrams.ends[i - 1] ?? 0)
    const socket = sockets[i % plan.sockets] as dgram.Socket
    socket.send(datagrams.bytes, from, (datagrams.ends[i] ?? 0) - from)
  }
  const sendFirst = (i: number): void => {
    firstSent[i] = performance.now()
    order[sent++] = i
    put(i)
  }
  const nextOf = Array.from({ length: plan.sockets }, (_, s) => s)
  const sendNextOf = (s: number): void => {
    const i = nextOf[s] ?? count
    if (i >= count) return
    nextOf[s] = i + plan.sockets
    sendFirst(i)
  }

  await new Promise<void>((resolve) => {
    const finishIfDone = (): void => {
      if (answered + lost < count) return
      clearInterval(timer)
      resolve()
    }
    const receive = (s: number, bytes: Buffer): void => {
      // Only answers to our own datagrams carry a token of four bytes.
      if (bytes.length < 8 || ((bytes[0] ?? 0) & 0x0f) !== 4) return
      const i = bytes.readUInt32BE(4)
      if (i >= count || isAnswered[i] === 1) return
      isAnswered[i] = 1
      lastAnswer = performance.now()
      latency[i] = lastAnswer - (firstSent[i] ?? 0)
      const code = bytes[1] ?? 0
      codes.set(code, (codes.get(code) ?? 0) + 1)
      answered++
      if (plan.rate === 0) sendNextOf(s)
      finishIfDone()
    }
    for (const [s, socket] of sockets.entries()) socket.on('message', (bytes) => receive(s, bytes))

    const repeatOrGiveUp = (i: number, tries: number, now: number): void => {
      const wait = NEXT_WAITS_MS[tries]
      if (wait !== undefined) {
        late.set(i, { dueAt: now + wait, tries: tries + 1 })
        repeated++
        put(i)
        return
      }
      late.delete(i)
      isAnswered[i] = 1
      lost++
      if (plan.rate === 0) sendNextOf(i % plan.sockets)
    }
    const begin = performance.now()
    const tick = (): void => {
      const now = performance.now()
      if (plan.rate > 0) {
        const due = Math.min(Math.floor(((now - begin) / 1_000) * plan.rate), count)
        while (sent < due) sendFirst(sent)
      }
      for (; oldest < sent; oldest++) {
        const i = order[oldest] ?? 0
        if (isAnswered[i] === 1) continue
        const dueAt = (firstSent[i] ?? 0) + FIRST_WAIT_MS
        if (dueAt > now) break
        late.set(i, { dueAt, tries: 0 })
      }
      for (const [i, state] of late) {
        if (isAnswered[i] === 1) late.delete(i)
        else if (state.dueAt <= now) repeatOrGiveUp(i, state.tries, now)
      }
      finishIfDone()
    }
    const timer = setInterval(tick, TICK_MS)
    if (plan.rate === 0) {
      for (let w = 0; w < plan.window; w++) for (let s = 0; s < plan.sockets; s++) sendNextOf(s)
    }
  })

  for (const socket of sockets) socket.close()
  const begin = firstSent[0] ?? 0
  const seconds = Math.max(lastAnswer - begin, 1e-3) / 1_000
  const sorted = latency.filter((ms) => ms >= 0).sort()
  const quantile = (q: number) => round(sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN)
  return {
    sent,
    answered,
    repeated,
    lost,
    seconds: round(seconds),
    rate: Math.round(answered / seconds),
    p50: quantile(0.5),
    p99: quantile(0.99),
    worst: quantile(1),
    codes: Object.fromEntries([...codes].map(([code, n]) => [codeText(code), n])),
  }
}

async function connectedSocket(plan: SendingPlan, family: 'udp4' | 'udp6'): Promise<dgram.Socket> {
  const { socket } = await bindUdp({ family, host: family === 'udp6' ? '::' : '0.0.0.0', port: 0 }, 1 << 20)
  await new Promise<void>((resolve) => socket.connect(plan.port, plan.host, () => resolve()))
  // A service that is away refuses; its datagrams are repeated and at last counted as lost.
  socket.on('error', () => undefined)
  return socket
}

const round = (x: number) => Math.round(x * 1_000) / 1_000
