import { readFileSync } from 'node:fs'
import {
  type ConcentratorNews,
  type ConcentratorOrder,
  DAILY_PLAN,
  HOURLY_PLAN,
  READ_FAILURES,
  type Report,
} from '@gastwin/twin'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../bytes/hex.ts'
import { decodeCborAnswer, encodeCborAnswer } from './answer.ts'
import { encodeCborReport } from './encode-report.ts'
import { decodeCborReport } from './report.ts'

const AT = Date.UTC(2026, 2, 15, 16)
const DAY = 86_400_000
const GAS = 181_702_000_027
const POWER = 102_030_425
const NOTHING: ConcentratorNews = { addresses: { version: 0, rows: 0 }, backlog: 0, routes: [], results: [] }
const word = (sequence: number, news: Partial<ConcentratorNews>): Report => ({
  device: 94_000_000_000_001,
  kind: 'concentrator',
  trigger: 'timed',
  deviceTime: AT + sequence * 60_000,
  sequence,
  readings: [],
  events: [],
  status: { rsrpDbm: -98.5, sinrDb: 6.2, ecl: 0, pci: 311 },
  concentrator: { ...NOTHING, ...news },
})
const answer = (orders: readonly ConcentratorOrder[]) => ({ device: -1, now: AT, orders })

const FIRST = word(0, {})
const ADDRESSES = answer([
  {
    kind: 'addresses',
    version: 2_868_912_204,
    total: 2,
    first: 0,
    rows: [
      { number: GAS, protocol: 'cjt188', interface: 'lora', collector: 0, quantity: 'index_m3', plan: DAILY_PLAN },
      {
        number: POWER,
        protocol: 'dlt645',
        interface: 'rs_485',
        collector: 1,
        quantity: 'active_energy_j',
        plan: HOURLY_PLAN,
      },
    ],
  },
])
const ROUTES = word(1, {
  addresses: { version: 2_868_912_204, rows: 2 },
  backlog: 12,
  routes: [
    { meter: GAS, collector: 0, hops: [181_702_000_031], signalDbm: -117.5 },
    { meter: POWER, collector: 1, hops: [], signalDbm: Number.NaN },
  ],
})
const READ = answer([{ kind: 'read', id: 7, source: 'meter', meters: [{ meter: GAS, due: [AT - 2 * DAY, AT - DAY] }] }])
const RESULT = word(2, {
  addresses: { version: 2_868_912_204, rows: 2 },
  results: [{ order: 7, meter: GAS, found: 1, missing: 1, failure: 'not_kept' }],
})

const PASS_ON = answer([
  {
    kind: 'pass_on',
    frames: [
      {
        ...{ command: 41, attempt: 1, meter: GAS, until: AT + DAY },
        frames: fromHex('6830270000021718000404A01701994916') ?? new Uint8Array(),
      },
    ],
  },
])
const PASSED = word(3, {
  addresses: { version: 2_868_912_204, rows: 2 },
  passed: [
    {
      ...{ command: 41, attempt: 1, meter: GAS, failure: undefined },
      answer: fromHex('6830270000021718008405A0170101003216') ?? new Uint8Array(),
    },
    { command: 42, attempt: 2, meter: POWER, failure: 'no_answer', answer: new Uint8Array() },
  ],
})

const EXAMPLES: Readonly<Record<string, string>> = {
  first: toHex(encodeCborReport(FIRST)),
  addresses: toHex(encodeCborAnswer(ADDRESSES)),
  routes: toHex(encodeCborReport(ROUTES)),
  read: toHex(encodeCborAnswer(READ)),
  result: toHex(encodeCborReport(RESULT)),
  pass_on: toHex(encodeCborAnswer(PASS_ON)),
  passed: toHex(encodeCborReport(PASSED)),
}

describe('what a concentrator says and is told', () => {
  test('stands on its page, byte for byte', () => {
    const page = readFileSync(new URL('../../../../docs/CONCENTRATOR-PROFILE.md', import.meta.url), 'utf8')
    const shown = [...page.matchAll(/```hex (\S+)\n([^`]*)```/g)].map(([, name = '', hex = '']) => [
      name,
      hex.replaceAll(/\s/g, ''),
    ])
    const inCbor = shown.filter(([name = '']) => !name.startsWith('sealed_'))
    expect(Object.fromEntries(inCbor)).toEqual(EXAMPLES)
  })

  test('reads back as it was written', () => {
    for (const report of [FIRST, ROUTES, RESULT, PASSED])
      expect(decodeCborReport(encodeCborReport(report))).toEqual(report)
    for (const said of [ADDRESSES, READ, PASS_ON]) expect(decodeCborAnswer(encodeCborAnswer(said))).toEqual(said)
    const network = answer([{ kind: 'network', id: 9, meters: [GAS] }])
    expect(decodeCborAnswer(encodeCborAnswer(network))).toEqual(network)
  })

  test('a full page of addresses and a full reading order are each one small datagram', () => {
    const rows = Array.from({ length: 24 }, (_, i) => ({
      number: 99_999_999_999_999 - i,
      protocol: 'dlt645' as const,
      interface: 'rs_485' as const,
      collector: 255,
      quantity: 'active_energy_j' as const,
      plan: HOURLY_PLAN,
    }))
    const page = encodeCborAnswer(answer([{ kind: 'addresses', version: 2 ** 32 - 1, total: 2000, first: 1976, rows }]))
    const due = Array.from({ length: 31 }, (_, i) => AT + i * DAY)
    const meters = rows.slice(0, 10).map(({ number }) => ({ meter: number, due }))
    const order = encodeCborAnswer(answer([{ kind: 'read', id: 2 ** 32 - 1, source: 'meter', meters }]))
    expect(page.length).toBeLessThan(1024)
    expect(order.length).toBeLessThan(1024)
  })

  test('nine hops are refused, and a failure of a later make is one all the same', () => {
    const hops = Array.from({ length: 9 }, (_, i) => GAS + 1 + i)
    const long = word(3, { routes: [{ meter: GAS, collector: 0, hops, signalDbm: -90 }] })
    expect(decodeCborReport(encodeCborReport(long))).toMatchObject({ kind: 'malformed', reason: 'bad-length' })
    const bytes = encodeCborReport(RESULT)
    bytes[bytes.length - 1] = READ_FAILURES.length + 1
    expect(decodeCborReport(bytes)).toMatchObject({ concentrator: { results: [{ failure: 'meter_fault' }] } })
  })

  test('an order of an unknown kind is passed over', () => {
    const later = fromHex(`A2 11 01 18 19 82 84 07 01 80 A0 83 03 09 80`) ?? new Uint8Array()
    expect(decodeCborAnswer(later)).toMatchObject({ orders: [{ kind: 'network', id: 9, meters: [] }] })
  })

  test('cut or changed at any place it is a value and never a throw', () => {
    for (const hex of Object.values(EXAMPLES)) {
      const bytes = fromHex(hex) ?? new Uint8Array()
      for (let end = 0; end < bytes.length; end++) {
        expect(decodeCborReport(bytes.subarray(0, end)).kind).toBe('malformed')
        expect(decodeCborAnswer(bytes.subarray(0, end))).toHaveProperty('kind', 'malformed')
      }
    }
    const change = fc.tuple(fc.constantFrom(...Object.values(EXAMPLES)), fc.nat(400), fc.nat(255))
    fc.assert(
      fc.property(change, ([hex, at, value]) => {
        const bytes = fromHex(hex) ?? new Uint8Array()
        bytes[at % bytes.length] = value
        decodeCborReport(bytes)
        decodeCborAnswer(bytes)
      }),
      { numRuns: 500 },
    )
  })
})
