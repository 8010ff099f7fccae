import { describe, expect, test } from 'vitest'
import { buildCity } from '../city/write-city.ts'
import { ATTACK_KINDS } from './attack-kinds.ts'
import { generateTraffic } from './generate-traffic.ts'

const { network: document, truth } = buildCity({ meters: 600, seed: 7 })
const start = Date.UTC(2026, 2, 4, 16)
const options = { document, truth, seed: 7, start, days: 4, attackers: 1, kinds: ATTACK_KINDS }
const sayings = generateTraffic(options)
const of = (kind: string) => sayings.filter((one) => one.kind === kind)

describe('traffic with attackers', () => {
  test('is the same for a seed, in time order, and quiet on its first day', () => {
    expect(generateTraffic(options)).toEqual(sayings)
    for (const [i, { at }] of sayings.entries()) expect(at).toBeGreaterThanOrEqual(sayings[i - 1]?.at ?? 0)
    expect(sayings.filter(({ at, kind }) => at < start + 86_400_000 && kind !== '')).toEqual([])
  })
  test('has every kind of attack, each from one source, and most of it is honest', () => {
    for (const kind of ATTACK_KINDS) {
      expect(of(kind).length, kind).toBeGreaterThan(0)
      expect(new Set(of(kind).map(({ from }) => from)).size, kind).toBe(1)
    }
    expect(of('').length).toBeGreaterThan(0.2 * sayings.length)
  })
  test('a meter that was taken over speaks from its own source; others from one where no honest device is', () => {
    const honest = new Set(of('').map(({ device, from }) => `${device} ${from}`))
    expect(honest.has(`${of('volume.bot')[0]?.device} ${of('volume.bot')[0]?.from}`)).toBe(true)
    for (const kind of ['clone.low', 'replay.burst', 'many.scanner'])
      for (const { device, from } of of(kind)) expect(honest.has(`${device} ${from}`)).toBe(false)
  })
  test('replays are what their victim said before', () => {
    for (const { at, device, said } of [...of('replay.burst'), ...of('replay.slow')])
      expect(of('').some((one) => one.device === device && one.said === said && one.at <= at)).toBe(true)
  })
})
