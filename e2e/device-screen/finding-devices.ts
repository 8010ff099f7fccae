import { expect, test } from 'vitest'
import { keepScreenshot } from '../support/screenshot.ts'
import type { DeviceStage } from './device-stage.ts'

/** Devices are found by what they are, chosen, and tell what they said. */
export function findingDevices(stage: DeviceStage): void {
  test('opens by key, and finds devices by number, by what they are and by how they are', async () => {
    await stage.page.keyboard.press('Alt+3')
    await stage.page.waitForURL(/#\/devices/)
    const rows = stage.page.locator('.device-rows tbody tr')
    await rows.first().waitFor()
    expect(await stage.page.locator('.devices-foot output').textContent()).toMatch(/^1–50 of \d+$/)
    await stage.page.getByRole('button', { name: 'Next' }).click()
    await stage.page.getByText(/^51–100 of/).waitFor()
    await keepScreenshot(stage.page, 'devices-list')
    await stage.page.getByLabel('Number or asset').fill(stage.home)
    await stage.page.getByText('1–1 of 1').waitFor()
    await stage.page.getByRole('button', { name: 'Clear filters' }).click()
    await stage.page.getByLabel('Tag or group').selectOption('tag:old')
    await stage.page.getByText('1–2 of 2').waitFor()
    await stage.page.getByRole('button', { name: 'valve abnormal' }).click()
    await stage.page.getByText('No device fits these filters.').waitFor()
    await stage.page.getByRole('button', { name: 'Clear filters' }).click()
  })

  test('goes through the rows by keys, and the choice is the one of the map and of the address', async () => {
    await stage.page.getByLabel('Tag or group').selectOption('group:north')
    await stage.page.getByText('1–2 of 2').waitFor()
    await stage.page.locator('.device-rows button.link').first().focus()
    await stage.page.keyboard.press('End')
    await stage.page.waitForURL(/sel=meter%3A\d+/)
    const chosen = stage.page.locator('.device-rows tr.chosen')
    expect(await chosen.count()).toBe(1)
    await stage.page.keyboard.press('Home')
    await stage.page.locator('.device-pane').getByText('Own time').waitFor()
    await stage.page.getByRole('button', { name: 'Show on the map' }).click()
    await stage.page.waitForURL(/#\/dispatch\?sel=meter/)
    await stage.page.keyboard.press('Alt+3')
  })

  test('explains a raw frame field by field, and tells what happened to the device', async () => {
    await stage.page.getByLabel('Number or asset').fill(stage.home)
    await stage.page.locator('.device-rows').getByRole('button', { name: stage.home }).click()
    await stage.tab('Frames').click()
    // The home itself may have reported since, in its own language: the newest frame alone stands open.
    const frame = stage.page.locator('.frame-card', { hasText: 'CBOR' }).first()
    await frame.waitFor({ timeout: 60_000 })
    if ((await frame.getAttribute('open')) === null) await frame.locator('summary').click()
    await frame.getByText('device time', { exact: true }).waitFor({ timeout: 60_000 })
    await frame.getByText('CBOR', { exact: false }).first().waitFor()
    await keepScreenshot(stage.page, 'devices-frames')
    await stage.tab('Log').click()
    await stage.page.locator('.log-lines').getByText('report taken').first().waitFor()
  })
}
