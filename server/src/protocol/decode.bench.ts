import { loadProfile } from '../profiles/load-profile.ts'
import { concatBytes } from './bytes/concat.ts'
import { fromHex } from './bytes/hex.ts'
import { encodeDataField } from './cjt188/encode.ts'
import { encodeFrame } from './cjt188/frame.ts'
import { layoutsOf } from './cjt188/layouts.table.ts'
import { COAP_CODE, COAP_OPTION } from './coap/codes.ts'
import { encodeMessage } from './coap/encode-message.ts'
import { type CoapMessage, parseMessage } from './coap/message.ts'
import { pathOptions, uintOption } from './coap/options.ts'
import { encodeReadAnswer } from './dlt645/encode.ts'
import { makeRecord } from './record/write-record.ts'
import { decodeReport } from './report/decode-report.ts'
import { encodeReport } from './report/encode-report.ts'
import { CONTENT_FORMAT, type DeviceLookup } from './report/lookup.ts'
import { openMessage, sealMessage } from './sealed/sealed-message.ts'
import { deviceKey } from './sm4/keys.ts'

/** A meter with a profile: identifiers and units the other way round, no extension. */
const TURNED = 220520000001
const MASTER = fromHex('00112233445566778899AABBCCDDEEFF') ?? new Uint8Array(16)
const PLAIN_DAILY =
  '68302700000217180081161F90DB420612002C005011002C2054001503262004 00FA16 68302700000217180081 19 10B0DB010100DB0290000000540DC3FB2A00013701000000001616'

/** 901F of a heat meter in the standard's form. */
const HEAT =
  '682032413140000000812B901F01000200000500020000050000001700000035001034002C35256625000000005300121007152000002816'
const PUSH =
  '6810040022082610000397000000024603C22C002703060300867512079825846D898604221525700097820E1EA2F71700100002C005A0FFFFFF0000000003E80000000000000000230923060246000000000000000074 16'

/**
 * Decodes the same payloads again and again and says how many one second of processor time is enough for: a daily meter report plain, sealed, by
 * a vendor profile and as CBOR, a heat meter, an electricity meter of two readings, a cellular push, what a concentrator passes on and says, an RTU minute, a bundle of 24 × 5 samples,
 * what RTUs and concentrators say under their seal, and the CoAP header alone.
 */
export async function run(options: {
  readonly json: boolean
  readonly seconds?: number | string
}): Promise<Record<string, number>> {
  const keys = new Map<number, Uint8Array>()
  const turned = loadProfile('emulated-turned-units')
  const lookup: DeviceLookup = {
    keyOf: (device) => {
      const known = keys.get(device)
      if (known) return known
      const key = deviceKey(MASTER, device)
      keys.set(device, key)
      return key
    },
    statusProfileOf: () => 'standard',
    profileOf: (device) => (device === TURNED ? turned : undefined),
  }
  const { CBOR, CJT188, CJT188_SM4, DLT645, CAT1 } = CONTENT_FORMAT
  const daily = decodeReport(CJT188, fromHex(PLAIN_DAILY) ?? new Uint8Array(), lookup)
  if (daily.kind === 'malformed') throw new Error(daily.detail)
  const at = daily.deviceTime
  const rtu = {
    ...daily,
    kind: 'rtu' as const,
    readings: (['pressure_pa', 'temperature_k', 'standard_flow_m3_s'] as const).map((quantity) => ({
      quantity,
      at,
      value: 300,
    })),
  }
  const bundle = {
    ...daily,
    readings: Array.from({ length: 24 }, (_, i) =>
      (['index_m3', 'standard_index_m3', 'pressure_pa', 'temperature_k', 'standard_flow_m3_s'] as const).map(
        (quantity) => ({
          quantity,
          at: at - (23 - i) * 300_000,
          value: 300 + Math.round(((i * 7919) % 97) * 10) / 10,
        }),
      ),
    ).flat(),
  }
  const electricity = {
    ...daily,
    readings: (['active_energy_j', 'voltage_a_v'] as const).map((quantity) => ({ quantity, at, value: 220 })),
    events: [],
    status: {},
  }
  const datagram = encodeMessage({
    type: 0,
    code: COAP_CODE.POST,
    messageId: 7,
    token: MASTER.subarray(0, 4),
    options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, CJT188_SM4)],
    payload: encodeReport(CJT188_SM4, daily, lookup),
  })
  const cases: [name: string, contentFormat: number, payload: Uint8Array][] = [
    ['cjt188_plain', CJT188, encodeReport(CJT188, daily, lookup)],
    ['cjt188_sm4', CJT188_SM4, encodeReport(CJT188_SM4, daily, lookup)],
    ['cjt188_profile', CJT188, encodeReport(CJT188, { ...daily, device: TURNED }, lookup)],
    ['cjt188_heat', CJT188, fromHex(HEAT) ?? new Uint8Array()],
    ['dlt645_energy_voltage_clock', DLT645, encodeReport(DLT645, electricity, lookup)],
    ['cat1_push', CAT1, fromHex(PUSH) ?? new Uint8Array()],
    ['cbor_daily', CBOR, encodeReport(CBOR, daily, lookup)],
    ['cbor_rtu', CBOR, encodeReport(CBOR, rtu, lookup)],
    ['cbor_bundle_120_samples', CBOR, encodeReport(CBOR, bundle, lookup)],
  ]
  const frozen = Array.from({ length: 24 }, (_, back) => {
    const layout = layoutsOf(0xd300 + back, 'gas')[0] ?? []
    const values = makeRecord(layout, { 'freeze time': at - back * 86_400_000, 'total volume': 1206.42 - back })
    const data = encodeDataField({ kind: 'record', di: 0xd300 + back, order: 'low-first', serial: 0, values })
    return encodeFrame({ type: 0x30, address: daily.device, control: 0x81, data })
  })
  const energies = Array.from({ length: 24 }, (_, i) => [
    encodeReadAnswer(daily.device, 0x05060001 + i, { time: at - i * 86_400_000 }),
    encodeReadAnswer(daily.device, 0x05060101 + i, { total: 1206.42 - i }, '2007', 4),
  ]).flat()
  const word = {
    ...daily,
    kind: 'concentrator' as const,
    readings: [],
    concentrator: {
      addresses: { version: 7, rows: 96 },
      backlog: 0,
      routes: Array.from({ length: 12 }, (_, i) => ({
        meter: daily.device + i,
        collector: 0,
        hops: [daily.device + 20],
        signalDbm: -101,
      })),
      results: [],
    },
  }
  cases.push(
    ['cjt188_24_frozen_days', CJT188, concatBytes(frozen)],
    ['dlt645_24_frozen_days', DLT645, concatBytes(energies)],
    ['cbor_concentrator_12_paths', CBOR, encodeReport(CBOR, word, lookup)],
  )
  const seconds = Number(options.seconds ?? 1)
  const result: Record<string, number> = {
    coap_header_per_cpu_s: rate(seconds, () => parseMessage(datagram).kind === 'coap'),
    coap_and_cjt188_sm4_per_cpu_s: rate(seconds, () => {
      const { contentFormat, payload } = parseMessage(datagram) as CoapMessage
      return decodeReport(contentFormat, payload, lookup).kind === 'meter'
    }),
  }
  // What RTUs, actuators and concentrators pay, and the platform for each of them: cipher, MAC, and what is inside.
  const sealing = { kind: 'message', device: rtu.device, counter: 7, contentFormat: CBOR } as const
  const sealed: [name: string, inside: Uint8Array][] = [
    ['sealed_rtu', encodeReport(CBOR, rtu, lookup)],
    ['sealed_concentrator_12_paths', encodeReport(CBOR, word, lookup)],
  ]
  for (const [name, inside] of sealed) {
    const message = sealMessage(MASTER, sealing, inside)
    result[`${name}_opened_and_read_per_cpu_s`] = rate(seconds, () => {
      const opened = openMessage(MASTER, message)
      return opened !== undefined && decodeReport(opened.contentFormat, opened.payload, lookup).kind !== 'malformed'
    })
    result[`${name}_made_per_cpu_s`] = rate(seconds, () => sealMessage(MASTER, sealing, inside).length > inside.length)
  }
  for (const [name, contentFormat, payload] of cases) {
    result[`${name}_per_cpu_s`] = rate(seconds, () => decodeReport(contentFormat, payload, lookup).kind !== 'malformed')
  }
  return result
}

/**
 * Calls a second of processor time (steadier than the wall on a shared machine), after a warm-up of a fifth of the time.
 * @throws Error when a call fails
 */
function rate(seconds: number, call: () => boolean): number {
  const spin = (milliseconds: number): number => {
    const end = performance.now() + milliseconds
    let calls = 0
    while (performance.now() < end)
      for (let i = 0; i < 200; i++, calls++) if (!call()) throw new Error('a payload was refused')
    return calls
  }
  spin(200 * seconds)
  const before = process.cpuUsage()
  const calls = spin(1000 * seconds)
  const { user, system } = process.cpuUsage(before)
  return Math.round((calls * 1e6) / (user + system))
}
