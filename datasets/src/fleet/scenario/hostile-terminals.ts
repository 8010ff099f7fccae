import type { Meter } from '@gastwin/twin'
import { chooseMeters } from './choose-victims.ts'
import type { Attack, ScenarioPlan, TruthEvent } from './scenario-plan.ts'
import { dice, type Stage } from './stage.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

const isHome = (m: Meter): boolean => m.class === 'residential' && m.read_schedule === 'daily' && m.profile == null
const isBusiness = (m: Meter): boolean => m.read_schedule === '5min' && m.kind === 'gas'

/**
 * Somebody speaks in other meters' names: a business is cloned, two homes' reports are heard and sent again, a home's number is
 * used for a flood.
 */
export function hostileTerminals(s: Stage): Partial<ScenarioPlan> {
  const random = dice(s, 9)
  const [business = 0] = chooseMeters(s.document, random, 1, isBusiness)
  const [first = 0, second = 1, flooded = 2] = chooseMeters(s.document, random, 3, isHome)
  const device = (row: number) => Number(s.document.meters[row]?.id ?? 0)
  const from = s.live + HOUR
  const until = from + 72 * HOUR
  const attacks: Attack[] = [
    { kind: 'clone', device: device(business), from, until, everyMs: 20 * MINUTE },
    ...[first, second].map(
      (row): Attack => ({ kind: 'replay', device: device(row), from: from + HOUR, until, everyMs: HOUR / 2 }),
    ),
    { kind: 'flood', device: device(flooded), from: from + HOUR, until, everyMs: 0 },
  ]
  const truth = attacks.map((attack): TruthEvent => {
    const meter = s.document.meters.find(({ id }) => Number(id) === attack.device)
    const place = { asset: meter?.id ?? '', zone: meter?.zone ?? '', lon: meter?.lon ?? 0, lat: meter?.lat ?? 0 }
    return { at: attack.from, event: 'attack', form: attack.kind, ...place }
  })
  return { attacks, truth }
}
