import { rankingScores, rankRows } from '@gastwin/analytics/theft'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LearnedModels } from './learned-models.ts'
import {
  type LivedSuspects,
  livedSuspects,
  RIGHT_KINDS,
  theftScores,
  type WrongMeter,
} from './testing/lived-suspects.ts'

/** From this probability on somebody would be sent to look. */
const WORTH_A_VISIT = 0.4

describe('a living city with injected thefts, stopped and oversized meters', () => {
  let cities: readonly LivedSuspects[]
  beforeAll(async () => {
    const models = new LearnedModels(null)
    await models.start()
    cities = [51, 52, 53, 54].map((seed) => livedSuspects(seed, models.pair))
  }, 900_000)

  const visits = () =>
    cities.flatMap(({ stated, truth }) =>
      stated.suspects
        .filter(({ probability }) => probability >= WORTH_A_VISIT)
        .map((suspect) => ({ suspect, causes: truth.filter(({ asset }) => asset === suspect.meter) })),
    )
  const asSaid = ({ suspect, causes }: ReturnType<typeof visits>[number]) =>
    causes.some(({ event }) => RIGHT_KINDS[event]?.includes(suspect.kind))
  const partFound = (wanted: (one: WrongMeter) => boolean) => {
    const all = cities.flatMap(({ stated, truth }) =>
      truth.filter(wanted).map(({ asset, event }) =>
        stated.suspects
          .filter(({ meter }) => meter === asset)
          .flatMap((suspect) => [suspect, ...suspect.also])
          .some(({ kind, probability }) => RIGHT_KINDS[event]?.includes(kind) && probability >= WORTH_A_VISIT),
      ),
    )
    return all.filter(Boolean).length / all.length
  }

  const part = (event: string, begins: boolean) => partFound((one) => one.event === event && one.begins === begins)

  /** The figures of docs/GAP.md. */
  afterAll(() => {
    const all = visits()
    const wrong = all.filter(({ causes }) => causes.length > 0)
    const rows = Object.keys(RIGHT_KINDS).flatMap((event) =>
      [true, false]
        .map((begins) => `${event}${begins ? '' : ' before'} ${part(event, begins).toFixed(2)}`)
        .filter((row) => !row.endsWith('NaN')),
    )
    console.info(
      `visits ${all.length}, something wrong ${wrong.length}, as said ${all.filter(asSaid).length}; found: ${rows.join(', ')}`,
    )
  })

  test('most visits find something wrong with the meter, and nearly always what was said', () => {
    const all = visits()
    const wrong = all.filter(({ causes }) => causes.length > 0)
    expect(all.length).toBeGreaterThan(25)
    expect(wrong.length / all.length).toBeGreaterThan(0.65)
    expect(wrong.filter(asSaid).length / wrong.length).toBeGreaterThan(0.85)
  })

  test('the list has one row a meter, the best supported reason first and the others with it', () => {
    for (const { stated } of cities) {
      expect(new Set(stated.suspects.map(({ meter }) => meter)).size).toBe(stated.suspects.length)
      for (const { kind, probability, also } of stated.suspects)
        for (const other of also) {
          expect(other.kind).not.toBe(kind)
          expect(other.probability).toBeLessThanOrEqual(probability)
        }
    }
  })

  test('thieves stand higher in the list with the learned model than without it', () => {
    const precision = (of: (city: LivedSuspects) => LivedSuspects['stated']) => {
      const { scores, labels } = theftScores(cities, of)
      return rankingScores(rankRows(scores, [...scores.keys()]), labels).averagePrecision
    }
    expect(precision(({ stated }) => stated)).toBeGreaterThan(1.1 * precision(({ plain }) => plain))
    for (const { stated } of cities)
      for (const { model_score } of stated.suspects)
        if (model_score !== null) {
          expect(model_score).toBeGreaterThanOrEqual(0)
          expect(model_score).toBeLessThanOrEqual(1)
        }
  })

  test('what begins before the eyes of the ledger is found more often than what was there before it', () => {
    expect(part('stopped_meter', true)).toBeGreaterThan(0.6)
    expect(part('theft', true)).toBeGreaterThan(0.25)
    expect(part('theft', false)).toBeGreaterThan(0.3)
    expect(part('wrong_size', false)).toBeGreaterThan(0.8)
    expect(part('small_flow', true)).toBeGreaterThan(0.5)
    expect(part('small_flow', false)).toBeLessThan(part('small_flow', true))
    expect(part('stopped_meter', false)).toBeLessThan(part('stopped_meter', true))
  })

  test('the shares stay within the gap although a branch before all meters steals', () => {
    for (const { stated } of cities)
      for (const { zone, supply_m3, shares_m3 } of stated.statements.month) {
        if (zone === 'MP') continue
        for (const share of Object.values(shares_m3 ?? {})) expect(Math.abs(share.p50)).toBeLessThan(0.3 * supply_m3)
      }
  })
})
