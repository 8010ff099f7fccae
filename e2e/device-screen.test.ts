import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { CampaignView, CommandRecord, DeviceCard } from '@gastwin/server/contract'
import type { Report } from '@gastwin/twin'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { violationsOf } from './support/accessibility.ts'
import type { ApiClient } from './support/api-client.ts'
import { ConsoleBrowser, type ConsolePage } from './support/console-page.ts'
import { type RunningDemo, startDemo } from './support/demo-process.ts'
import { DevicePeer, reportOf } from './support/device-peer.ts'
import { eventually } from './support/eventually.ts'
import { keepScreenshot } from './support/screenshot.ts'

/** A meter that nobody knows, and the home where it will stand. */
const STRANGER = 99_000_000_001
/** Of the points that come by a table. */
const NEW_POINT = 99_000_000_101
/** A radio cell of no other meter. */
const CELL = 7
let demo: RunningDemo
let browser: ConsoleBrowser
let desk: ConsolePage
let page: Page
let laptop: Page
let peer: DevicePeer
let admin: ApiClient
let home = ''
let other = ''

const tab = (name: string) => page.getByRole('tab', { name, exact: true })
/** Orders are given by a button held for two seconds: waiting is the act. */
const HOLD_MS = 2_300
const hold = async (name: string) => {
  const button = page.getByRole('button', { name })
  await button.scrollIntoViewIfNeeded()
  await button.focus()
  await page.keyboard.down('Enter')
  await page.waitForTimeout(HOLD_MS)
  await page.keyboard.up('Enter')
}

/** A busy service says later, and the device tries again. */
const heard = (said: Report) =>
  eventually(
    30_000,
    () =>
      peer.report(said).then(
        () => true,
        () => false,
      ),
    (taken) => taken,
  )

beforeAll(async () => {
  demo = await startDemo({ scenario: 'calm', speed: 60, meters: 300 })
  admin = await demo.signIn('admin')
  home = demo.homes[0] ?? ''
  other = demo.homes[1] ?? ''
  peer = await DevicePeer.open(demo)
  const { now } = await admin.city()
  await heard(
    reportOf(Number(home), now, { readings: [{ quantity: 'index_m3', at: now, value: 100 }], sequence: 9_000 }),
  )
  await heard(reportOf(STRANGER, now, { readings: [{ quantity: 'index_m3', at: now, value: 1 }] }))
  const table = `number,life,group,tags,maker\r\n${home},in_service,north,old;loud,Aa\r\n${other},in_service,north,old,Aa\r\n`
  await fetch(`${demo.url}/api/v1/archive/devices/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'text/csv' },
    body: table,
  })
  browser = await ConsoleBrowser.launch()
  desk = await browser.signIn(demo, 'safety')
  page = desk.page
}, 240_000)
afterAll(async () => {
  peer?.close()
  await browser?.close()
  await demo?.stop()
}, 120_000)
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error('screens as they were:', await browser.keepScreens('devices-failed'))
})

test('opens by key, and finds devices by number, by what they are and by how they are', async () => {
  await page.keyboard.press('Alt+3')
  await page.waitForURL(/#\/devices/)
  const rows = page.locator('.device-rows tbody tr')
  await rows.first().waitFor()
  expect(await page.locator('.devices-foot output').textContent()).toMatch(/^1–50 of \d+$/)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText(/^51–100 of/).waitFor()
  await keepScreenshot(page, 'devices-list')
  await page.getByLabel('Number or asset').fill(home)
  await page.getByText('1–1 of 1').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByLabel('Tag or group').selectOption('tag:old')
  await page.getByText('1–2 of 2').waitFor()
  await page.getByRole('button', { name: 'valve abnormal' }).click()
  await page.getByText('No device fits these filters.').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).click()
})

test('goes through the rows by keys, and the choice is the one of the map and of the address', async () => {
  await page.getByLabel('Tag or group').selectOption('group:north')
  await page.getByText('1–2 of 2').waitFor()
  await page.locator('.device-rows button.link').first().focus()
  await page.keyboard.press('End')
  await page.waitForURL(/sel=meter%3A\d+/)
  const chosen = page.locator('.device-rows tr.chosen')
  expect(await chosen.count()).toBe(1)
  await page.keyboard.press('Home')
  await page.locator('.device-pane').getByText('Own time').waitFor()
  await page.getByRole('button', { name: 'Show on the map' }).click()
  await page.waitForURL(/#\/dispatch\?sel=meter/)
  await page.keyboard.press('Alt+3')
})

test('explains a raw frame field by field, and tells what happened to the device', async () => {
  await page.getByLabel('Number or asset').fill(home)
  await page.locator('.device-rows').getByRole('button', { name: home }).click()
  await tab('Frames').click()
  const frame = page.locator('.frame-card').first()
  await frame.getByText('device time', { exact: true }).waitFor({ timeout: 60_000 })
  await frame.getByText('CBOR', { exact: false }).first().waitFor()
  await keepScreenshot(page, 'devices-frames')
  await tab('Log').click()
  await page.locator('.log-lines').getByText('report taken').first().waitFor()
})

test('orders a setting by a held button only, and takes it back while no device was told', async () => {
  await page.getByRole('region', { name: 'Device', exact: true }).getByRole('tab', { name: 'Commands' }).click()
  const form = page.locator('.order-form')
  await form.getByLabel('Parameter').selectOption('report_spread_s')
  await form.getByLabel('Value').fill('601')
  await form.getByLabel('Reason').fill('spread the night')
  const button = form.getByRole('button', { name: 'Hold 2 s to order' })
  expect(await button.isDisabled()).toBe(true)
  await form.getByLabel('Value').fill('30')
  await button.click()
  const commands = async () => (await admin.get<{ items: CommandRecord[] }>(`/commands?device=${home}`)).items
  expect(await commands()).toEqual([])
  await hold('Hold 2 s to order')
  await page.getByText(/Command \d+ is on record/).waitFor()
  await page.locator('.commands').getByText('queued').waitFor()
  await keepScreenshot(page, 'devices-commands')
  await page.getByRole('button', { name: 'Take back' }).click()
  await page.locator('.commands').getByText('taken back').first().waitFor()
  expect((await commands()).map(({ state }) => state)).toEqual(['cancelled'])
})

test('adopts a stranger from quarantine in the place of another meter', async () => {
  await tab('Quarantine').click()
  const line = page.locator('.quarantine tr').filter({ hasText: String(STRANGER) })
  await line.getByText('unknown device').waitFor()
  await line.getByRole('button', { name: 'Adopt' }).click()
  const form = page.locator('.devices-main .order-form')
  await form.getByLabel('Metering point').fill(home)
  await form.getByLabel('Register of the new meter').fill('1')
  await form.getByLabel('Reason').fill('ten years old')
  await keepScreenshot(page, 'devices-quarantine')
  await hold('Hold 2 s to change the meter')
  await form.getByText(`${STRANGER} stands at ${home}.`).waitFor()
  const card = await admin.get<DeviceCard>(`/devices/${home}/card`)
  expect(card.fittings.map(({ device }) => device)).toEqual([String(STRANGER)])
  await page.getByText('Nothing is in quarantine').waitFor()
  await tab('Archive').click()
  await page.getByText(`${STRANGER} in place of ${home}`).waitFor()
  await keepScreenshot(page, 'devices-archive')
})

test('begins a campaign with its canary, rests and gives up', async () => {
  await tab('Campaigns').click()
  await page.getByText('No campaign is on record.').waitFor()
  await page.getByRole('button', { name: 'New campaign' }).click()
  const form = page.locator('.campaign-form')
  await form.getByLabel('Name').fill('Spread the night')
  await form.getByLabel('Tag or group').selectOption('group:north')
  await form.getByRole('button', { name: 'Count the meters' }).click()
  await form.getByText(/2 meters fit/).waitFor()
  await form.getByLabel('Parameter').selectOption('report_spread_s')
  await form.getByLabel('Value').fill('20')
  await form.getByLabel('Canary, meters').fill('1')
  await form.getByLabel('Reason').fill('busy cells')
  await keepScreenshot(page, 'devices-campaign-form')
  await hold('Hold 2 s to begin')
  const card = page.locator('.campaign').filter({ hasText: 'Spread the night' })
  await card.getByText('canary', { exact: true }).waitFor()
  await card.getByText('1 waiting for their report').waitFor()
  await card.getByRole('button', { name: 'Pause' }).click()
  await card.getByLabel('Reason').fill('storm')
  await card.getByRole('button', { name: 'Pause' }).last().click()
  await card.getByText('paused', { exact: true }).waitFor()
  await keepScreenshot(page, 'devices-campaigns')
  await card.getByRole('button', { name: 'Give up' }).click()
  await card.getByLabel('Reason').fill('not needed')
  await card.getByRole('button', { name: 'Give up' }).last().click()
  await card.getByText('given up', { exact: true }).waitFor()
  const [campaign] = (await admin.get<{ items: CampaignView[] }>('/campaigns')).items
  expect(campaign).toMatchObject({ state: 'cancelled', progress: { cancelled: 1, waiting: 0 } })
})

test('shows firmware images, and lets a campaign give one', async () => {
  const [image, signed] = ['img', 'sig'].map((end) =>
    readFileSync(path.join(demo.dataDir, 'trust', 'firmware', `gastwin-1.1.0.${end}`)).toString('base64'),
  )
  await admin.post('/firmware', { image, signed, reason: 'test' })
  await tab('Campaigns').click()
  const images = page.getByRole('region', { name: 'Firmware images' })
  await images.getByText('gastwin nb-1 1.1.0').waitFor()
  await images.getByText(/24.000/).waitFor()
  await page.getByRole('button', { name: 'New campaign' }).click()
  const form = page.locator('.campaign-form')
  await form.getByLabel('Name').fill('To 1.1.0')
  await form.getByLabel('Tag or group').selectOption('group:north')
  await form.getByRole('button', { name: 'Count the meters' }).click()
  await form.getByText(/2 meters fit/).waitFor()
  await form.getByRole('button', { name: 'Firmware', exact: true }).click()
  await form.getByLabel('Image').selectOption({ label: 'gastwin nb-1 1.1.0' })
  await form.getByLabel('Reason').fill('memory leak')
  expect(await form.getByRole('button', { name: 'Hold 2 s to begin' }).isEnabled()).toBe(true)
  await keepScreenshot(page, 'devices-firmware')
  await page.getByRole('button', { name: 'New campaign' }).click()
})

test('orders of all that the list shows, paced by their cells, and what only a person may take back', async () => {
  await tab('Devices').click()
  await page.getByLabel('Tag or group').selectOption('group:north')
  await page.getByText('1–2 of 2').waitFor()
  await page.getByRole('button', { name: 'Order for these 2 …' }).click()
  const form = page.locator('.campaign-form')
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
  await keepScreenshot(page, 'devices-group-orders')
  await hold('Hold 2 s to begin')
  const card = page.locator('.campaign').filter({ hasText: 'Logs of a week' })
  await card.getByText('send its own log, 7 days').waitFor()
  const [campaign] = (await admin.get<{ items: CampaignView[] }>('/campaigns')).items
  expect(campaign).toMatchObject({ order: { kind: 'log', log: { days: 7 } }, targets: 2, canary: 2 })
  await card.getByRole('button', { name: 'Give up' }).click()
  await card.getByLabel('Reason').fill('only a test')
  await card.getByRole('button', { name: 'Give up' }).last().click()
  await card.getByText('given up', { exact: true }).waitFor()
})

test('records a customer’s consent, permits the button at the meter, and takes both back', async () => {
  await tab('Devices').click()
  await page.getByLabel('Number or asset').fill(other)
  await page.locator('.device-rows').getByRole('button', { name: other }).click()
  const pane = page.getByRole('region', { name: 'Device', exact: true })
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
  await hold('Hold 2 s to permit')
  await pane.getByText(/Permit \d+ is on record/).waitFor()
  await pane.locator('.permits').getByText('30 min').waitFor()
  await keepScreenshot(page, 'devices-permits')
  expect(await violationsOf(page)).toEqual([])
  await pane.locator('.permits').getByRole('button', { name: 'Take back' }).click()
  await pane.locator('.permits').getByText('taken back').first().waitFor()
  await consent.getByRole('button', { name: 'Take back' }).click()
  await consent.getByText('taken back').waitFor()
  await pane.getByRole('tab', { name: 'Commands' }).click()
  const form = page.locator('.device-pane .order-form')
  await form.getByRole('button', { name: 'An order' }).click()
  await form.getByLabel('Order').selectOption({ label: 'price table' })
  await form.getByLabel('Step 1: yuan per m³').fill('2.63')
  await form.getByRole('button', { name: 'Add a step' }).click()
  await form.getByLabel('up to m³').fill('300')
  await form.getByLabel('Step 2: yuan per m³').fill('3.16')
  await form.getByLabel('Reason').fill('tariff of the year')
  await keepScreenshot(page, 'devices-prices')
  await hold('Hold 2 s to order')
  await page.locator('.commands').getByText('price table · 2 steps').first().waitFor()
})

test('shows what a radio cell carries, what a plan would make of it, and gives the plan', async () => {
  const { now } = await admin.city()
  const readings = [{ quantity: 'index_m3' as const, at: now, value: 50 }]
  await heard(
    reportOf(Number(other), now, { readings, sequence: 9_001, status: { pci: CELL, rsrpDbm: -90, sinrDb: 5, ecl: 0 } }),
  )
  await tab('Spreading').click()
  await eventually(
    60_000,
    () => page.getByLabel('Radio cell').locator('option').allTextContents(),
    (cells) => cells.includes(`PCI ${CELL} (1)`),
  )
  await page.getByLabel('Radio cell').selectOption(String(CELL))
  await page.getByText('Messages in each minute of the night').waitFor()
  await page.getByText('Highest minute').waitFor()
  await page.getByLabel('The cell takes, messages a minute').fill('2')
  await page.getByText('Minutes above the capacity').waitFor()
  await page.locator('.devices-main').getByLabel('Reason').fill('storm at midnight')
  await keepScreenshot(page, 'devices-spreading')
  expect(await violationsOf(page)).toEqual([])
  await hold('Hold 2 s to begin')
  await page.getByText(/Campaign C\d+ has begun/).waitFor()
  const [campaign] = (await admin.get<{ items: CampaignView[] }>('/campaigns')).items
  expect(campaign).toMatchObject({ spreading: { pci: CELL }, targets: 1 })
  await admin.post(`/campaigns/${campaign?.id}/state`, { state: 'cancelled', reason: 'only a test' })
})

test('says reading rates without rounding up, or what is waited for', async () => {
  await tab('Reading rates').click()
  await page.waitForURL(/#\/devices\?.*tab=rates/)
  await page.reload()
  await page
    .getByText(/No daily value was due yet|Came at all/)
    .first()
    .waitFor()
  await page.getByRole('button', { name: 'zone', exact: true }).click()
  await page.getByText('The network has no concentrator.').or(page.locator('.concentrators')).first().waitFor()
  await keepScreenshot(page, 'devices-rates')
})

test('says who is not trusted, and what of the keys is not for this role', async () => {
  await tab('Trust and keys').click()
  await page.getByText('No terminal is suspected.').or(page.locator('.hostile')).first().waitFor()
  await page.getByText('How the keys are used is for administrators.').waitFor()
  await keepScreenshot(page, 'devices-trust')
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
    await tab(name).click()
    expect([name, await violationsOf(page)]).toEqual([name, []])
  }
  for (const name of ['Commands', 'Permits', 'Frames', 'Log', 'Archive', 'Twin']) {
    await page.getByRole('region', { name: 'Device', exact: true }).getByRole('tab', { name, exact: true }).click()
    expect([name, await violationsOf(page)]).toEqual([name, []])
  }
})

test('speaks Chinese at once', async () => {
  await page.getByRole('button', { name: '中文' }).click()
  for (const words of ['抄表率', '隔离区', '批量任务', '最近上报']) await page.getByText(words).first().waitFor()
  await keepScreenshot(page, 'devices-zh')
  await page.getByRole('button', { name: 'EN', exact: true }).click()
})

test('takes a table of the archive after a look at what it would change, or says each mistake by its line; prints how safe all is', async () => {
  const clerk = (await browser.signIn(demo, 'admin')).page
  await clerk.keyboard.press('Alt+3')
  await clerk.getByRole('tab', { name: 'Archive tables', exact: true }).click()
  const give = (text: string) =>
    clerk
      .getByLabel('A file for “Devices”:')
      .setInputFiles({ name: 'meters.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
  await give(`number,installed_on\r\n${other},2026-02-30\r\n1.81702E+11,\r\n`)
  await clerk.getByText(/mistakes: nothing can be taken/).waitFor()
  const lines = clerk.locator('.import-faults tbody tr')
  expect(await lines.locator('td:first-child').allTextContents()).toEqual(['2', '3', '3'])
  await keepScreenshot(clerk, 'devices-import-faults')
  await give(`number,maker\r\n${other},Bb\r\n`)
  await clerk.getByText('maker: Aa → Bb').waitFor()
  expect(await violationsOf(clerk)).toEqual([])
  await keepScreenshot(clerk, 'devices-import')
  const button = clerk.getByRole('button', { name: 'Hold 2 s to apply' })
  await button.focus()
  await clerk.keyboard.down('Enter')
  await clerk.waitForTimeout(HOLD_MS)
  await clerk.keyboard.up('Enter')
  await clerk.getByText('Done: 0 new, 1 changed.').waitFor()
  const card = await admin.get<DeviceCard>(`/devices/${other}/card`)
  expect(JSON.stringify(card)).toContain('"Bb"')
  await clerk.getByRole('tab', { name: 'Trust and keys', exact: true }).click()
  await clerk.getByRole('button', { name: 'Security report' }).click()
  await clerk.locator('.findings').getByText('The accounts of the demo are open.').waitFor()
  await clerk.getByText('Remove them before anybody else can reach the console.').waitFor()
  const [file] = await Promise.all([
    clerk.waitForEvent('download'),
    clerk.getByRole('button', { name: 'Save as CSV' }).click(),
  ])
  expect(readFileSync(await file.path(), 'utf8')).toContain('"serious","The accounts of the demo are open."')
  await keepScreenshot(clerk, 'devices-security')
  expect(await violationsOf(clerk)).toEqual([])
  await clerk.close()
})

test('lists what customers agreed to all over the city, and takes a consent back', async () => {
  const { now } = await admin.city()
  const consent = { device: other, given_by: 'Han Mei', how: 'written', evidence: 'letter 12', until: now + 3_600_000 }
  await admin.post('/consents', consent)
  const clerk = (await browser.signIn(demo, 'dispatcher', { width: 1366, height: 768 })).page
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

test('brings points by a table, or says of each mistake what to do and takes nothing; keeps who brought which file', async () => {
  const clerk = (await browser.signIn(demo, 'admin')).page
  await clerk.keyboard.press('Alt+3')
  await clerk.getByRole('tab', { name: 'Archive tables', exact: true }).click()
  await clerk.getByRole('button', { name: 'New points' }).click()
  await clerk.getByText('No point came by a table yet').waitFor()
  const give = (name: string, text: string) =>
    clerk
      .getByLabel('A file for “New points”:')
      .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
  const { items } = await admin.get<{ items: { node?: string; pipe?: string }[] }>('/points')
  expect(items).toEqual([])
  await give('bad.csv', `number,node,zone\r\n${NEW_POINT},nowhere,\r\n${home},nowhere,\r\n${NEW_POINT + 1},,ZZ\r\n`)
  await clerk.getByText(/mistakes: nothing can be taken/).waitFor()
  const lines = clerk.locator('.import-faults tbody tr')
  expect(await lines.count()).toBeGreaterThan(3)
  for (const line of await lines.all())
    for (const cell of await line.locator('td').allTextContents()) expect(cell.trim()).not.toBe('')
  await clerk.getByText('Look the node up on the map').first().waitFor()
  expect(await clerk.getByRole('button', { name: 'Hold 2 s to apply' }).count()).toBe(0)
  expect(await violationsOf(clerk)).toEqual([])
  await keepScreenshot(clerk, 'devices-points-faults')
  const { zone } = await admin.get<{ zone: string }>(`/devices/${other}`)
  await give('water.csv', `number,medium,zone\r\n${NEW_POINT},water,${zone}\r\n${NEW_POINT + 1},water,${zone}\r\n`)
  const button = clerk.getByRole('button', { name: 'Hold 2 s to apply' })
  await button.focus()
  await clerk.keyboard.down('Enter')
  await clerk.waitForTimeout(HOLD_MS)
  await clerk.keyboard.up('Enter')
  await clerk.getByText('Done: 2 new, 0 changed.').waitFor()
  const taken = clerk.locator('.point-imports tbody tr')
  await taken.getByText('water.csv').waitFor()
  await taken.getByText(`${NEW_POINT} … ${NEW_POINT + 1}`).waitFor()
  expect((await admin.get<{ items: unknown[] }>('/points')).items.length).toBe(2)
  await keepScreenshot(clerk, 'devices-points')
  await clerk.close()
}, 180_000)

test('shows a viewer everything but the acts, and fits a laptop of 1366 × 768', async () => {
  await page.close()
  laptop = (await browser.signIn(demo, 'viewer', { width: 1366, height: 768 })).page
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
  await demo.crash()
  await laptop.getByText('The connection is lost: this is what was known then.').first().waitFor({ timeout: 60_000 })
  await keepScreenshot(laptop, 'devices-old')
})

test('asked no other origin for anything and complained of nothing', () => {
  expect(desk.complaints).toEqual([])
})
