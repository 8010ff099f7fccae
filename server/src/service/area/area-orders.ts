import type { OrderApplication } from '../../http/order-application.ts'
import type { AreaParts } from './area-parts.ts'
import { askedFirst } from './asked-first.ts'

const ALL = Number.MAX_SAFE_INTEGER

/** What somebody of an area orders of single meters, and what customers agreed to there. */
export function areaOrders({ application: all, reach }: Pick<AreaParts, 'application' | 'reach'>): OrderApplication {
  const own = reach.requireDevice.bind(reach)
  return {
    ...askedFirst(
      all,
      ({ device }: { readonly device: string }) => own(device),
      ...(['closeMeter', 'setParameter', 'orderDevice', 'permitOpening', 'recordConsent', 'inviteCustomer'] as const),
    ),
    ...askedFirst(all, (number: string) => reach.requireConcentrator(number), 'orderBehind'),
    cancelCommand: async (id, user) => {
      const known = all.commands(ALL).find((one) => one.id === id)
      if (known === undefined || !reach.seesDevice(known.device)) reach.refuse(`command ${id}`)
      return all.cancelCommand(id, user)
    },
    commands: (limit, device) => {
      // Another application names the device.
      if (device !== undefined || reach.isDelegated) {
        own(device ?? '')
        return all.commands(limit, device)
      }
      return all
        .commands(ALL)
        .filter((one) => reach.seesDevice(one.device))
        .slice(0, limit)
    },
    presses: (limit, device) => {
      if (device !== undefined || reach.isDelegated) {
        own(device ?? '')
        return all.presses(limit, device)
      }
      return all
        .presses(ALL)
        .filter((one) => reach.seesDevice(one.device))
        .slice(0, limit)
    },
    consents: (limit, device) => {
      if (device !== undefined) own(device)
      return all
        .consents(ALL, device)
        .filter(({ point }) => reach.seesDevice(point))
        .slice(0, limit)
    },
    revokeConsent: async (id, user) => {
      const known = all.consents(ALL).find((one) => one.id === id)
      if (known === undefined || !reach.seesDevice(known.point)) reach.refuse(`consent ${id}`)
      return all.revokeConsent(id, user)
    },
    invitations: (limit, device) => {
      if (device !== undefined) own(device)
      return all
        .invitations(ALL, device)
        .filter(({ point }) => reach.seesDevice(point))
        .slice(0, limit)
    },
    // By the token of the customer's own meter; nobody who signed in asks them.
    customerQuestion: (token, address) => all.customerQuestion(token, address),
    customerAnswer: (token, address, answer) => all.customerAnswer(token, address, answer),
  }
}
