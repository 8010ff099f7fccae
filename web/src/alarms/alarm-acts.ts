import type { Alarm } from '@gastwin/server/contract'
import type { Answer, Failure } from '../api/api.ts'
import type { ConsoleModel } from '../app/console-model.ts'

const LOST: Failure = { code: 'NET_DOWN', status: 0, detail: '' }

/** Acts on one alarm; the answer of the service, not our wish, changes the list. @returns why it was refused */
export function alarmActs(model: ConsoleModel) {
  const act = async (send: () => Promise<Answer<Alarm>>): Promise<Failure | undefined> => {
    if (!model.mayAct()) return LOST
    const answer = await send()
    if (!answer.ok) return answer.failure
    model.alarms.change((old) => new Map(old).set(answer.value.id, answer.value))
    return undefined
  }
  return {
    acknowledge: (id: string, note?: string) => act(() => model.api.acknowledge(id, note)),
    shelve: (id: string, minutes: number, reason: string) => act(() => model.api.shelve(id, minutes, reason)),
    unshelve: (id: string) => act(() => model.api.unshelve(id)),
  }
}
