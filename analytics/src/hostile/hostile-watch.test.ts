import type { AppliedReport, Outcome, Report } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { CityContext, reportOf } from '../detectors/testing/city-context.ts'
import { takeOver } from '../detectors/testing/take-over.ts'
import { hashSource } from './hash-source.ts'
import { HOSTILE_SETTINGS, TERMINAL_STEPS } from './hostile-settings.ts'
import { HostileWatch, type ProposedStep } from './hostile-watch.ts'
import { TERMINAL_FEATURES } from './terminal-features.table.ts'

const START = Date.UTC(2026, 2, 1)
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const OWN = { address: '100.64.0.1', port: 20_001, sealed: false }
/** Behind the same address as its victim: carriers put thousands of meters behind one. */
const CLONE = { address: '100.64.0.1', port: 31_337, sealed: false }

/** A city of one home, and what is said in its name. */
class Home {
  readonly city = new CityContext()
  watch: HostileWatch
  readonly steps: ProposedStep[] = []
  #sequence = 10

  constructor() {
    this.city.addZone('Z')
    this.city.addMeter(0)
    this.watch = new HostileWatch(this.city)
  }

  say(
    origin: typeof OWN,
    at: number,
    index: number,
    part: Partial<Report> & { readonly outcome?: Outcome } = {},
  ): void {
    const sequence = part.sequence ?? ++this.#sequence
    const applied: AppliedReport = { ...reportOf(this.city, 0, at, { index_m3: index }, { ...part, sequence }), origin }
    this.watch.observe([applied])
    this.watch.tick(at)
    this.#collect(at)
  }

  refused(origin: typeof OWN, code: Parameters<HostileWatch['noteRefused']>[3], at: number): void {
    this.watch.noteRefused(1, 0, origin, code, at)
    this.#collect(at)
  }

  of(origin: typeof OWN): string[] {
    return this.steps.flatMap(({ from, step }) => (from === `${origin.address}:${origin.port}` ? [step] : []))
  }

  #collect(at: number): void {
    for (const step of this.watch.takeProposals()) {
      this.steps.push(step)
      this.watch.held(step.device, step.from, TERMINAL_STEPS.indexOf(step.step), at)
    }
  }
}

describe('a meter behind a concentrator', () => {
  test('raises nothing when a month comes late and twice, from wherever the uplink comes out', () => {
    const direct = new Home()
    const relayed = new Home()
    Object.assign(relayed.city, { isRelayed: () => true })
    for (const home of [direct, relayed]) {
      home.say(OWN, START, 100)
      for (let day = 30; day > 0; day--)
        home.say(CLONE, START + HOUR + (30 - day) * 1000, 100 - day, { outcome: day % 2 === 0 ? 'late' : 'duplicate' })
    }
    expect(relayed.steps).toEqual([])
    // The same from a meter that speaks for itself is a replay.
    expect(direct.of(CLONE)).toContain('isolate')
  })
  test('is not looked at for what is refused of it, since what is taken of it is not looked at either', () => {
    const direct = new Home()
    const relayed = new Home()
    Object.assign(relayed.city, { isRelayed: () => true })
    for (const home of [direct, relayed])
      for (let i = 0; i < 3; i++) home.refused(OWN, 'plain_refused', START + i * HOUR)
    expect(direct.watch.episodes.size).toBe(1)
    expect(relayed.watch.episodes.size).toBe(0)
    // The rules see it all the same.
    expect(relayed.steps.map(({ by }) => by)).toEqual(direct.steps.map(({ by }) => by))
  })
})

describe('a city that is held up', () => {
  const features = ['pace', 'interval_s', 'clock_error_s', 'hours'] as const
  /** Sixty homes that speak every two hours, of which one was refused once, as they are heard after what the road takes. */
  const lookAt = (arrival: (at: number) => number) => {
    const city = new CityContext()
    city.addZone('Z')
    for (let home = 0; home < 60; home++) city.addMeter(0)
    Object.assign(city, { reportEveryMs: () => 2 * HOUR })
    const watch = new HostileWatch(city)
    const origin = (home: number) => ({ address: '100.64.0.1', port: 20_000 + home, sealed: true })
    for (let turn = 0; turn < 48; turn++)
      for (let home = 0; home < 60; home++) {
        const at = START + turn * 2 * HOUR + home * MINUTE
        const report = reportOf(city, home, at, { index_m3: 100 + turn }, { sequence: turn })
        watch.observe([{ ...report, receivedAt: arrival(at), origin: origin(home) }])
        if (home === 7 && turn === 38)
          watch.noteRefused(report.report.device, 7, origin(7), 'undecryptable', arrival(at))
      }
    const { episodes, features: rows } = watch.episodes.takeChanged(arrival(START + 4 * DAY - 1))
    const named = features.map((name) => rows[TERMINAL_FEATURES.findIndex((one) => one.name === name)] ?? Number.NaN)
    return { looks: episodes.length, named, size: watch.episodes.size }
  }
  // Two days are held back, and come within three hours of the sixth.
  const [from, until] = [START + 2 * DAY, START + 4 * DAY]
  const jammed = (at: number): number =>
    at < from || at >= until ? at : Math.max(at, until - 3 * HOUR + ((at - from) * 3 * HOUR) / (until - from))
  test('has nobody looked at because all catch up at once, and nobody in a hurry or of a wrong clock by it', () => {
    const [free, held] = [lookAt((at) => at), lookAt(jammed)]
    expect([free.size, held.size]).toEqual([1, 1])
    for (const [i, name] of features.entries())
      expect(Math.abs((held.named[i] ?? 0) - (free.named[i] ?? 0)), name).toBeLessThan(1.5)
  })
  test('still has one looked at that alone speaks far more often than it should', () => {
    const home = new Home()
    for (let i = 0; i < 30; i++) home.say(OWN, START + i * 10 * MINUTE, 100 + i / 100)
    expect(home.watch.episodes.size).toBe(1)
  })
})

describe('a sound meter', () => {
  test('raises nothing in a year, though its carrier gives it another port every day', () => {
    const home = new Home()
    for (let day = 0; day < 365; day++)
      home.say({ ...OWN, port: 20_000 + ((day * 7919) % 30_000) }, START + day * DAY, day)
    expect(home.steps).toEqual([])
  })
  test('raises nothing when it repeats itself, or catches up after days of silence from a new address', () => {
    const home = new Home()
    home.say(OWN, START, 1)
    for (let i = 0; i < 10; i++) home.say(OWN, START + i * MINUTE, 1, { outcome: 'duplicate', sequence: 11 })
    const moved = { ...OWN, address: '100.64.9.9' }
    for (let day = 5; day < 20; day++) home.say(moved, START + day * DAY, day)
    expect(home.steps).toEqual([])
  })
  test('that speaks cipher may change its address with every report', () => {
    const home = new Home()
    for (let i = 0; i < 100; i++)
      home.say({ ...(i % 2 ? OWN : CLONE), sealed: true }, START + i * HOUR, i, { status: { pci: i % 3 } })
    expect(home.steps).toEqual([])
  })
})

describe('a clone', () => {
  test('that contradicts its victim is isolated within five reports, with reasons, and the victim never', () => {
    const home = new Home()
    for (let day = 0; day < 5; day++) home.say(OWN, START + day * DAY, 100 + day, { sequence: day, status: { pci: 3 } })
    for (let i = 0; i < 5; i++) {
      const at = START + 5 * DAY + i * HOUR
      home.say(CLONE, at, 40 + i, { sequence: 500 + i, status: { pci: 77 } })
      home.say(OWN, at + MINUTE, 105 + i, { sequence: 5 + i, status: { pci: 3 } })
    }
    expect(home.of(CLONE)).toEqual(['warn', 'observe', 'isolate'])
    expect(home.of(OWN)).toEqual([])
    const last = home.steps.at(-1)
    expect(last?.reasons.map(({ code }) => code)).toEqual(['second_source', 'wrong_cell', 'contradiction'])
    expect(last?.score).toBeGreaterThanOrEqual(HOSTILE_SETTINGS.thresholds.isolate)
  })
  test('that follows its victim perfectly is told too, later', () => {
    const home = new Home()
    let sequence = 0
    for (let i = 0; i < 60; i++) {
      home.say(OWN, START + i * HOUR, i, { sequence: sequence++ })
      home.say(CLONE, START + i * HOUR + MINUTE, i, { sequence: sequence++ })
    }
    expect(home.of(CLONE).slice(0, 2)).toEqual(['warn', 'observe'])
    expect(home.of(OWN)).toEqual([])
  })
  test('that comes back from ever new ports is kept away from all but the device’s own source', () => {
    const home = new Home()
    home.say(OWN, START, 100, { sequence: 0 })
    for (let i = 0; i < 60; i++) {
      const port = 30_000 + Math.floor(i / 10)
      home.say({ ...CLONE, port }, START + i * MINUTE, 10, { sequence: 9_000 })
      home.say(OWN, START + i * MINUTE + 1, 101, { sequence: i + 1 })
    }
    expect(home.steps.find(({ from }) => from === null)).toMatchObject({
      ...{ device: 1, step: 'isolate', except: `${OWN.address}:${OWN.port}` },
    })
    expect(home.of(OWN)).toEqual([])
  })
})

describe('other attackers', () => {
  test('who send again what they heard are isolated', () => {
    const home = new Home()
    home.say(OWN, START, 100)
    for (let i = 0; i < 10; i++)
      home.say({ ...CLONE, sealed: true }, START + i * MINUTE, 90, { outcome: i % 2 ? 'late' : 'duplicate' })
    expect(home.of(CLONE)).toEqual(['warn', 'observe', 'isolate'])
  })
  test('who flood are isolated and forced offline; a meter that reports every minute is not', () => {
    const home = new Home()
    for (let i = 0; i < 1_440; i++) home.say(OWN, START + i * MINUTE, i)
    expect(home.steps).toEqual([])
    for (let i = 0; i < 1_400; i++) home.say(OWN, START + DAY + i * 100, 2_000 + i)
    expect(home.of(OWN)).toEqual(['warn', 'observe', 'isolate', 'offline'])
  })
  test('who go on flooding when they are dropped unread are forced offline, and who knocks now and then is not', () => {
    const home = new Home()
    for (let i = 0; i < 2; i++) home.refused(CLONE, 'contact_revoked', START)
    expect(home.of(CLONE)).toEqual(['observe', 'isolate'])
    for (let i = 0; i < 5; i++) home.watch.noteDropped(1, `${CLONE.address}:${CLONE.port}`, 1, START + i * HOUR)
    expect(home.watch.takeProposals()).toEqual([])
    for (let i = 0; i < 5; i++) home.watch.noteDropped(1, `${CLONE.address}:${CLONE.port}`, 1_000, START + DAY / 4)
    expect(home.watch.takeProposals().map(({ step }) => step)).toEqual(['offline'])
  })
  test('whose noise comes from the device’s own source never shut it out', () => {
    const home = new Home()
    home.say(OWN, START, 1)
    for (let i = 0; i < 100; i++) home.refused(OWN, 'undecryptable', START + i)
    expect(home.of(OWN)).toEqual(['warn', 'observe'])
    // One sign that weighs much may not leap over the limit either.
    for (let i = 0; i < 100; i++) home.refused(OWN, 'plain_refused', START + i)
    expect(home.of(OWN)).toEqual(['warn', 'observe'])
    for (let i = 0; i < 100; i++) home.refused(CLONE, 'undecryptable', START + i)
    expect(home.of(CLONE)).toEqual(['warn', 'observe', 'isolate', 'offline'])
  })
  test('of whom impossible registers come are suspected', () => {
    const home = new Home()
    const said: AppliedReport = { ...reportOf(home.city, 0, START, { index_m3: 1 }), origin: CLONE }
    const found = { rule: 'register_backwards', active: true, asset: home.city.assetOf(0) } as const
    for (let i = 0; i < 2; i++)
      home.watch.noteImpossible(
        [said],
        [
          {
            ...found,
            zone: 'Z',
            at: 0,
            since: 0,
            value: 0,
            limit: 0,
            unit: '',
            strength: 'weak',
            evidenceKind: 'meter_flow',
            evidence: [],
          },
        ],
      )
    expect(home.watch.takeProposals().map(({ step }) => step)).toEqual(['warn'])
  })
})

describe('steps', () => {
  test('warnings end by themselves when nothing more comes; isolation does not', () => {
    const home = new Home()
    home.refused(CLONE, 'contact_refused', START)
    home.refused(CLONE, 'contact_refused', START)
    const other = { ...CLONE, port: 5 }
    for (let i = 0; i < 4; i++) home.refused(other, 'contact_revoked', START)
    for (let day = 1; day < 12; day++) home.say(OWN, START + day * DAY, day)
    expect(home.of(CLONE)).toEqual(['warn', 'none'])
    expect(home.of(other)).toEqual(['observe', 'isolate'])
  })
  test('an operator’s relief is a fresh start', () => {
    const home = new Home()
    for (let i = 0; i < 4; i++) home.refused(CLONE, 'contact_revoked', START)
    home.watch.held(1, null, 0, START)
    expect(home.watch.subjects()).toEqual([])
    home.refused(CLONE, 'contact_refused', START)
    expect(home.watch.takeProposals()).toEqual([])
  })
  test('a restart in the middle changes nothing', () => {
    const [steady, restarted] = [new Home(), new Home()]
    for (const home of [steady, restarted])
      for (let i = 0; i < 12; i++) {
        if (home === restarted && i === 6) home.watch = takeOver(home.watch, new HostileWatch(home.city))
        home.say(OWN, START + i * HOUR, 100 + i, { sequence: i })
        home.say(CLONE, START + i * HOUR + 1, 5, { sequence: 40_000 })
      }
    expect(restarted.steps).toEqual(steady.steps)
    expect(restarted.watch.subjects()).toEqual(steady.watch.subjects())
  })
  test('memory is bounded whatever numbers and sources are forged', () => {
    const home = new Home()
    for (let i = 0; i < 6_000; i++) home.watch.noteRefused(i + 1, -1, { ...CLONE, port: i }, 'unreadable', START)
    expect(home.watch.subjects().length).toBeLessThanOrEqual(5_000)
    home.refused(CLONE, 'contact_revoked', START)
    for (let i = 0; i < 6_000; i++) home.watch.noteRefused(i + 1, -1, { ...OWN, port: i }, 'unreadable', START)
    expect(home.watch.subjects()[0]).toMatchObject({ device: 1, score: 6 })
  })
  test('sources have hashes that stay, and a device costs 18 bytes', () => {
    expect(hashSource({ address: '10.0.0.1', port: 5683 })).toBe(hashSource({ address: '10.0.0.1', port: 5683 }))
    expect(hashSource({ address: '10.0.0.1', port: 5683 })).not.toBe(hashSource({ address: '10.0.0.1', port: 5684 }))
    expect(new Home().watch.rows.bytesPerRow).toBe(18)
  })
})
