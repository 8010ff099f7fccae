import type { CommandRecord, DeviceCard } from '@gastwin/server/contract'
import { expect, test } from 'vitest'
import { keepScreenshot } from '../support/screenshot.ts'
import { type DeviceStage, STRANGER } from './device-stage.ts'

/** One meter is told something, and a stranger takes its place. */
export function meterOrders(stage: DeviceStage): void {
  test('orders a setting by a held button only, and takes it back while no device was told', async () => {
    await stage.page.getByRole('region', { name: 'Device', exact: true }).getByRole('tab', { name: 'Commands' }).click()
    const form = stage.page.locator('.order-form')
    await form.getByLabel('Parameter').selectOption('report_spread_s')
    await form.getByLabel('Value').fill('601')
    await form.getByLabel('Reason').fill('spread the night')
    const button = form.getByRole('button', { name: 'Hold 2 s to order' })
    expect(await button.isDisabled()).toBe(true)
    await form.getByLabel('Value').fill('30')
    await button.click()
    const commands = async () =>
      (await stage.admin.get<{ items: CommandRecord[] }>(`/commands?device=${stage.home}`)).items
    expect(await commands()).toEqual([])
    await stage.hold('Hold 2 s to order')
    await stage.page.getByText(/Command \d+ is on record/).waitFor()
    await stage.page.locator('.commands').getByText('queued').waitFor()
    await keepScreenshot(stage.page, 'devices-commands')
    await stage.page.getByRole('button', { name: 'Take back' }).click()
    await stage.page.locator('.commands').getByText('taken back').first().waitFor()
    expect((await commands()).map(({ state }) => state)).toEqual(['cancelled'])
  })

  test('adopts a stranger from quarantine in the place of another meter', async () => {
    await stage.tab('Quarantine').click()
    const line = stage.page.locator('.quarantine tr').filter({ hasText: String(STRANGER) })
    await line.getByText('unknown device').waitFor()
    await line.getByRole('button', { name: 'Adopt' }).click()
    const form = stage.page.locator('.devices-main .order-form')
    await form.getByLabel('Metering point').fill(stage.home)
    await form.getByLabel('Register of the new meter').fill('1')
    await form.getByLabel('Reason').fill('ten years old')
    await keepScreenshot(stage.page, 'devices-quarantine')
    await stage.hold('Hold 2 s to change the meter')
    await form.getByText(`${STRANGER} stands at ${stage.home}.`).waitFor()
    const card = await stage.admin.get<DeviceCard>(`/devices/${stage.home}/card`)
    expect(card.fittings.map(({ device }) => device)).toEqual([String(STRANGER)])
    await stage.page.getByText('Nothing is in quarantine').waitFor()
    await stage.tab('Archive').click()
    await stage.page.getByText(`${STRANGER} in place of ${stage.home}`).waitFor()
    await keepScreenshot(stage.page, 'devices-archive')
  })
}
