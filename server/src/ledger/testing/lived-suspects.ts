import { GAP_TARIFF, METER_PRICES } from '@gastwin/analytics'
import { buildCity } from '@gastwin/datasets'
import { buildNetwork, CityCalendar, type Network } from '@gastwin/twin'
import { combine, type TruthEvent } from '../../../../datasets/src/fleet/scenario/scenario-plan.ts'
import { smallFlows, stopped, theft, wrongSize } from '../../../../datasets/src/fleet/scenario/wrong-meters.ts'
import { liveCity } from '../../../../datasets/src/fleet/testing/lived-city.ts'
import type { SuspectFinding } from '../../contract/index.ts'
import { CONTENT_FORMAT, encodeReport } from '../../protocol/index.ts'
import { frameDecoder } from '../../store/writer/frame-decoder.ts'
import type { ModelPair } from '../learned-scores.ts'
import type { GapStated } from '../ledger-messages.ts'
import { LedgerWatch } from '../ledger-watch.ts'

const DAY = 86_400_000
const DAYS = 36
/** A third of the thefts and half of the stops and small flows begin here; the others before the first reading. */
const LIVE = 18 * DAY
const NO_LOOKUP = { keyOf: () => undefined, statusProfileOf: () => 'unknown' as const }

/** As what a thing in the truth may be found. */
export const RIGHT_KINDS: Readonly<Record<string, readonly SuspectFinding['kind'][]>> = {
  theft: ['theft'],
  stopped_meter: ['stopped'],
  wrong_size: ['oversized'],
  small_flow: ['leak_behind_meter', 'small_flow'],
}

/** A wrong meter; `begins`: before the eyes of the ledger. */
export type WrongMeter = TruthEvent & { readonly asset: string; readonly begins: boolean }

export interface LivedSuspects {
  readonly network: Network
  /** The statement of the last morning, without models and with them. */
  readonly plain: GapStated
  readonly stated: GapStated
  readonly watch: LedgerWatch
  /** Of meters; a secret branch has none. */
  readonly truth: readonly WrongMeter[]
}

/** A city of 700 meters lives through so many days, from the eighteenth on with what begins in view; every report goes through its wire format, as it would from a device. */
export function livedSuspects(seed: number, models: ModelPair, days = DAYS): LivedSuspects {
  const { network: document, truth } = buildCity({ meters: 700, seed })
  const start = Date.parse('2026-01-05T00:00:00+08:00')
  const stage = { document, seed, start, live: start + LIVE }
  const plan = combine(theft(stage, 0.03), stopped(stage, 10), wrongSize(stage, 3), smallFlows(stage, 10))
  const network = buildNetwork(document)
  let pair: ModelPair = { active: undefined, shadow: undefined }
  const watch = new LedgerWatch(network, { tariff: GAP_TARIFF, meterPrices: METER_PRICES }, () => pair)
  const decoder = frameDecoder(new Uint8Array(0))
  for (const reports of liveCity({ document, truth, plan, seed, start, days }))
    for (const report of reports) {
      const payload = encodeReport(CONTENT_FORMAT.CBOR, report, NO_LOOKUP)
      const heard = decoder.decode({ contentFormat: CONTENT_FORMAT.CBOR, payload, address: '', port: 0 }, 0)
      if (heard.kind === 'malformed') throw new Error(heard.detail)
      watch.take(heard, report.deviceTime + 1000)
    }
  const now = new CityCalendar(document.time_zone).dayStart(start + (days - 0.5) * DAY) + 8 * 3_600_000
  const stateNow = () => {
    const message = watch.state(now, () => 0)
    if (message.type !== 'stated') throw new Error(message.why)
    return message
  }
  const plain = stateNow()
  pair = models
  return {
    network,
    plain,
    stated: stateNow(),
    watch,
    truth: plan.truth.flatMap((one) =>
      one.asset === undefined || one['form'] === 'secret_branch'
        ? []
        : [{ ...one, asset: one.asset, begins: one.at >= stage.live }],
    ),
  }
}

/** Probability of theft of every gas meter, 0 where none is told. */
export function theftScores(cities: readonly LivedSuspects[], of: (city: LivedSuspects) => GapStated) {
  const scores: number[] = []
  const labels: number[] = []
  for (const city of cities) {
    const told = new Map(
      of(city).suspects.map((one) => [
        one.meter,
        [one, ...one.also].find(({ kind }) => kind === 'theft')?.probability ?? 0,
      ]),
    )
    const thieves = new Set(city.truth.flatMap(({ event, asset }) => (event === 'theft' ? [asset] : [])))
    for (let meter = 0; meter < city.network.meters.count; meter++) {
      const id = city.network.meters.idOf(meter)
      scores.push(told.get(id) ?? 0)
      labels.push(thieves.has(id) ? 1 : 0)
    }
  }
  return { scores, labels }
}
