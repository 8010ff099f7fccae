import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { CampaignView } from '@gastwin/server/contract'
import { expect, test } from 'vitest'
import { violationsOf } from '../support/accessibility.ts'
import { reportOf } from '../support/device-peer.ts'
import { eventually } from '../support/eventually.ts'
import { keepScreenshot } from '../support/screenshot.ts'
import type { DeviceStage } from './device-stage.ts'

/** A radio cell of no other meter. */
const CELL = 7

/** Many meters are told something: canary, firmware, orders of all that a list shows. */
export function campaigns(stage: DeviceStage): void {
  test('begins a campaign with its canary, rests and gives up', async () => {
    await stage.tab('Campaigns').click()
    await stage.page.getByText('No campaign is on record.').waitFor()
    await stage.page.getByRole('button', { name: 'New campaign' }).click()
    const form = stage.page.locator('.campaign-form')
    await form.getByLabel('Name').fill('Spread the night')
    await form.getByLabel('Tag or group').selectOption('group:north')
    await form.getByRole('button', { name: 'Count the meters' }).click()
    await form.getByText(/2 meters fit/).waitFor()
    await form.getByLabel('Parameter').selectOption('report_spread_s')
    await form.getByLabel('Value').fill('20')
    await form.getByLabel('Canary, meters').fill('1')
    await form.getByLabel('Reason').fill('busy cells')
    await keepScreenshot(stage.page, 'devices-campaign-form')
    await stage.hold('Hold 2 s to begin')
    const card = stage.page.locator('.campaign').filter({ hasText: 'Spread the night' })
    await card.getByText('canary', { exact: true }).waitFor()
    await card.getByText('1 waiting for their report').waitFor()
    await card.getByRole('button', { name: 'Pause' }).click()
    await card.getByLabel('Reason').fill('storm')
    await card.getByRole('button', { name: 'Pause' }).last().click()
    await card.getByText('paused', { exact: true }).waitFor()
    await keepScreenshot(stage.page, 'devices-campaigns')
    await card.getByRole('button', { name: 'Give up' }).click()
    await card.getByLabel('Reason').fill('not needed')
    await card.getByRole('button', { name: 'Give up' }).last().click()
    await card.getByText('given up', { exact: true }).waitFor()
    const [campaign] = (await stage.admin.get<{ items: CampaignView[] }>('/campaigns')).items
    expect(campaign).toMatchObject({ state: 'cancelled', progress: { cancelled: 1, waiting: 0 } })
  })

  test('shows firmware images, and lets a campaign give one', async () => {
    const [image, signed] = ['img', 'sig'].map((end) =>
      readFileSync(path.join(stage.demo.dataDir, 'trust', 'firmware', `gastwin-1.1.0.${end}`)).toString('base64'),
    )
    await stage.admin.post('/firmware', { image, signed, reason: 'test' })
    await stage.tab('Campaigns').click()
    const images = stage.page.getByRole('region', { name: 'Firmware images' })
    await images.getByText('gastwin nb-1 1.1.0').waitFor()
    await images.getByText(/24.000/).waitFor()
    await stage.page.getByRole('button', { name: 'New campaign' }).click()
    const form = stage.page.locator('.campaign-form')
    await form.getByLabel('Name').fill('To 1.1.0')
    await form.getByLabel('Tag or group').selectOption('group:north')
    await form.getByRole('button', { name: 'Count the meters' }).click()
    await form.getByText(/2 meters fit/).waitFor()
    await form.getByRole('button', { name: 'Firmware', exact: true }).click()
    await form.getByLabel('Image').selectOption({ label: 'gastwin nb-1 1.1.0' })
    await form.getByLabel('Reason').fill('memory leak')
    expect(await form.getByRole('button', { name: 'Hold 2 s to begin' }).isEnabled()).toBe(true)
    await keepScreenshot(stage.page, 'devices-firmware')
    await stage.page.getByRole('button', { name: 'New campaign' }).click()
  })

  test('orders of all that the list shows, paced by their cells, and what only a person may take back', async () => {
    await stage.tab('Devices').click()
    await stage.page.getByLabel('Tag or group').selectOption('group:north')
    await stage.page.getByText('1–2 of 2').waitFor()
    await stage.page.getByRole('button', { name: 'Order for these 2 …' }).click()
    const form = stage.page.locator('.campaign-form')
    await form.getByText('From the list of devices: group:north').waitFor()
    await form.getByLabel('Name').fill('Logs of a week')
    await form.getByRole('button', { name: 'Count the meters' }).click()
    await form.getByText(/2 meters fit/).waitFor()
    await form.getByLabel('Order').selectOption({ label: 'send its own log' })
    const button = form.getByRole('button', { name: 'Hold 2 s to begin' })
    await form.getByLabel('Reason').fill('who does not speak')
    await form.getByLabel('Days').fill('31')
    expect(await button.isDisabled()).toBe(true)
    await form.getByLabel('Days').fill('7')
    await form.getByRole('button', { name: 'all, paced by radio cell' }).click()
    await form.getByText('All 2 are told').waitFor()
    await keepScreenshot(stage.page, 'devices-group-orders')
    await stage.hold('Hold 2 s to begin')
    const card = stage.page.locator('.campaign').filter({ hasText: 'Logs of a week' })
    await card.getByText('send its own log, 7 days').waitFor()
    const [campaign] = (await stage.admin.get<{ items: CampaignView[] }>('/campaigns')).items
    expect(campaign).toMatchObject({ order: { kind: 'log', log: { days: 7 } }, targets: 2, canary: 2 })
    await card.getByRole('button', { name: 'Give up' }).click()
    await card.getByLabel('Reason').fill('only a test')
    await card.getByRole('button', { name: 'Give up' }).last().click()
    await card.getByText('given up', { exact: true }).waitFor()
  })
}

/** A radio cell is looked at and told when to speak. */
export function cellPlans(stage: DeviceStage): void {
  test('shows what a radio cell carries, what a plan would make of it, and gives the plan', async () => {
    const { now } = await stage.admin.city()
    const readings = [{ quantity: 'index_m3' as const, at: now, value: 50 }]
    await stage.heard(
      reportOf(Number(stage.other), now, {
        readings,
        sequence: 9_001,
        status: { pci: CELL, rsrpDbm: -90, sinrDb: 5, ecl: 0 },
      }),
    )
    await stage.tab('Spreading').click()
    await eventually(
      60_000,
      () => stage.page.getByLabel('Radio cell').locator('option').allTextContents(),
      (cells) => cells.includes(`PCI ${CELL} (1)`),
    )
    await stage.page.getByLabel('Radio cell').selectOption(String(CELL))
    await stage.page.getByText('Messages in each minute of the night').waitFor()
    await stage.page.getByText('Highest minute').waitFor()
    await stage.page.getByLabel('The cell takes, messages a minute').fill('2')
    await stage.page.getByText('Minutes above the capacity').waitFor()
    await stage.page.locator('.devices-main').getByLabel('Reason').fill('storm at midnight')
    await keepScreenshot(stage.page, 'devices-spreading')
    expect(await violationsOf(stage.page)).toEqual([])
    await stage.hold('Hold 2 s to begin')
    await stage.page.getByText(/Campaign C\d+ has begun/).waitFor()
    const [campaign] = (await stage.admin.get<{ items: CampaignView[] }>('/campaigns')).items
    expect(campaign).toMatchObject({ spreading: { pci: CELL }, targets: 1 })
    await stage.admin.post(`/campaigns/${campaign?.id}/state`, { state: 'cancelled', reason: 'only a test' })
  })
}
