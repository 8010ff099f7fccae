import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { DeviceTwin, QuarantineItem } from '@gastwin/server/contract'
import { COAP_CODE, CONTENT_FORMAT, codeText, deviceKey, encodeReport, toHex } from '@gastwin/server/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiClient } from '../support/api-client.ts'
import type { RunningDemo } from '../support/demo-process.ts'
import { DevicePeer, reportOf } from '../support/device-peer.ts'
import { eventually } from '../support/eventually.ts'

const LIBCOAP = 'coap-client-notls'
const hasLibcoap = spawnSync(LIBCOAP, ['-V']).error === undefined
if (!hasLibcoap) console.warn(`${LIBCOAP} is not installed: libcoap against the running service is NOT tested`)
const DAY_MS = 86_400_000
/** Nobody has this number. */
const STRANGER = 98_765_432_109_876

/** What devices may do wrong, over a real socket, to the running service. */
export function ingestEdges(running: () => RunningDemo): void {
  describe('a device that speaks to the service', () => {
    let api: ApiClient
    let peer: DevicePeer
    /** Homes that the fleet reports once a day only. */
    let homes: readonly string[]
    beforeAll(async () => {
      api = await running().signIn('viewer')
      peer = await DevicePeer.open(running())
      homes = running().homes
    })
    afterAll(() => peer?.close())

    const now = async () => (await api.city()).now
    const twinOf = (device: string) => api.get<DeviceTwin>(`/devices/${device}`)
    const quarantine = async () => (await api.get<{ items: QuarantineItem[] }>('/quarantine?limit=1000')).items
    const home = (n: number) => homes[homes.length - 1 - n] ?? ''
    /** A meter of ours goes on from what the twin knows, so that its register stays believable. */
    const registerAfter = async (device: string, use: number) =>
      Math.round(10 * (((await twinOf(device)).meter?.index_m3 ?? 100) + use)) / 10

    test('is told the time of the service in the answer, within the second', async () => {
      const device = home(0)
      const at = await now()
      const value = await registerAfter(device, 0.1)
      const report = reportOf(Number(device), at, { readings: [{ quantity: 'index_m3', at, value }] })
      for (const format of [CONTENT_FORMAT.CBOR, CONTENT_FORMAT.CJT188, CONTENT_FORMAT.CJT188_SM4]) {
        const before = await now()
        const answer = await peer.report({ ...report, trigger: 'button', deviceTime: before }, format)
        const after = await now()
        // CJ/T 188 has whole seconds.
        expect(answer.now).toBeGreaterThan(before - 1001)
        expect(answer.now).toBeLessThanOrEqual(after)
      }
      const twin = await eventually(
        5_000,
        () => twinOf(device),
        (t) => t.meter?.index_m3 === value,
      )
      expect(twin.last_received_at).toBeGreaterThan(at - 2_000)
    })

    test('that repeats a datagram gets the same answer and is counted once, and so is the same report under another id', async () => {
      const device = home(1)
      const at = await now()
      const value = await registerAfter(device, 0.2)
      const payload = peer.encode(
        reportOf(Number(device), at, { sequence: 41, readings: [{ quantity: 'index_m3', at, value }] }),
      )
      const messageId = peer.send({ payload })
      const first = await peer.next()
      peer.send({ payload, messageId })
      const second = await peer.next()
      expect(toHex(second.bytes)).toBe(toHex(first.bytes))
      const before = await eventually(
        5_000,
        () => twinOf(device),
        (t) => t.meter?.index_m3 === value,
      )
      const again = await peer.post({ payload })
      expect(codeText(again.code)).toBe('2.04')
      const after = await eventually(
        5_000,
        () => twinOf(device),
        (t) => t.duplicates === before.duplicates + 1,
      )
      expect([after.reports, after.meter]).toEqual([before.reports, before.meter])
    })

    test('that is late counts at its own time and does not move the register back', async () => {
      const device = home(2)
      const at = await now()
      const value = await registerAfter(device, 2)
      await peer.report(reportOf(Number(device), at, { sequence: 51, readings: [{ quantity: 'index_m3', at, value }] }))
      const before = await eventually(
        5_000,
        () => twinOf(device),
        (t) => t.meter?.index_m3 === value,
      )
      const earlier = at - 3_600_000
      const late = { quantity: 'index_m3', at: earlier, value: value - 1 } as const
      await peer.report(reportOf(Number(device), earlier, { sequence: 50, readings: [late] }))
      const after = await eventually(
        5_000,
        () => twinOf(device),
        (t) => t.late === before.late + 1,
      )
      expect(after.meter).toMatchObject({ index_m3: value, index_at: before.meter?.index_at })
      // The database has both at their own times.
      const series = await eventually(
        60_000,
        () =>
          api.get<{ at: number[]; value: number[] }>(
            `/devices/${device}/series?quantity=index_m3&from=${earlier - 1000}&to=${at + 1000}`,
          ),
        (s) => s.at.length >= 2,
      )
      // At night the home's own report may stand between them.
      const points = series.at.map((t, i) => [t, series.value[i]])
      expect(points).toContainEqual([earlier, value - 1])
      expect(points.at(-1)).toEqual([at, value])
    }, 270_000)

    test('whose clock is wrong by years is booked at the time of receipt', async () => {
      const device = home(3)
      const value = await registerAfter(device, 0.3)
      const wrong = (await now()) + 400 * DAY_MS
      const before = await now()
      await peer.report(reportOf(Number(device), wrong, { readings: [{ quantity: 'index_m3', at: wrong, value }] }))
      const twin = await eventually(
        5_000,
        () => twinOf(device),
        (t) => t.meter?.index_m3 === value,
      )
      expect(twin.meter?.index_at).toBeGreaterThanOrEqual(before - 1000)
      expect(twin.meter?.index_at).toBeLessThanOrEqual((await now()) + 1000)
    })

    test('whose frame is broken gets 4.00, and the frame is kept with its bytes and the reason', async () => {
      const device = home(4)
      const frame = peer.encode(
        reportOf(Number(device), await now(), { readings: [{ quantity: 'index_m3', at: await now(), value: 7 }] }),
        CONTENT_FORMAT.CJT188,
      )
      const broken = frame.slice()
      const middle = Math.floor(broken.length / 2)
      broken[middle] = (broken[middle] ?? 0) ^ 0x01
      const answer = await peer.post({ payload: broken, format: CONTENT_FORMAT.CJT188 })
      expect(codeText(answer.code)).toBe('4.00')
      const cut = await peer.post({ payload: frame.slice(0, -5), format: CONTENT_FORMAT.CJT188 })
      expect(codeText(cut.code)).toBe('4.00')
      const items = await eventually(5_000, quarantine, (all) => all.some((q) => q.bytes_hex === toHex(broken)))
      expect(items.find((q) => q.bytes_hex === toHex(broken))?.reason).toBe('checksum')
      expect(items.find((q) => q.bytes_hex === toHex(frame.slice(0, -5)))?.reason).toBe('truncated')
      const metrics = await (await fetch(`${running().url}/metrics`)).text()
      expect(metrics).toMatch(/gastwin_malformed_total\{reason="checksum"\} [1-9]/)
    })

    test('that nobody knows is answered, and waits in quarantine under its number', async () => {
      const at = await now()
      const payload = peer.encode(reportOf(STRANGER, at, { readings: [{ quantity: 'index_m3', at, value: 1 }] }))
      expect(codeText((await peer.post({ payload })).code)).toBe('2.04')
      const items = await eventually(5_000, quarantine, (all) => all.some((q) => q.device === String(STRANGER)))
      expect(items.find((q) => q.device === String(STRANGER))).toMatchObject({
        reason: 'unknown_device',
        bytes_hex: toHex(payload),
      })
      expect((await api.refusal('GET', `/devices/${STRANGER}`)).code).toBe('API_NOT_FOUND')
    })

    test('that encrypts with a key of its own gets 4.01, and its register stays as it was', async () => {
      const device = home(5)
      const before = await twinOf(device)
      const at = await now()
      const stolen = deviceKey(Buffer.alloc(16, 7), Number(device))
      const payload = encodeReport(
        CONTENT_FORMAT.CJT188_SM4,
        reportOf(Number(device), at, { readings: [{ quantity: 'index_m3', at, value: 9_999 }] }),
        { keyOf: () => stolen, statusProfileOf: () => 'standard' },
      )
      const answer = await peer.post({ payload, format: CONTENT_FORMAT.CJT188_SM4 })
      expect(codeText(answer.code)).toBe('4.01')
      const items = await eventually(5_000, quarantine, (all) => all.some((q) => q.bytes_hex === toHex(payload)))
      expect(items.find((q) => q.bytes_hex === toHex(payload))?.reason).toMatch(/decrypt|bad-|unknown|checksum|out-of/)
      expect((await twinOf(device)).meter).toEqual(before.meter)
    })

    test('that names a format or a place the service does not have is told which it is', async () => {
      const payload = Uint8Array.of(1, 2, 3)
      const codes = [
        await peer.post({ payload, format: 50 }),
        await peer.post({ payload, format: null }),
        await peer.post({ payload, path: 'nowhere' }),
        await peer.post({ payload: new Uint8Array(1_300) }),
      ].map((answer) => codeText(answer.code))
      expect(codes).toEqual(['4.15', '4.15', '4.04', '4.13'])
    })

    test('that sends noise disturbs nobody', async () => {
      for (let n = 0; n < 200; n++)
        peer.sendBytes(Uint8Array.from({ length: n % 60 }, (_, i) => (n * 31 + i * 17 + ((n * i) % 251)) & 0xff))
      while (!(await peer.isSilent(300)));
      const answer = await peer.report(reportOf(Number(home(6)), await now()))
      expect(answer.now).toBeGreaterThan(0)
      expect((await fetch(`${running().url}/readyz`)).status).toBe(200)
    })

    test('that does not wait for acknowledgements is heard too', async () => {
      const device = home(7)
      const at = await now()
      const value = await registerAfter(device, 0.4)
      const payload = peer.encode(reportOf(Number(device), at, { readings: [{ quantity: 'index_m3', at, value }] }))
      const answer = await peer.post({ payload, confirmable: false })
      expect(answer.code).toBe(COAP_CODE.CHANGED)
      await eventually(
        5_000,
        () => twinOf(device),
        (t) => t.meter?.index_m3 === value,
      )
    })

    test.skipIf(!hasLibcoap)('that is libcoap’s own client reports and prints our answer', async () => {
      const device = home(8)
      const at = await now()
      const value = await registerAfter(device, 0.5)
      const file = path.join(running().dataDir, 'libcoap-report')
      writeFileSync(
        file,
        peer.encode(reportOf(Number(device), at, { readings: [{ quantity: 'index_m3', at, value }] })),
      )
      const target = `coap://127.0.0.1:${running().coapPort}/r`
      const { status, stderr } = spawnSync(LIBCOAP, ['-m', 'post', '-t', '60', '-B', '5', '-f', file, target], {
        encoding: 'utf8',
      })
      rmSync(file)
      expect([status, stderr]).toEqual([0, ''])
      await eventually(
        5_000,
        () => twinOf(device),
        (t) => t.meter?.index_m3 === value,
      )
    })
  })
}
