import { describe, expect, test } from 'vitest'
import { assessPlace, coverageByCell, isGoodSignal, type PlaceNature } from './coverage.ts'
import { findTerminalFaults, type TerminalFacts, type TerminalFault } from './terminal-faults.ts'

/** A small generator of numbers in [0, 1). */
function dice(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
const bell = (random: () => number): number => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(6.2832 * random())

const DAYS = 28
type Cause = TerminalFault | 'none'

/**
 * A terminal's month, lived transmission by transmission. The radio is a curve of block errors over SINR, a weak transmitter is lost
 * decibels of the uplink alone, a crowd is slots of a random access that collide: no limit of the rules stands in here.
 */
function live(
  random: () => number,
  device: number,
  cause: Cause,
  options: { minute?: number; crowd?: number } = {},
): TerminalFacts {
  const rsrp = cause === 'radio' ? -121 - 6 * random() : -92 - 14 * random()
  const noise = -113 + 2 * bell(random)
  const sinr = Math.max(-16, Math.min(24, (rsrp - noise) * 0.75 + bell(random)))
  const uplinkLoss = cause === 'device' ? 22 + 8 * random() : 0
  const uplinkSinr = sinr - uplinkLoss
  const heard = 1 / (1 + Math.exp(-(uplinkSinr + 6) / 1.6))
  const answered = 1 / (1 + Math.exp(-(sinr + 6) / 1.6))
  const collide = options.crowd === undefined ? 0 : 1 - (1 - 1 / 48) ** options.crowd
  const ecl = uplinkSinr > 2 ? 0 : uplinkSinr > -5 ? 1 : 2
  let [days, reports, repeated] = [0, 0, 0]
  for (let day = 0; day < DAYS; day++) {
    let known = false
    const talks = cause === 'procedure' ? 9 + Math.floor(8 * random()) : 1
    for (let talk = 0; talk < talks; talk++)
      for (let attempt = 0; attempt < 4; attempt++) {
        // Those that were pushed aside together come back together.
        if (random() < collide * 0.93 ** attempt || random() > heard) continue
        reports += 1
        if (known && attempt > 0) repeated += 1
        known = true
        if (random() < answered) break
      }
    if (known) days += 1
  }
  return {
    device,
    zone: 'Z1',
    pci: Math.floor(device / 1000),
    rsrpDbm: rsrp,
    sinrDb: sinr,
    ecl,
    daysDue: DAYS,
    daysHeard: days,
    reportsPerDay: reports / DAYS,
    repeatedShare: reports > 0 ? repeated / reports : 0,
    minuteOfDay: options.minute ?? Math.floor(200 * random()),
    clockErrorS: 3 * bell(random),
    batteryLow: false,
    reset: false,
  }
}

/** Cells of 240 terminals with some broken ones in each. */
function city(seed: number) {
  const random = dice(seed)
  const truth = new Map<number, Cause>()
  const terminals: TerminalFacts[] = []
  for (let pci = 1; pci <= 4; pci++)
    for (let i = 0; i < 240; i++) {
      const device = pci * 1000 + i
      const cause: Cause = i < 8 ? 'radio' : i < 14 ? 'device' : i < 20 ? 'procedure' : 'none'
      truth.set(device, cause)
      terminals.push(live(random, device, cause))
    }
  return { random, truth, terminals }
}

describe('why terminals are not heard', () => {
  test.each([11, 12, 13, 14, 15])(
    'device, radio and procedure are told apart in a city that lived by other rules, seed %i',
    (seed) => {
      const { truth, terminals } = city(seed)
      const found = new Map(findTerminalFaults(terminals).map((finding) => [finding.device, finding.fault]))
      const broken = [...truth].filter(([, cause]) => cause !== 'none')
      const troubled = broken.filter(([device]) => {
        const one = terminals.find((t) => t.device === device)
        return one !== undefined && (one.daysHeard < 0.9 * DAYS || one.reportsPerDay > 6)
      })
      // A fault that costs nothing is nobody's: some weak places are heard after all.
      expect(troubled.length).toBeGreaterThan(40)
      const right = troubled.filter(([device, cause]) => found.get(device) === cause)
      expect(right.length / troubled.length).toBeGreaterThan(0.92)
      const accused = [...found.keys()].filter((device) => truth.get(device ?? -1) === 'none')
      expect(accused.length).toBeLessThanOrEqual(0.01 * terminals.length)
    },
  )

  test('a cell whose meters lost their spreading after an outage is one finding, not a hundred of broken meters', () => {
    const { random, terminals } = city(21)
    const crowd = Array.from({ length: 130 }, (_, i) =>
      live(random, 9000 + i, 'none', { minute: 64 + Math.floor(2 * random()), crowd: 130 }),
    )
    const calm = Array.from({ length: 110 }, (_, i) => live(random, 9200 + i, 'none'))
    const found = findTerminalFaults([...terminals, ...crowd, ...calm]).filter(({ pci }) => pci === 9)
    expect(found[0]).toMatchObject({ fault: 'synchronised_trigger', device: undefined, pci: 9 })
    expect(found[0]?.meters).toBeGreaterThan(110)
    expect(found[0]?.evidence.find(({ code }) => code === 'minute_of_day')?.value).toBeGreaterThanOrEqual(63)
    expect(found.length).toBeLessThan(8)
  })

  test('many that speak together and are all heard are no fault', () => {
    const random = dice(31)
    const together = Array.from({ length: 240 }, (_, i) => live(random, 3000 + i, 'none', { minute: 30 }))
    expect(findTerminalFaults(together)).toEqual([])
  })

  test('a clock that no answer sets right, and an empty battery, are the device', () => {
    const random = dice(41)
    const cell = Array.from({ length: 30 }, (_, i) => live(random, 5000 + i, 'none'))
    const [first, second, ...others] = cell as [TerminalFacts, TerminalFacts, ...TerminalFacts[]]
    const wrong = [
      { ...first, clockErrorS: -7200 },
      { ...second, batteryLow: true, daysHeard: 20 },
    ]
    const found = findTerminalFaults([...wrong, ...others])
    expect(found.map(({ device, fault }) => [device, fault]).sort()).toEqual([
      [5000, 'device'],
      [5001, 'device'],
    ])
  })
})

describe('coverage', () => {
  test('both limits are strict', () => {
    expect(isGoodSignal(-117.4, 10)).toBe(false)
    expect(isGoodSignal(-117.3, -3)).toBe(false)
    expect(isGoodSignal(-117.3, -2.9)).toBe(true)
  })

  test('a place is assessed by the signal outside minus what stands between', () => {
    expect(assessPlace({ rsrpDbm: -95, through: ['two_brick_walls'] })).toMatchObject({ lowDbm: -115, verdict: 'good' })
    expect(assessPlace({ rsrpDbm: -99, through: ['two_brick_walls'] })).toMatchObject({ verdict: 'doubtful' })
    expect(assessPlace({ rsrpDbm: -90, through: ['basement'] })).toMatchObject({ lowDbm: -122, verdict: 'bad' })
    expect(assessPlace({ rsrpDbm: -97.4, through: ['two_brick_walls'] })).toMatchObject({ verdict: 'doubtful' })
    const both = assessPlace({ rsrpDbm: -90, through: ['two_brick_walls', 'sheet_iron_box'] })
    expect([both.lowDbm, both.highDbm, both.verdict]).toEqual([-118, -111, 'doubtful'])
  })

  test('distance speaks by floor, and beyond two kilometres nothing helps', () => {
    const at = (distanceM: number, floor: 'ground' | 'upper') =>
      assessPlace({ rsrpDbm: -80, through: [], distanceM, floor }).verdict
    expect([at(1000, 'ground'), at(1001, 'ground'), at(1350, 'upper'), at(1351, 'upper'), at(2001, 'upper')]).toEqual([
      'good',
      'doubtful',
      'good',
      'doubtful',
      'bad',
    ])
  })

  test('where buildings stand apart only the farthest distance speaks, and a difficult place is never called good', () => {
    const of = (place: PlaceNature, distanceM: number) => assessPlace({ rsrpDbm: -80, through: [], distanceM, place })
    const [dense, apart, difficult] = [
      { isApart: false, isDifficult: false },
      { isApart: true, isDifficult: false },
      { isApart: false, isDifficult: true },
    ]
    expect(of(dense, 1500)).toMatchObject({ verdict: 'doubtful', reasons: ['beyond_good_reach'] })
    expect(of(apart, 1500)).toMatchObject({ verdict: 'good', reasons: [] })
    expect(of(apart, 2001)).toMatchObject({ verdict: 'bad', reasons: ['beyond_any_reach'] })
    expect(of(difficult, 100)).toMatchObject({ verdict: 'doubtful', reasons: ['difficult_place'] })
    expect(of(difficult, 2001)).toMatchObject({ verdict: 'bad' })
  })

  test('cells are listed worst first, and who told no signal counts nowhere', () => {
    const cells = coverageByCell([
      { pci: 1, rsrpDbm: -90, sinrDb: 10 },
      { pci: 1, rsrpDbm: -120, sinrDb: -5 },
      { pci: 2, rsrpDbm: -80, sinrDb: 12 },
      { pci: 3, rsrpDbm: Number.NaN, sinrDb: 0 },
      { pci: -1, rsrpDbm: -80, sinrDb: 12 },
    ])
    expect(cells.map(({ pci, meters, good }) => [pci, meters, good])).toEqual([
      [1, 2, 1],
      [2, 1, 1],
    ])
  })
})
