import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { campaigns, cellPlans } from './device-screen/campaigns.ts'
import { consentOfOneHome, consentsOfTheCity } from './device-screen/consents.ts'
import { DeviceStage } from './device-screen/device-stage.ts'
import { findingDevices } from './device-screen/finding-devices.ts'
import { meterOrders } from './device-screen/meter-orders.ts'
import { archiveTables, pointTables } from './device-screen/tables.ts'
import { violationsOf } from './support/accessibility.ts'
import { keepScreenshot } from './support/screenshot.ts'

/** One city for all stories, one after the other: each leaves the screen as the next one finds it. */
const stage = new DeviceStage()
let laptop: Page
beforeAll(() => stage.open(), 240_000)
afterAll(() => stage.close(), 120_000)
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail')
    console.error('screens as they were:', await stage.browser.keepScreens('devices-failed'))
})

findingDevices(stage)
meterOrders(stage)
campaigns(stage)
consentOfOneHome(stage)
cellPlans(stage)

test('says reading rates without rounding up, or what is waited for', async () => {
  await stage.tab('Reading rates').click()
  await stage.page.waitForURL(/#\/devices\?.*tab=rates/)
  await stage.page.reload()
  await stage.page
    .getByText(/No daily value was due yet|Came at all/)
    .first()
    .waitFor()
  await stage.page.getByRole('button', { name: 'zone', exact: true }).click()
  await stage.page
    .getByText('The network has no concentrator.')
    .or(stage.page.locator('.concentrators'))
    .first()
    .waitFor()
  await keepScreenshot(stage.page, 'devices-rates')
})

test('says who is not trusted, and what of the keys is not for this role', async () => {
  await stage.tab('Trust and keys').click()
  await stage.page.getByText('No terminal is suspected.').or(stage.page.locator('.hostile')).first().waitFor()
  await stage.page.getByText('How the keys are used is for administrators.').waitFor()
  await keepScreenshot(stage.page, 'devices-trust')
})

test('breaks no rule of WCAG 2.2 AA that a program can find, on any of its tabs', async () => {
  for (const name of [
    'Reading rates',
    'Quarantine',
    'Campaigns',
    'Archive tables',
    'Trust and keys',
    'Spreading',
    'Devices',
  ]) {
    await stage.tab(name).click()
    expect([name, await violationsOf(stage.page)]).toEqual([name, []])
  }
  for (const name of ['Commands', 'Permits', 'Frames', 'Log', 'Archive', 'Twin']) {
    await stage.page
      .getByRole('region', { name: 'Device', exact: true })
      .getByRole('tab', { name, exact: true })
      .click()
    expect([name, await violationsOf(stage.page)]).toEqual([name, []])
  }
})

test('speaks Chinese at once', async () => {
  await stage.page.getByRole('button', { name: '中文' }).click()
  for (const words of ['抄表率', '隔离区', '批量任务', '最近上报']) await stage.page.getByText(words).first().waitFor()
  await keepScreenshot(stage.page, 'devices-zh')
  await stage.page.getByRole('button', { name: 'EN', exact: true }).click()
})

archiveTables(stage)
consentsOfTheCity(stage)
pointTables(stage)

test('shows a viewer everything but the acts, and fits a laptop of 1366 × 768', async () => {
  await stage.page.close()
  laptop = (await stage.browser.signIn(stage.demo, 'viewer', { width: 1366, height: 768 })).page
  await laptop.keyboard.press('Alt+3')
  await laptop.locator('.device-rows tbody tr').first().waitFor()
  await laptop.locator('.device-rows button.link').first().click()
  await laptop.locator('.device-pane').getByText('Own time').waitFor()
  for (const panel of ['.devices-scroll', '.device-filters', '.pane-body', '.devices-foot', '.devices-main > .tabs']) {
    const [needs, has] = await laptop.locator(panel).evaluate((e) => [e.scrollWidth, e.clientWidth])
    expect(needs, panel).toBeLessThanOrEqual(has ?? 0)
  }
  await keepScreenshot(laptop, 'devices-1366')
  await laptop.getByRole('region', { name: 'Device', exact: true }).getByRole('tab', { name: 'Commands' }).click()
  await laptop.getByText('Commands need the role safety engineer').waitFor()
  expect(await laptop.getByRole('button', { name: /^Hold 2 s/ }).count()).toBe(0)
})

test('says what is old when the service is gone', async () => {
  await stage.demo.crash()
  await laptop.getByText('The connection is lost: this is what was known then.').first().waitFor({ timeout: 60_000 })
  await keepScreenshot(laptop, 'devices-old')
})

test('asked no other origin for anything and complained of nothing', () => {
  expect(stage.desk.complaints).toEqual([])
})
