import { rupture, streetLeak, trunkBreak } from './broken-pipes.ts'
import { hostileTerminals } from './hostile-terminals.ts'
import { combine, type ScenarioPlan } from './scenario-plan.ts'
import type { Stage } from './stage.ts'
import { cellOffline, rtuDrift } from './wrong-instruments.ts'
import { smallFlows, stopped, theft, wrongSize } from './wrong-meters.ts'

const HOUR = 3_600_000

export interface Scenario {
  readonly name: string
  readonly description: string
  readonly plan: (stage: Stage) => ScenarioPlan
}

/** Every scenario of the fleet. Times count from the begin of the clock plan's last segment, lasting states from its very begin. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'calm',
    description: 'nothing is wrong beyond worn meters, lost datagrams and a few dead batteries',
    plan: () => combine(),
  },
  {
    name: 'day',
    description:
      'the default mix: some thefts, small flows and stopped meters from the start, others when people begin to look (two weeks before that after a warm-up of four); after 2 h a trunk breaks beside a valve well whose detector smells it; a crew mends it 4 h later and opens the valves on site 30 min after that',
    plan: (s) =>
      combine(theft(s, 0.0022), smallFlows(s, 10), stopped(s, 8), wrongSize(s, 1), trunkBreak(s), {
        bootFailures: 0.01,
      }),
  },
  {
    name: 'leak-growing',
    description: 'a low-pressure main corrodes through: from 1 h on a hole grows for 12 h to 14 mm',
    plan: (s) => streetLeak(s, 12 * HOUR, 0.014),
  },
  {
    name: 'leak-abrupt',
    description: 'after 1 h a joint of a low-pressure main opens at once: 24 mm',
    plan: (s) => streetLeak(s, 0, 0.024),
  },
  {
    name: 'rupture',
    description: 'after 1 h an excavator tears a 50 mm hole into a medium-pressure trunk',
    plan: rupture,
  },
  {
    name: 'theft',
    description: 'one meter in a hundred is cheated: bypass, hours, magnet, fading; and two secret branches',
    plan: (s) => combine(theft(s, 0.01)),
  },
  {
    name: 'small-flow',
    description: 'from 1 h on thirty homes leave a little gas flowing without end',
    plan: (s) => smallFlows(s, 30),
  },
  {
    name: 'stopped-meter',
    description: 'from 1 h on twenty-five meters pass gas and do not count',
    plan: (s) => stopped(s, 25),
  },
  {
    name: 'wrong-size',
    description: 'three large customers use a twentieth of what their meters were chosen for',
    plan: (s) => wrongSize(s, 3),
  },
  {
    name: 'rtu-drift',
    description: 'the flow reading of one district inlet and a pressure transmitter drift away',
    plan: rtuDrift,
  },
  {
    name: 'cell-offline',
    description: 'after 1 h the radio cell with the most meters is silent for 30 h',
    plan: cellOffline,
  },
  {
    name: 'frail-firmware',
    description: 'with one meter in twenty a firmware image that is not the factory’s does not come up: it returns',
    plan: (s) => combine({ bootFailures: 0.05, truth: [{ at: s.start, event: 'frail_firmware', share: 0.05 }] }),
  },
  {
    name: 'attack',
    description:
      'from 1 h on a business meter is cloned; from 2 h on two homes’ reports are sent again and a home’s number is used for a flood',
    plan: (s) => combine(hostileTerminals(s)),
  },
]
