import { GAP_TARIFF, METER_PRICES } from '@gastwin/analytics'
import { buildCity } from '@gastwin/datasets'
import { buildNetwork, CityCalendar } from '@gastwin/twin'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { combine, type TruthEvent } from '../../../datasets/src/fleet/scenario/scenario-plan.ts'
import { stopped, theft, wrongSize } from '../../../datasets/src/fleet/scenario/wrong-meters.ts'
import { liveCity } from '../../../datasets/src/fleet/testing/lived-city.ts'
import type { Suspect } from '../contract/index.ts'
import { CONTENT_FORMAT, encodeReport } from '../protocol/index.ts'
import { frameDecoder } from '../store/writer/frame-decoder.ts'
import type { GapStated } from './ledger-messages.ts'
import { LedgerWatch } from './ledger-watch.ts'

const DAY = 86_400_000
const DAYS = 36
/** A third of the thefts and half of the stops begin here; the others before the first reading. */
const LIVE = 18 * DAY
const NO_LOOKUP = { keyOf: () => undefined, statusProfileOf: () => 'unknown' as const }
/** From this probability on somebody would be sent to look. */
const WORTH_A_VISIT = 0.4

/** What a thing in the truth ought to be found as. */
const RIGHT_KIND: Readonly<Record<string, Suspect['kind']>> = {
  theft: 'theft',
  stopped_meter: 'stopped',
  wrong_size: 'oversized',
}

interface Lived {
  readonly stated: GapStated
  /** Of meters; a secret branch has none. */
  readonly truth: readonly (TruthEvent & { readonly asset: string; readonly begins: boolean })[]
}

/** A city lives through its days; every report goes through its wire format, as it would from a device. */
function live(seed: number): Lived {
  const { network: document, truth } = buildCity({ meters: 700, seed })
  const start = Date.parse('2026-01-05T00:00:00+08:00')
  const stage = { document, seed, start, live: start + LIVE }
  const plan = combine(theft(stage, 0.03), stopped(stage, 10), wrongSize(stage, 3))
  const watch = new LedgerWatch(buildNetwork(document), { tariff: GAP_TARIFF, meterPrices: METER_PRICES })
  const decoder = frameDecoder(new Uint8Array(0))
  for (const reports of liveCity({ document, truth, plan, seed, start, days: DAYS }))
    for (const report of reports) {
      const heard = decoder.decode(
        {
          contentFormat: CONTENT_FORMAT.CBOR,
          payload: encodeReport(CONTENT_FORMAT.CBOR, report, NO_LOOKUP),
          address: '',
          port: 0,
        },
        0,
      )
      if (heard.kind === 'malformed') throw new Error(heard.detail)
      watch.take(heard, report.deviceTime + 1000)
    }
  const end = new CityCalendar(document.time_zone).dayStart(start + (DAYS - 0.5) * DAY)
  const message = watch.state(end + 8 * 3_600_000, () => 0)
  if (message.type !== 'stated') throw new Error(message.why)
  return {
    stated: message,
    truth: plan.truth.flatMap((one) =>
      one.asset === undefined || one['form'] === 'secret_branch'
        ? []
        : [{ ...one, asset: one.asset, begins: one.at >= stage.live }],
    ),
  }
}

describe('a living city with injected thefts, stopped and oversized meters', () => {
  let cities: readonly Lived[]
  beforeAll(() => {
    cities = [51, 52].map(live)
  }, 120_000)

  const visits = () =>
    cities.flatMap(({ stated, truth }) =>
      stated.suspects
        .filter(({ probability }) => probability >= WORTH_A_VISIT)
        .map((suspect) => ({ suspect, cause: truth.find(({ asset }) => asset === suspect.meter) })),
    )
  const partFound = (wanted: (one: Lived['truth'][number]) => boolean) => {
    const all = cities.flatMap(({ stated, truth }) =>
      truth
        .filter(wanted)
        .map(({ asset, event }) =>
          stated.suspects.some(
            ({ meter, kind, probability }) =>
              meter === asset && kind === RIGHT_KIND[event] && probability >= WORTH_A_VISIT,
          ),
        ),
    )
    return all.filter(Boolean).length / all.length
  }

  const part = (event: string, begins: boolean) => partFound((one) => one.event === event && one.begins === begins)

  /** The figures of docs/GAP.md. */
  afterAll(() => {
    const all = visits()
    const right = all.flatMap(({ suspect, cause }) =>
      cause === undefined ? [] : [RIGHT_KIND[cause.event] === suspect.kind],
    )
    const rows = Object.keys(RIGHT_KIND).flatMap((event) =>
      [true, false]
        .map((begins) => `${event}${begins ? '' : ' before'} ${part(event, begins).toFixed(2)}`)
        .filter((row) => !row.endsWith('NaN')),
    )
    console.info(
      `visits ${all.length}, something wrong ${right.length}, as said ${right.filter(Boolean).length}; found: ${rows.join(', ')}`,
    )
  })

  test('most visits find something wrong with the meter', () => {
    const all = visits()
    const right = all.filter(({ cause }) => cause !== undefined)
    expect(all.length).toBeGreaterThan(20)
    expect(right.length / all.length).toBeGreaterThan(0.6)
  })

  test('and nearly always what was said to be wrong', () => {
    const right = visits().flatMap(({ suspect, cause }) =>
      cause === undefined ? [] : [RIGHT_KIND[cause.event] === suspect.kind],
    )
    expect(right.filter(Boolean).length / right.length).toBeGreaterThan(0.85)
  })

  test('what begins before the eyes of the ledger is found more often than what was there before it', () => {
    expect(part('stopped_meter', true)).toBeGreaterThan(0.6)
    expect(part('theft', true)).toBeGreaterThan(0.25)
    expect(part('wrong_size', false)).toBeGreaterThan(0.8)
    expect(part('stopped_meter', false)).toBeLessThan(part('stopped_meter', true))
  })

  test('the shares stay within the gap although a branch before all meters steals', () => {
    for (const { stated } of cities)
      for (const { zone, supply_m3, shares_m3 } of stated.statements.month) {
        if (zone === 'MP') continue
        for (const share of Object.values(shares_m3)) expect(Math.abs(share.p50)).toBeLessThan(0.3 * supply_m3)
      }
  })
})
