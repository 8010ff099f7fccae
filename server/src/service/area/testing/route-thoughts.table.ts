import { campaignOf, consentOf, reason, setting, type Things } from './things-of-zone.ts'
import type { Ask, Zone } from './two-areas.ts'

/**
 * What was thought of a route. `cut`: everybody may ask, and is told their own; `quiet` says why nothing of the other zone is there
 * to be cut in this town. `aim`: it is about something, which must be of the area. `whole`: it is for the whole city alone. `open`
 * knows nothing of any place.
 */
export type Thought =
  | { readonly cut: Ask; readonly quiet?: string }
  | { readonly aim: (zone: Zone, things: Things) => Ask; readonly noOwn?: string }
  | { readonly whole: Ask }
  | { readonly open: Ask; readonly why: string }

const NOW = Date.now()
const SPAN = `from=${NOW - 7_200_000}&to=${NOW + 7_200_000}`
const device = ({ meters }: Zone) => ({ number: meters[0] ?? '' })
const image = { image: 'AAAA', signed: 'AAAA', reason }
const everywhere = { cut: {} } as const

export const THOUGHT: Readonly<Record<string, Thought>> = {
  'get /city': { cut: {}, quiet: 'counts only, held below' },
  'get /map/geometry': everywhere,
  'get /map/state': { cut: {}, quiet: 'numbers only, held below' },
  'get /map/estimate': { cut: {}, quiet: 'numbers only, held below' },
  'get /zones': everywhere,
  'get /zones/{id}/balance': { aim: ({ id }) => ({ at: { id }, query: SPAN }) },
  'get /zones/{id}/safety-mode': { aim: ({ id }) => ({ at: { id } }) },
  'put /zones/{id}/safety-mode': { aim: ({ id }) => ({ at: { id }, body: { mode: 'approval' } }) },
  'get /strip': { aim: ({ id }) => ({ query: `zone=${id}` }) },
  'get /alarms': everywhere,
  'post /alarms/{id}/ack': { aim: (_, { alarm }) => ({ at: { id: alarm }, body: {} }) },
  'post /alarms/{id}/shelve': { aim: (_, { alarm }) => ({ at: { id: alarm }, body: { minutes: 5, reason } }) },
  'post /alarms/{id}/unshelve': { aim: (_, { alarm }) => ({ at: { id: alarm }, body: {} }) },
  'get /devices': everywhere,
  'get /devices/facets': everywhere,
  'get /devices/{number}': { aim: (zone) => ({ at: device(zone) }) },
  'get /devices/{number}/series': { aim: (zone) => ({ at: device(zone), query: `quantity=index_m3&${SPAN}` }) },
  'get /devices/{number}/frames': { aim: (zone) => ({ at: device(zone) }) },
  'get /devices/{number}/frames/explained': { aim: (zone) => ({ at: device(zone) }) },
  'get /devices/{number}/log': { aim: (zone) => ({ at: device(zone), query: SPAN }) },
  'get /devices/{number}/card': { aim: (zone) => ({ at: device(zone) }) },
  'post /devices/{number}/card/reveal': { aim: (zone) => ({ at: device(zone), body: { reason } }) },
  'post /devices/{number}/hostile': { aim: (zone) => ({ at: device(zone), body: { step: 'none', reason } }) },
  'put /devices/{number}/cipher-policy': { aim: (zone) => ({ at: device(zone), body: { policy: null } }) },
  'post /fittings': {
    aim: ({ meters, id }) => ({
      body: { point: meters[2], device: id === 'Z1' ? '42' : '43', old_end_m3: 1, new_begin_m3: 0, reason },
    }),
  },
  'put /archive/{table}/{key}': {
    aim: ({ premises }) => ({ at: { table: 'premises', key: premises }, body: { cells: { note: 'x' }, reason } }),
  },
  'get /archive/{table}/export': { cut: { at: { table: 'customers' }, query: `reason=${reason}` } },
  'post /archive/{table}/import': { whole: { at: { table: 'devices' }, body: 'number\n' } },
  'get /points': everywhere,
  'get /points/imports': everywhere,
  'post /points/import': { whole: { body: 'number\n' } },
  'get /delegations': { whole: {} },
  'post /delegations': { whole: { body: { name: 'app', role: 'viewer', scope: {}, expires_in_s: 3600, reason } } },
  'post /delegations/{id}/revoke': { whole: { at: { id: 'D1' }, body: {} } },
  'get /campaigns': everywhere,
  'post /campaigns/preview': { aim: ({ id }) => ({ body: { zone: id } }) },
  'post /campaigns': { aim: (zone) => ({ body: campaignOf(zone) }) },
  'post /campaigns/{id}/state': {
    aim: (_, { campaign }) => ({ at: { id: campaign }, body: { state: 'cancelled', reason } }),
  },
  'post /campaigns/{id}/approve': { aim: (_, { campaign }) => ({ at: { id: campaign }, body: { reason } }) },
  'post /campaigns/{id}/rollback': {
    aim: (_, { campaign }) => ({
      at: { id: campaign },
      body: { reason, canary: 1, wave: 1, stop_rate: 0.5, per_cell: 10 },
    }),
  },
  'get /spreading/{pci}': { aim: ({ pci }) => ({ at: { pci: String(pci) } }) },
  'post /spreading/{pci}/apply': {
    aim: ({ pci }) => ({ at: { pci: String(pci) }, body: { capacity_per_minute: 30, expected_meters: 1, reason } }),
  },
  'get /firmware': { cut: {}, quiet: 'no image is there; what devices run is left out' },
  'post /firmware': { whole: { body: image } },
  'post /firmware/{number}/withdraw': { whole: { at: { number: '1' }, body: { reason } } },
  'get /isolation': { aim: ({ pipe }) => ({ query: `edge=${pipe}` }) },
  'get /shutoffs': everywhere,
  'post /shutoffs': { aim: ({ pipe }, { plan }) => ({ body: { edge: pipe, plan_hash: plan.hash, reason } }) },
  'post /shutoffs/{id}/approve': { aim: (_, { shutoff }) => ({ at: { id: shutoff }, body: {} }) },
  'post /shutoffs/{id}/abort': { aim: (_, { shutoff }) => ({ at: { id: shutoff }, body: {} }) },
  'get /commands': everywhere,
  'post /commands': { aim: ({ meters }) => ({ body: { device: meters[0], reason } }) },
  'post /commands/settings': { aim: ({ meters }) => ({ body: { device: meters[0], ...setting, reason } }) },
  'post /commands/orders': {
    aim: ({ meters }) => ({ body: { device: meters[0], order: { kind: 'restart' }, reason } }),
  },
  'post /commands/permits': { aim: ({ meters }) => ({ body: { device: meters[1], window_s: 600, reason } }) },
  'post /commands/{id}/cancel': { aim: (_, { command }) => ({ at: { id: String(command) }, body: {} }) },
  'get /commands/presses': { cut: {}, quiet: 'no order of this town waits for a button' },
  'get /consents': everywhere,
  'post /consents': { aim: ({ meters }) => ({ body: consentOf(meters[0] ?? '') }) },
  'post /consents/{id}/revoke': { aim: (_, { consent }) => ({ at: { id: consent }, body: {} }) },
  'get /consents/invitations': { cut: {}, quiet: 'invitations need a command that sends them' },
  'post /consents/invitations': {
    aim: ({ meters }) => ({ body: { device: meters[0], expires_in_s: 3600, holds_s: 3600, reason } }),
  },
  'get /estimate': { aim: ({ pipe }) => ({ query: `edge=${pipe}` }) },
  'get /leaks': { cut: {}, quiet: 'nothing leaks here' },
  'post /leaks/{id}/close': {
    aim: () => ({ at: { id: 'L9' }, body: { found: 'nothing' } }),
    noOwn: 'nothing leaks here',
  },
  'get /gap': { cut: {}, quiet: 'no day is whole yet' },
  'get /gap/revisions': { cut: {}, quiet: 'no day is whole yet' },
  'get /gap/suspects': { cut: {}, quiet: 'nobody is suspected' },
  'get /gap/suspects/{meter}': { aim: ({ meters }) => ({ at: { meter: meters[0] ?? '' } }) },
  'put /gap/suspects/{meter}/case': {
    aim: ({ meters }) => ({ at: { meter: meters[0] ?? '' }, body: { state: 'field_work' } }),
  },
  'get /gap/replacements': { cut: {}, quiet: 'nothing is due' },
  'get /health/meters': { cut: {}, quiet: 'nothing is due' },
  'get /models': { whole: {} },
  'post /models/promote': { whole: { body: { sha256: 'a'.repeat(64), reason } } },
  'get /truth': { whole: {} },
  'get /truth/findings': { whole: {} },
  'get /readings/rates': { aim: ({ id }) => ({ query: `by=zone&zone=${id}` }) },
  'get /readings/missing': everywhere,
  'get /readings/faults': { cut: {}, quiet: 'nobody is heard badly yet' },
  'get /coverage': { cut: {}, quiet: 'numbers of cells only, held below' },
  'get /coverage/assessment': { open: { query: 'rsrp_dbm=-90' }, why: 'a table of losses' },
  'get /concentrators': everywhere,
  'get /concentrators/{number}': { aim: ({ concentrator }) => ({ at: { number: concentrator } }) },
  'get /concentrators/{number}/meters': { aim: ({ concentrator }) => ({ at: { number: concentrator } }) },
  'post /concentrators/{number}/read': {
    aim: ({ concentrator }) => ({ at: { number: concentrator }, body: { reason } }),
  },
  'post /concentrators/{number}/plan': {
    aim: ({ concentrator }) => ({
      at: { number: concentrator },
      body: { plan: { every: 'day', slots: [0] }, reason },
    }),
  },
  'post /concentrators/{number}/orders': {
    aim: ({ concentrator, meters }) => ({
      at: { number: concentrator },
      body: { meters: [meters.at(-1)], order: { kind: 'close' }, reason },
    }),
  },
  'post /concentrators/{number}/network': {
    aim: ({ concentrator }) => ({ at: { number: concentrator }, body: { reason } }),
  },
  'get /export': { cut: { query: SPAN }, quiet: 'there is no database here; its lines are held beside' },
  'get /keys/health': { whole: {} },
  'get /devices/hostile': { cut: {}, quiet: 'nobody is hostile' },
  'get /security/report': { whole: {} },
  'get /models/hostile': { whole: {} },
  'get /quarantine': { cut: {}, quiet: 'strangers are of no area, held below' },
  'post /session': { open: {}, why: 'signing in' },
  'delete /session': { open: {}, why: 'signing out' },
  'get /customer/consent': { open: {}, why: 'by the token of a customer' },
  'post /customer/consent': { open: {}, why: 'by the token of a customer' },
}
