import type { LedgerEntry } from '../command/ledger-snapshot.ts'
import type { CommandRecord } from '../contract/index.ts'
import type { Application } from '../http/application.ts'
import type { CityService } from './city-service.ts'

type Orders =
  | 'closeMeter'
  | 'setParameter'
  | 'orderDevice'
  | 'orderBehind'
  | 'cancelCommand'
  | 'permitOpening'
  | 'commands'
  | 'consents'
  | 'recordConsent'
  | 'revokeConsent'
  | 'invitations'
  | 'inviteCustomer'
  | 'customerQuestion'
  | 'customerAnswer'

/** What people order of single meters, as HTTP sees it. */
export function orderApplication(service: CityService): Pick<Application, Orders> {
  const { orders, permits, invitations, ledger, devices } = service
  const view = ({
    expires_at,
    priority,
    setting,
    firmware,
    permit,
    connection,
    ...record
  }: LedgerEntry): CommandRecord => ({
    ...record,
    expires_at,
    priority: priority ?? 'normal',
    ...(setting && { setting }),
    ...(firmware && { firmware }),
    ...(permit && { permit }),
    ...(connection && { connection: orders.shown(connection) }),
    waiting_for: waitsFor({ ...record, ...(permit && { permit }) }),
  })
  const waitsFor = ({ kind, state, device, permit }: Pick<LedgerEntry, 'kind' | 'state' | 'device' | 'permit'>) =>
    kind === 'permit' && permit !== undefined && state === 'queued' && permits.consentFor(Number(device)) === undefined
      ? 'consent'
      : (WAITS[state] ?? null)
  return {
    closeMeter: async (request, user) => view(await orders.closeMeter(request, user)),
    setParameter: async (request, user) => view(await orders.setParameter(request, user)),
    orderDevice: async (request, user) => view(await orders.orderDevice(request, user)),
    orderBehind: async (number, request, user) => {
      const { commands, refused } = await orders.orderBehind(number, request, user)
      return { commands: commands.map(view), refused: [...refused] }
    },
    cancelCommand: async (id, user) => view(await orders.cancelCommand(id, user)),
    permitOpening: async (request, user) => view(await permits.permit(request, user)),
    commands: (limit, device) => {
      const found =
        device === undefined ? ledger.list() : ledger.ofDevice(Number(devices.deviceFor(device))).toReversed()
      return found.slice(0, limit).map(view)
    },
    consents: (limit, device) => permits.consents(limit, device),
    recordConsent: (request, user) => permits.consent(request, user),
    revokeConsent: (id, user) => permits.revoke(id, user),
    invitations: (limit) => invitations.list(limit),
    inviteCustomer: (request, user, isApplication) => invitations.invite(request, user, isApplication),
    customerQuestion: (token, address) => invitations.question(token, address),
    customerAnswer: (token, address, answer) => invitations.answer(token, address, answer),
  }
}

/** What a command in a state waits for. */
const WAITS: Partial<Readonly<Record<CommandRecord['state'], 'uplink' | 'answer' | 'proof'>>> = {
  queued: 'uplink',
  sent: 'answer',
  accepted: 'proof',
}
