import type { Network } from '@gastwin/twin'
import type { SecurityReport } from '../contract/index.ts'
import { beliefs, orderWays } from '../trust/belief-in.ts'
import type { TrustBook } from '../trust/trust-book.ts'

/** By what concentrators and RTUs are believed, and how remote valves are ordered. @param concentrators their numbers */
export function trustPosture(
  network: Network,
  concentrators: Iterable<number>,
  trust: TrustBook,
): Pick<SecurityReport, 'concentrators' | 'rtus' | 'actuators'> {
  const remote = network.document.valves.filter((valve) => valve.actuator === 'remote' && valve.device_number != null)
  return {
    concentrators: beliefs(concentrators, trust),
    rtus: beliefs(
      network.rtus.device.filter((device) => Number.isSafeInteger(device)),
      trust,
    ),
    actuators: orderWays(
      remote.map((valve) => Number(valve.device_number)),
      trust,
    ),
  }
}
