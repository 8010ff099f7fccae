import { expect, test } from 'vitest'
import { violationsOf } from '../support/accessibility.ts'
import { keepScreenshot } from '../support/screenshot.ts'
import type { DeviceStage } from './device-stage.ts'

/** A customer agrees, the button is permitted, and both are taken back. */
export function consentOfOneHome(stage: DeviceStage): void {
  test('records a customer’s consent, permits the button at the meter, and takes both back', async () => {
    await stage.tab('Devices').click()
    await stage.page.getByLabel('Number or asset').fill(stage.other)
    await stage.page.locator('.device-rows').getByRole('button', { name: stage.other }).click()
    const pane = stage.page.getByRole('region', { name: 'Device', exact: true })
    await pane.getByRole('tab', { name: 'Permits' }).click()
    await pane.getByText('No consent is on record.').waitFor()
    await pane.getByRole('button', { name: 'New consent' }).click()
    await pane.getByLabel('Who agreed').fill('Li Lei')
    await pane.getByLabel('Where it can be looked up').fill('call 4711')
    await pane.getByRole('button', { name: 'Record the consent' }).click()
    const consent = pane.locator('.consents tbody tr')
    await consent.getByText('L**').waitFor()
    await consent.getByText('holds').waitFor()
    await pane.getByLabel('For minutes after the meter was told').fill('30')
    await pane.getByLabel('Reason').fill('fitter on site')
    await stage.hold('Hold 2 s to permit')
    await pane.getByText(/Permit \d+ is on record/).waitFor()
    await pane.locator('.permits').getByText('30 min').waitFor()
    await keepScreenshot(stage.page, 'devices-permits')
    expect(await violationsOf(stage.page)).toEqual([])
    await pane.locator('.permits').getByRole('button', { name: 'Take back' }).click()
    await pane.locator('.permits').getByText('taken back').first().waitFor()
    await consent.getByRole('button', { name: 'Take back' }).click()
    await consent.getByText('taken back').waitFor()
    await pane.getByRole('tab', { name: 'Commands' }).click()
    const form = stage.page.locator('.device-pane .order-form')
    await form.getByRole('button', { name: 'An order' }).click()
    await form.getByLabel('Order').selectOption({ label: 'price table' })
    await form.getByLabel('Step 1: yuan per m³').fill('2.63')
    await form.getByRole('button', { name: 'Add a step' }).click()
    await form.getByLabel('up to m³').fill('300')
    await form.getByLabel('Step 2: yuan per m³').fill('3.16')
    await form.getByLabel('Reason').fill('tariff of the year')
    await keepScreenshot(stage.page, 'devices-prices')
    await stage.hold('Hold 2 s to order')
    await stage.page.locator('.commands').getByText('price table · 2 steps').first().waitFor()
  })
}

/** What customers agreed to, all over the city. */
export function consentsOfTheCity(stage: DeviceStage): void {
  test('lists what customers agreed to all over the city, and takes a consent back', async () => {
    const { now } = await stage.admin.city()
    const consent = {
      device: stage.other,
      given_by: 'Han Mei',
      how: 'written',
      evidence: 'letter 12',
      until: now + 3_600_000,
    }
    await stage.admin.post('/consents', consent)
    const clerk = (await stage.browser.signIn(stage.demo, 'dispatcher', { width: 1366, height: 768 })).page
    await clerk.keyboard.press('Alt+3')
    await clerk.getByRole('tab', { name: 'Trust and keys', exact: true }).click()
    await clerk.getByRole('button', { name: 'Consents and invitations' }).click()
    const line = clerk.locator('.all-consents tbody tr').filter({ hasText: 'letter 12' })
    await line.getByText('given', { exact: true }).waitFor()
    expect(await line.textContent()).not.toContain('Han Mei')
    await clerk.getByRole('button', { name: /^given \d/ }).click()
    expect(await violationsOf(clerk)).toEqual([])
    const [needs, has] = await clerk.locator('.devices-scroll').evaluate((e) => [e.scrollWidth, e.clientWidth])
    expect(needs).toBeLessThanOrEqual(has ?? 0)
    await keepScreenshot(clerk, 'devices-consents-1366')
    await line.getByRole('button', { name: /^Take back K\d/ }).focus()
    await clerk.keyboard.press('Enter')
    await clerk.getByText('None in this state.').waitFor()
    await clerk.getByRole('button', { name: /^all \d/ }).click()
    await line.getByText('taken back', { exact: true }).waitFor()
    await clerk.getByRole('button', { name: '中文' }).click()
    await clerk.getByText('已撤销').first().waitFor()
    await keepScreenshot(clerk, 'devices-consents-zh')
    await clerk.close()
  }, 180_000)
}
