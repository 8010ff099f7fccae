import { type ConcentratorAct, planFault, UsageError } from '@gastwin/twin'
import type { ActAnswer, NetworkRequest, PlanRequest, ReadRequest } from '../contract/index.ts'
import type { ConcentratorActs } from '../http/reading-application.ts'
import type { CityService } from './city-service.ts'

/** What operators ask of concentrators, in the words of the API. */
export function concentratorActs(service: CityService): ConcentratorActs {
  const act = async (what: ConcentratorAct, user: string, reason: string): Promise<ActAnswer> => {
    const { values } = await service.concentrators.act(what, user, reason)
    const all = service.city.concentrators.find(what.concentrator)?.meters.length ?? 0
    return { concentrator: String(what.concentrator), meters: what.meters?.length ?? all, values }
  }
  const chosen = (number: string, { meters }: NetworkRequest) => ({
    concentrator: Number(number),
    meters: meters?.map(Number) ?? null,
  })
  return {
    readThroughConcentrator: async (number: string, body: ReadRequest, user: string) => {
      const { from = null, to = null } = body
      if (from !== null && to !== null && to < from) throw new UsageError('API_INPUT', 'to must not lie before from')
      return act({ kind: 'read', ...chosen(number, body), from, to }, user, body.reason)
    },
    planReadings: async (number: string, body: PlanRequest, user: string) => {
      const fault = planFault(body.plan)
      if (fault !== undefined) throw new UsageError('API_INPUT', fault)
      return act({ kind: 'plan', ...chosen(number, body), plan: body.plan }, user, body.reason)
    },
    formNetwork: async (number: string, body: NetworkRequest, user: string) =>
      act({ kind: 'network', ...chosen(number, body) }, user, body.reason),
  }
}
