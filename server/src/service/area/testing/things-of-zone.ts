import type {
  Alarm,
  CampaignView,
  CommandRecord,
  ConsentView,
  IsolationPlan,
  Shutoff,
} from '../../../contract/index.ts'
import { OTHER, type TwoAreas, until, type Zone } from './two-areas.ts'

/** What stands in a zone, once for each. */
export interface Things {
  readonly alarm: string
  readonly command: number
  readonly consent: string
  readonly campaign: string
  readonly shutoff: string
  readonly plan: IsolationPlan
}
/** Stands beside every act of these tests. */
export const reason = 'a test of areas'
export const setting = { parameter: 'report_spread_s', value: 30 }

/** A campaign of one meter of a zone. */
export const campaignOf = ({ id, meters }: Zone) => ({
  ...{
    name: `for ${id}`,
    filter: { zone: id, devices: [meters[1] ?? ''] },
    ...setting,
    canary: 1,
    wave: 1,
    stop_rate: 0.5,
    per_cell: 10,
  },
  ...{ expected_devices: 1, reason },
})

/** A consent of a meter's customer. */
export function consentOf(meter: string) {
  return {
    device: meter,
    given_by: `Li of ${meter}`,
    how: 'written',
    evidence: 'letter 9',
    until: Date.now() + 3_600_000,
  }
}

/** Makes one of each thing in a zone. */
export async function thingsOf(town: TwoAreas, zone: Zone): Promise<Things> {
  const { id, meters, premises, customer, point, pipe, group } = zone
  const table = (name: string, ...lines: string[]) => town.made('POST', `/archive/${name}/import`, lines.join('\r\n'))
  await table('devices', 'number,group', `${meters[0]},${group}`)
  await table('premises', 'premises,point,address', `${premises},${meters[0]},Gate of ${id}`)
  await table('customers', 'customer,premises,name', `${customer},${premises},Han of ${id}`)
  await town.made('POST', `/points/import?file=${id}.csv`, `number,node,size\r\n${point},C${id.slice(1)},G4\r\n`)
  await town.report(zone, 10)
  const alarm = await until(async () =>
    (await town.made<{ items: Alarm[] }>('GET', '/alarms')).items.find((one) => one.zone === id),
  )
  const command = await town.made<CommandRecord>('POST', '/commands/settings', {
    device: meters[1],
    ...setting,
    reason,
  })
  await town.made('POST', `/commands/${command.id}/cancel`, {})
  const waiting = await town.made<CommandRecord>('POST', '/commands/settings', {
    device: meters[2],
    ...setting,
    reason,
  })
  const consent = await town.made<ConsentView>('POST', '/consents', consentOf(meters[0] ?? ''))
  const campaign = await town.made<CampaignView>('POST', '/campaigns', campaignOf(zone))
  const plan = await town.made<IsolationPlan>('GET', `/isolation?edge=${pipe}`)
  const shutoff = await town.made<Shutoff>('POST', '/shutoffs', { edge: pipe, plan_hash: plan.hash, reason }, 'second')
  return {
    ...{ alarm: alarm.id, command: waiting.id, consent: consent.id, campaign: campaign.id, shutoff: shutoff.id },
    plan,
  }
}

/** Things that are nowhere are answered as those of others: numbers cannot be probed. */
export const NOWHERE = {
  ...{ id: 'Z9', pipe: 'P9-1', meters: ['5', '6', '7', '8'], point: '9', concentrator: '55', premises: 'H-9' },
  pci: OTHER.pci,
}
export const NOTHING: Things = {
  ...{ alarm: 'A9', command: 999, consent: 'K99', campaign: 'C99', shutoff: 'S99' },
  plan: { hash: 'x' } as IsolationPlan,
}
