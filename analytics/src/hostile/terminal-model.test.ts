import type { AppliedReport, Report } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { CityContext, reportOf } from '../detectors/testing/city-context.ts'
import { seededRandom } from '../models/seeded-random.ts'
import { evaluateTerminals, judgeModel } from './evaluate-terminals.ts'
import { HostileWatch } from './hostile-watch.ts'
import { TERMINAL_FEATURE_COUNT, TERMINAL_FEATURES, type TerminalFeature } from './terminal-features.table.ts'
import {
  explainTerminal,
  packTerminalModel,
  scoreTerminals,
  type TerminalModel,
  unpackTerminalModel,
} from './terminal-model.ts'
import { type SeenTerminal, type TerminalLooks, trainTerminalModel } from './train-terminal-model.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const START = Date.UTC(2026, 2, 1)
const OWN = { address: '100.64.0.1', port: 20_001, sealed: false }
const THIEF = { address: '100.64.0.1', port: 31_337, sealed: false }
const place = (name: TerminalFeature): number => TERMINAL_FEATURES.findIndex((feature) => feature.name === name)

/** Terminals of which the hostile ones knock or shout: two families, four cities. */
function invented(kinds: Readonly<Record<string, readonly TerminalFeature[]>>, seed: number): TerminalLooks {
  const random = seededRandom(seed)
  const seen: SeenTerminal[] = []
  const rows: Float32Array[] = []
  const add = (kind: string, city: number, attacker: number, loud: readonly TerminalFeature[]): void => {
    seen.push({ kind, city, attacker, rulesRank: loud.includes('knocking') ? 1 : 0 })
    const row = new Float32Array(TERMINAL_FEATURE_COUNT).map(() => random.uniform())
    for (const name of loud) row[place(name)] = 3 + random.uniform()
    rows.push(row)
  }
  for (let city = 0; city < 4; city++) {
    for (let i = 0; i < 150; i++) add('', city, i, [])
    for (const [kind, loud] of Object.entries(kinds)) for (let i = 0; i < 15; i++) add(kind, city, 1_000 + i, loud)
  }
  const features = new Float32Array(rows.length * TERMINAL_FEATURE_COUNT)
  for (const [i, row] of rows.entries()) features.set(row, i * TERMINAL_FEATURE_COUNT)
  return { seen, features, terminals: Int32Array.from(seen.keys()), sampled: new Uint8Array(seen.length).fill(1) }
}
const KINDS = { 'noise.knock': ['knocking', 'contradictions'], 'many.shout': ['urgent', 'contradictions'] } as const
const model = trainTerminalModel(invented(KINDS, 1), 1)

describe('a model of terminals', () => {
  test('is the same for the same rows and seed, and survives its file', () => {
    const again = unpackTerminalModel(packTerminalModel(trainTerminalModel(invented(KINDS, 1), 1)))
    expect(typeof again).toBe('object')
    const rows = invented(KINDS, 2).features
    const [first, second] = [scoreTerminals(model, rows), scoreTerminals(again as TerminalModel, rows)]
    expect(second.every((score, row) => score === first[row])).toBe(true)
    expect(model.facts).toMatchObject({ rows: 720, positives: 120, kinds: ['many.shout', 'noise.knock'] })
  })
  test('names the features that speak loudest, and nothing for a terminal like others', () => {
    const looks = invented(KINDS, 3)
    const row = (terminal: number) =>
      looks.features.subarray(terminal * TERMINAL_FEATURE_COUNT, (terminal + 1) * TERMINAL_FEATURE_COUNT)
    const knocker = looks.seen.findIndex(({ kind }) => kind === 'noise.knock')
    const [loudest] = explainTerminal(model, row(knocker))
    expect(['knocking', 'contradictions']).toContain(loudest?.feature)
    expect(scoreTerminals(model, row(knocker))[0]).toBeGreaterThan(0.8)
    expect(scoreTerminals(model, row(0))[0]).toBeLessThan(0.1)
  })
  test('of other features, or damaged, is refused in words', () => {
    const packed = packTerminalModel(model)
    const refused = (facts: object, drop?: string) =>
      unpackTerminalModel({
        facts: { ...packed.facts, ...facts },
        arrays: new Map([...packed.arrays].filter(([name]) => name !== drop)),
      })
    expect(refused({ format: 'x' })).toMatch(/is no gastwin-terminal-model/)
    expect(refused({ features: ['hours'] })).toMatch(/train it again/)
    expect(refused({ warn: 0 })).toMatch(/thresholds/)
    expect(refused({}, 'trees/leaf')).toMatch(/do not fit/)
  })
  test('is judged as it is by other terminals: what it knows is found, and honest ones are counted', () => {
    const told = judgeModel(model, invented(KINDS, 4), { seed: 1, resamples: 20 })
    expect(told.kinds.map(({ kind }) => kind)).toEqual(['many.shout', 'noise.knock'])
    for (const { learned, roc_auc } of told.kinds) {
      expect(learned.value).toBeGreaterThan(0.9)
      expect(roc_auc.value).toBeGreaterThan(0.95)
    }
    expect(told.honest).toBe(600)
    expect(told.false_by_model.value).toBeLessThan(0.02)
    expect(
      judgeModel({ ...model, facts: { ...model.facts, warn: 0 } }, invented(KINDS, 4), { seed: 1, resamples: 20 })
        .false_by_model.value,
    ).toBe(1)
  })
  test('is judged by families it has not seen: what they share is found, what they do not share is not', () => {
    const shared = evaluateTerminals(invented(KINDS, 4), invented(KINDS, 5), { seed: 1, resamples: 50 })
    expect(shared.kinds.map(({ kind }) => kind)).toEqual(['many.shout', 'noise.knock'])
    for (const { learned, roc_auc: area, attackers } of shared.kinds) {
      expect([learned.value > 0, area.value > 0.95, attackers]).toEqual([true, true, 60])
      expect(learned.p05).toBeLessThanOrEqual(learned.value)
    }
    expect(shared.kinds[1]?.rules.value).toBe(1)
    expect(shared.false_by_model.value).toBeLessThan(0.02)
    const strangers = { 'noise.knock': ['knocking'], 'many.shout': ['urgent'] } as const
    const apart = evaluateTerminals(invented(strangers, 4), invented(strangers, 5), { seed: 1, resamples: 20 })
    for (const { roc_auc: area } of apart.kinds) expect(area.value).toBeLessThan(0.8)
  })
})

/** A model by hand: whoever speaks while others speak in the same name is hostile. */
const byHand: TerminalModel = (() => {
  const edges = new Float32Array(63 * TERMINAL_FEATURE_COUNT)
  for (let i = 0; i < edges.length; i++) edges[i] = (i % 63) / 63
  const column = Int32Array.of(place('others_speaking'))
  const trees = { depth: 1, base: 0, column, bin: Int32Array.of(40), leaf: Float32Array.of(-6, 6) }
  const facts = { seed: 0, rows: 1, positives: 1, kinds: ['x'], warn: 0.9, observe: 0.99 }
  return { facts, bins: { edges, columns: TERMINAL_FEATURE_COUNT }, trees }
})()

describe('beside the rules', () => {
  const live = (watch: HostileWatch, city: CityContext) => {
    const say = (origin: typeof OWN, at: number, index: number, part: Partial<Report>): void => {
      const applied: AppliedReport = { ...reportOf(city, 0, at, { index_m3: index }, part), origin }
      watch.observe([applied])
      watch.tick(at)
    }
    // With his victim's register, at his pace: the rules alone do not warn within these reports.
    for (let i = 0; i < 5; i++) {
      say(OWN, START + i * HOUR, 100 + i, { sequence: 2 * i })
      if (i > 0) say(THIEF, START + i * HOUR + MINUTE, 100 + i, { sequence: 2 * i + 1 })
    }
  }
  const made = (model: TerminalModel | undefined) => {
    const city = new CityContext()
    city.addZone('Z')
    city.addMeter(0)
    const watch = new HostileWatch(city)
    watch.useModel(model)
    live(watch, city)
    return { watch, proposals: watch.takeProposals() }
  }

  test('it warns and observes, says why, and never isolates', () => {
    const { watch, proposals } = made(byHand)
    expect(proposals).toMatchObject([
      {
        device: 1,
        from: `${THIEF.address}:${THIEF.port}`,
        step: 'observe',
        by: 'model',
        learned: { probability: 0.998 },
      },
    ])
    expect(proposals[0]?.learned?.because.map(({ feature }) => feature)).toEqual(['others_speaking'])
    expect(watch.subjects().every(({ rank }) => rank < 3)).toBe(true)
  })
  test('without it the same terminal is not told', () => {
    const { proposals } = made(undefined)
    expect(proposals.filter(({ step }) => step === 'observe')).toEqual([])
  })
  test('what it said ends by itself a day after the terminal was heard last, or at once by an operator’s relief', () => {
    const { watch } = made(byHand)
    watch.held(1, `${THIEF.address}:${THIEF.port}`, 2, START)
    watch.tick(START + 2 * DAY)
    expect(watch.takeProposals()).toMatchObject([{ step: 'none' }])
    const relieved = made(byHand).watch
    relieved.held(1, `${THIEF.address}:${THIEF.port}`, 0, START + 4 * HOUR)
    relieved.tick(START + 5 * HOUR)
    expect([relieved.takeProposals(), relieved.episodes.size]).toEqual([[], 0])
  })
  test('a restart in the middle changes nothing', () => {
    const { watch } = made(byHand)
    const city = new CityContext()
    city.addZone('Z')
    city.addMeter(0)
    const after = new HostileWatch(city)
    after.load(JSON.parse(JSON.stringify(watch.save())))
    expect(after.subjects()).toEqual(watch.subjects())
    expect(after.episodes.save()).toEqual(watch.episodes.save())
  })
  test('thousands of terminals are judged in turn, so that no tick lasts', () => {
    const city = new CityContext()
    city.addZone('Z')
    for (let i = 0; i < 1_200; i++) city.addMeter(0)
    const watch = new HostileWatch(city)
    watch.useModel(byHand)
    const say = (slot: number, origin: typeof OWN, at: number): void => {
      watch.observe([{ ...reportOf(city, slot, at, { index_m3: 5 }, { sequence: Math.floor(at / 1000) }), origin }])
    }
    for (let i = 0; i < 4; i++)
      for (let slot = 0; slot < 1_200; slot++) {
        say(slot, { ...OWN, port: slot }, START + i * HOUR + slot * 1000)
        if (i > 0) say(slot, { ...THIEF, address: '203.0.113.9', port: slot }, START + i * HOUR + slot * 1000 + MINUTE)
      }
    watch.takeProposals()
    const told = new Set<number>()
    for (let minute = 1; minute <= 80; minute++) {
      watch.tick(START + 5 * HOUR + minute * MINUTE)
      const proposed = watch.takeProposals().filter(({ by }) => by === 'model')
      expect(proposed.length).toBeLessThanOrEqual(20)
      for (const { device } of proposed) told.add(device)
    }
    expect(told.size).toBe(1_200)
  })
  test('who is worth a look is bounded, and forged numbers of devices that nobody knows buy no look', () => {
    const { watch } = made(byHand)
    for (let i = 0; i < 6_000; i++) watch.noteRefused(90_000 + i, -1, { ...THIEF, port: i }, 'unreadable', START)
    expect(watch.episodes.size).toBe(1)
    for (let i = 0; i < 6_000; i++) watch.noteRefused(1, 0, { ...THIEF, port: i }, 'unreadable', START)
    expect(watch.episodes.size).toBe(5_000)
  })
})
