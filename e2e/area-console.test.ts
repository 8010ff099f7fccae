import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { FOREIGN, OTHER, OWN, PASSWORD, TwoAreas } from '../server/src/service/area/testing/two-areas.ts'
import { ConsoleBrowser, type ConsolePage } from './support/console-page.ts'
import { keepScreenshot } from './support/screenshot.ts'

let town: TwoAreas
let browser: ConsoleBrowser
let desk: ConsolePage

beforeAll(async () => {
  town = await TwoAreas.start()
  for (const zone of [OWN, OTHER]) await town.report(zone, 10)
  browser = await ConsoleBrowser.launch()
  desk = await browser.signIn({ url: town.service.url, password: PASSWORD }, 'dispatcher', { width: 1366, height: 768 })
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await town?.close()
}, 120_000)
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error('screens as they were:', await browser.keepScreens('area-failed'))
})

test('the console of an area says which it is, and shows nothing of another on any screen', async () => {
  const { page } = desk
  await page.locator('.who').getByText('dispatcher · Z1').waitFor()
  await page.locator('canvas').first().waitFor()
  await keepScreenshot(page, 'area-dispatch')
  expect(await page.locator('body').textContent()).not.toMatch(FOREIGN)
  await page.keyboard.press('Alt+3')
  await page.getByText(`1–${OWN.meters.length + 1} of ${OWN.meters.length + 1}`).waitFor()
  await keepScreenshot(page, 'area-devices')
  expect(await page.locator('body').textContent()).not.toMatch(FOREIGN)
  await page.keyboard.press('Alt+2')
  await page.locator('main').waitFor()
  await keepScreenshot(page, 'area-gap')
  expect(await page.locator('body').textContent()).not.toMatch(FOREIGN)
}, 180_000)

test('what lies outside is refused in words', async () => {
  const { page } = desk
  await page.goto(`${town.service.url}/#/devices?sel=meter%3A${OTHER.meters[0]}`)
  await page.getByText('This lies outside of your area').first().waitFor()
  await keepScreenshot(page, 'area-refused')
}, 120_000)

test('nothing went wrong in the browser but what the service refused', () => {
  expect(desk.complaints.filter((line) => !/status of (403|503)/.test(line))).toEqual([])
})
