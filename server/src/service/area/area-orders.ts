import type { Application } from '../../http/application.ts'
import type { AreaParts } from './area-parts.ts'

const ALL = Number.MAX_SAFE_INTEGER

type Orders =
  | 'closeMeter'
  | 'setParameter'
  | 'orderDevice'
  | 'orderBehind'
  | 'cancelCommand'
  | 'permitOpening'
  | 'commands'
  | 'presses'
  | 'consents'
  | 'recordConsent'
  | 'revokeConsent'
  | 'invitations'
  | 'inviteCustomer'
  | 'customerQuestion'
  | 'customerAnswer'

/** What somebody of an area orders of single meters, and what customers agreed to there. */
export function areaOrders({
  application: all,
  reach,
}: Pick<AreaParts, 'application' | 'reach'>): Pick<Application, Orders> {
  const own = reach.requireDevice.bind(reach)
  return {
    closeMeter: async (request, user) => {
      own(request.device)
      return all.closeMeter(request, user)
    },
    setParameter: async (request, user) => {
      own(request.device)
      return all.setParameter(request, user)
    },
    orderDevice: async (request, user) => {
      own(request.device)
      return all.orderDevice(request, user)
    },
    orderBehind: async (number, request, user) => {
      reach.requireConcentrator(number)
      return all.orderBehind(number, request, user)
    },
    cancelCommand: async (id, user) => {
      const known = all.commands(ALL).find((one) => one.id === id)
      if (known === undefined || !reach.seesDevice(known.device)) reach.refuse(`command ${id}`)
      return all.cancelCommand(id, user)
    },
    permitOpening: async (request, user) => {
      own(request.device)
      return all.permitOpening(request, user)
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
    recordConsent: async (request, user) => {
      own(request.device)
      return all.recordConsent(request, user)
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
    inviteCustomer: async (request, user, isApplication) => {
      own(request.device)
      return all.inviteCustomer(request, user, isApplication)
    },
    // By the token of the customer's own meter; nobody who signed in asks them.
    customerQuestion: (token, address) => all.customerQuestion(token, address),
    customerAnswer: (token, address, answer) => all.customerAnswer(token, address, answer),
  }
}
