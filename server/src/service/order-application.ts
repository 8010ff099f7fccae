import { awaitsPress } from '../command/ledger.ts'
import type { LedgerEntry } from '../command/ledger-snapshot.ts'
import type { CommandRecord, PressTask } from '../contract/index.ts'
import type { OrderApplication } from '../http/order-application.ts'
import type { CityService } from './city-service.ts'

/** What people order of single meters, as HTTP sees it. */
export function orderApplication(service: CityService): OrderApplication {
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
  const waitsFor = (entry: Pick<LedgerEntry, 'kind' | 'state' | 'device' | 'permit' | 'press'>) => {
    const { kind, state, device, permit } = entry
    const isPermit = kind === 'permit' && permit !== undefined && state === 'queued'
    if (isPermit && permits.consentFor(Number(device)) === undefined) return 'consent'
    return awaitsPress(entry) ? 'press' : (WAITS[state] ?? null)
  }
  const task = ({ id, kind, device, press, created_at, expires_at }: LedgerEntry): PressTask => {
    const { fleet, network, views } = service.city
    const slot = fleet.slotOf(Number(device))
    const zone = fleet.columns.zone[slot] ?? -1
    return {
      ...{
        command: id,
        kind,
        device,
        meter: slot < 0 ? null : views.assetId(slot),
        zone: network.zones.ids[zone] ?? null,
      },
      ...{ by: press?.by ?? 'worker', since: created_at, until: expires_at },
    }
  }
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
    presses: (limit, device) => {
      const asked = device === undefined ? ledger.list() : ledger.ofDevice(Number(devices.deviceFor(device)))
      return asked
        .filter(awaitsPress)
        .sort((a, b) => a.expires_at - b.expires_at)
        .slice(0, limit)
        .map(task)
    },
    consents: (limit, device) => permits.consents(limit, device),
    recordConsent: (request, user) => permits.consent(request, user),
    revokeConsent: (id, user) => permits.revoke(id, user),
    invitations: (limit, device) => invitations.list(limit, device),
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
