import type { MeterFamily } from '../profile/vendor-profile.ts'
import { clock, digits, number, opaque, type RecordLayout, status } from '../record/field.ts'
import { CLOCK_READ_DI, CLOCK_WRITE_DI, CURRENT_DI } from './identifiers.ts'

const CLOCK = clock('clock', 'ssmmhhDDMMYYCC')
const STATUS = status('status word')
const volume = (name: string, quantity?: 'index_m3' | 'settlement_index_m3') =>
  number(name, 4, 2, 'coded', quantity ? { quantity } : {})
const heat = number('heat', 4, 2, 'coded', { quantity: 'heat_energy_j' })
const cooling = number('cooling', 4, 2, 'coded', { quantity: 'cooling_energy_j' })
const settlementHeat = number('heat at the settlement day', 4, 2, 'coded')
const settlementCooling = number('cooling at the settlement day', 4, 2, 'coded')
const TOTAL = volume('total volume', 'index_m3')
const temperatures = (bytes: 2 | 3): RecordLayout => [
  number('supply temperature', bytes, 2, 'degC', { quantity: 'temperature_k' }),
  number('return temperature', bytes, 2, 'degC', { quantity: 'return_temperature_k' }),
]

/** 901F of a heat meter with power and flow of `wide` bytes: 3 in the standard's form, 4 in the field. */
const heat901f = (wide: 3 | 4, temperatureBytes: 2 | 3, hourBytes: 3 | 4): RecordLayout => [
  settlementHeat,
  heat,
  number('power', wide, 2, 'coded', { quantity: 'power_w' }),
  number('flow', wide, wide === 3 ? 3 : 4, 'coded', { quantity: 'flow_m3_s' }),
  TOTAL,
  ...temperatures(temperatureBytes),
  number('working hours', hourBytes, 0, 'h'),
  CLOCK,
  STATUS,
]

/** 911F: heat and cooling, with pressures whose unit no public text gives. */
const BOTH: RecordLayout = [
  settlementHeat,
  settlementCooling,
  heat,
  cooling,
  number('power', 3, 2, 'coded', { quantity: 'power_w' }),
  number('flow', 3, 4, 'coded', { quantity: 'flow_m3_s' }),
  TOTAL,
  ...temperatures(2),
  number('supply pressure', 2, 2, 'none'),
  number('return pressure', 2, 2, 'none'),
  number('working hours', 4, 0, 'h'),
  CLOCK,
  STATUS,
]

/** A frozen record: registers as they stood at its own time. The pressure's unit is not public. */
const FREEZE: RecordLayout = [
  clock('freeze time', 'ssmmhhDDMMYYCC'),
  TOTAL,
  number('flow', 4, 4, 'coded', { quantity: 'flow_m3_s' }),
  number('temperature', 3, 2, 'degC', { quantity: 'temperature_k' }),
  number('pressure', 3, 2, 'none'),
]

const tiers = [1, 2, 3].flatMap((tier) => [number(`price ${tier}`, 3, 2, 'yuan'), number(`volume ${tier}`, 3, 0, 'm3')])
/** Three tiers: the last has no end. */
const PRICES: RecordLayout = tiers.slice(0, 5)
const PRICES_FROM_DAY: RecordLayout = [...PRICES, number('valid from day', 1, 0, 'none')]
const DAY: RecordLayout = [number('day', 1, 0, 'none')]
const money = (name: string) => number(name, 4, 2, 'yuan')

/** Layouts that all families share, by identifier. Several of one identifier are told apart by length. */
const COMMON: ReadonlyMap<number, readonly RecordLayout[]> = new Map<number, readonly RecordLayout[]>([
  [CLOCK_READ_DI, [[CLOCK]]],
  [CLOCK_WRITE_DI, [[CLOCK]]],
  [0x8102, [PRICES]],
  [0xa010, [PRICES, PRICES_FROM_DAY]],
  [0x8103, [DAY]],
  [0xa011, [DAY]],
  [0x8104, [DAY]],
  [0xa012, [DAY]],
  [
    0x8105,
    [
      [
        number('purchase number', 1, 0, 'none'),
        money('this purchase'),
        money('all purchases'),
        money('money left'),
        STATUS,
      ],
    ],
  ],
  [0xa013, [[number('purchase number', 1, 0, 'none'), money('this purchase')]]],
  [0x8106, [[opaque('key version', 1)]]],
  [
    0xa014,
    [
      [opaque('key version', 1), opaque('key', 8)],
      [opaque('key version', 1), opaque('key', 16)],
    ],
  ],
  [0xa107, [[opaque('key version', 1), opaque('key', 16)]]],
  [0x810a, [[digits('address', 7)]]],
  [0xa018, [[digits('address', 7)]]],
  [0xa016, [[volume('base reading')]]],
])

const CURRENT_VOLUME: RecordLayout = [
  volume('register', 'index_m3'),
  volume('register at the settlement day', 'settlement_index_m3'),
  CLOCK,
  STATUS,
]
const HEAT_CURRENT = [heat901f(3, 2, 4), heat901f(4, 3, 3), heat901f(4, 2, 4), heat901f(3, 3, 3)]
const MONTH_VOLUME: readonly RecordLayout[] = [[volume('register at the settlement day')]]
const MONTH_HEAT: readonly RecordLayout[] = [[settlementHeat]]
const MONTH_BOTH: readonly RecordLayout[] = [
  [settlementHeat, settlementCooling, volume('volume at the settlement day')],
]
const NONE: readonly RecordLayout[] = []

/** What a payload of this identifier may look like, the commonest first. @source docs/CJT188-PROFILE.md §4 */
export function layoutsOf(di: number, family: MeterFamily): readonly RecordLayout[] {
  const common = COMMON.get(di)
  if (common) return common
  if (family === 'custom') return NONE
  const heats = family === 'heat'
  if (di === CURRENT_DI) return heats ? HEAT_CURRENT : [CURRENT_VOLUME]
  if (di === 0x911f) return heats ? [BOTH] : NONE
  switch (di >> 8) {
    case 0xd1:
      return heats ? MONTH_HEAT : MONTH_VOLUME
    case 0xd2:
      return heats ? MONTH_BOTH : MONTH_VOLUME
    case 0xd3:
    case 0xd4:
      return heats ? NONE : [FREEZE]
    default:
      return NONE
  }
}

/** A meter's word on a write: one status byte in 2018, the status word where the maker sends it. */
export const WRITE_ANSWERS: readonly RecordLayout[] = [[status('status', 1)], [STATUS]]
