import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { SuspectEvidence } from '@gastwin/server/contract'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMockService } from '../web/src/testing/mock-service.ts'
import { violationsOf } from './support/accessibility.ts'
import { ConsoleBrowser, type ConsolePage } from './support/console-page.ts'
import { keepScreenshot } from './support/screenshot.ts'

/** The built console on an invented city with a ledger of many weeks, which no young demo has. */
let service: Awaited<ReturnType<typeof startMockService>>
let browser: ConsoleBrowser
let desk: ConsolePage
let page: Page

const at = () => ({ url: service.url, password: 'gas' })
const tell = async (state: string) => {
  await fetch(`${service.url}/mock/gap?state=${state}`)
}
const row = (zone: string) => page.locator(`[data-zone="${zone}"]`).first()

beforeAll(async () => {
  const dist = path.join(import.meta.dirname, '../web/dist')
  service = await startMockService({ dist, port: 0, mood: 'busy' })
  browser = await ConsoleBrowser.launch()
  desk = await browser.signIn(at(), 'dispatcher', { width: 1600, height: 900 })
  page = desk.page
  page.setDefaultTimeout(30_000)
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.stop()
}, 60_000)

/** Panels that scroll down, never sideways. */
async function expectNothingCutOff(shown: Page): Promise<void> {
  for (const panel of ['.zones-scroll', '.breakdown-body', '.map-bar', '.cause-body', '.zones-panel .panel-head']) {
    const [needs, has] = await shown.locator(panel).evaluate((e) => [e.scrollWidth, e.clientWidth])
    expect(needs, panel).toBeLessThanOrEqual(has ?? 0)
  }
}

test('opens by key, keeps its place over a reload, and the alarms stay in sight', async () => {
  await page.keyboard.press('Alt+2')
  await page.waitForURL(/#\/gap/)
  await row('Z-07').click()
  await page.waitForURL(/sel=zone%3AZ-07/)
  await page.reload()
  await page.locator('.breakdown [data-zone="Z-07"]').waitFor()
  expect(await page.locator('.urgent-line').textContent()).toContain('Gas in the air')
  expect(await page.getByRole('group', { name: 'Alarms' }).textContent()).toContain('unacked')
})

test('ends the waterfall at the gap, and prints the same number twice', async () => {
  const sum = (await page.locator('.waterfall-values .sum output').textContent()) ?? ''
  expect(sum).toMatch(/^\d/)
  expect(await page.locator('.gap-figure').textContent()).toContain(`+${sum} m³`)
  await page.getByText('sum = gap').waitFor()
  await expectNothingCutOff(page)
  expect(await page.locator('.waterfall-stage rect.unexplained').count()).toBe(1)
  await page.getByRole('button', { name: 'yuan', exact: true }).click()
  expect(await page.locator('.waterfall-values .sum output').textContent()).not.toBe(sum)
  await page.getByRole('button', { name: 'm³', exact: true }).click()
})

test('sorts zones by a column and moves among them by keys', async () => {
  await page.getByRole('button', { name: /^Gap %/ }).click()
  const rates = await page.locator('.zone-ranking tbody tr td:nth-child(3)').allTextContents()
  const numbers = rates.map((text) => Number((/^[+−]?[\d.]+/.exec(text)?.[0] ?? '').replace('−', '-')))
  expect(numbers).toEqual([...numbers].sort((a, b) => b - a))
  expect(numbers.length).toBe(12)
  await row('Z-07').focus()
  await page.keyboard.press('End')
  await page.locator('.breakdown [data-zone="Z-12"]').waitFor()
  await page.getByRole('button', { name: /^#/ }).click()
  await row('Z-07').click()
})

test('shows one suspect in the table, on the map, in the evidence and in the address', async () => {
  const suspect = page.locator('table.suspects tbody tr').nth(1)
  const meter = (await suspect.locator('button.link').first().textContent()) ?? ''
  await suspect.locator('button.link').first().click()
  await page.waitForURL(new RegExp(`sel=meter%3A${meter}`))
  await page.locator('.evidence-pane').getByText(meter).first().waitFor()
  await page.locator('.map-label.suspect.chosen').getByText('2', { exact: true }).waitFor()
  expect(await page.locator('tr.chosen').filter({ hasText: meter }).count()).toBe(1)
  await page.getByText('Counts less than its past').waitFor()
  await page.getByRole('tab', { name: 'Meter and its series' }).click()
  await page.locator('.evidence-pane').getByRole('region', { name: 'Series' }).locator('canvas').first().waitFor()
  await page.getByRole('tab', { name: 'Evidence', exact: true }).click()
  await keepScreenshot(page, 'gap-suspect')
})

test('takes a suspect that is pressed on the map for the one in the table', async () => {
  const mark = page.locator('.map-label.suspect').getByText('1', { exact: true })
  await mark.click()
  const meter =
    (await page.locator('table.suspects tbody tr').first().locator('button.link').first().textContent()) ?? ''
  await page.locator('tr.chosen').filter({ hasText: meter }).waitFor()
  await page.locator('.evidence-pane').getByText(meter).first().waitFor()
})

test('saves evidence whose digest holds, and the statement as a table', async () => {
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save evidence (JSON)' }).click(),
  ])
  const { digest_sm3, ...body } = JSON.parse(readFileSync(await saved.path(), 'utf8')) as SuspectEvidence
  expect(createHash('sm3').update(JSON.stringify(body)).digest('hex')).toBe(digest_sm3)
  const [table] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Statement (CSV)' }).click(),
  ])
  const lines = readFileSync(await table.path(), 'utf8')
    .trimEnd()
    .split('\r\n')
  expect(lines.length).toBe(1 + 12)
  expect(lines[0]).toContain('unexplained_p95_m3')
  const [suspects] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Suspects (CSV)' }).click(),
  ])
  expect(
    readFileSync(await suspects.path(), 'utf8')
      .trimEnd()
      .split('\r\n').length,
  ).toBe(1 + (await page.locator('table.suspects tbody tr').count()))
})

test('saves the zone as a picture for a report, on white and in full', async () => {
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Picture (PNG)' }).click(),
  ])
  expect(saved.suggestedFilename()).toMatch(/^gap_Z-07_2026-11-\d\d_2026-11-\d\d\.png$/)
  const png = readFileSync(await saved.path())
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect(png.readUInt32BE(16)).toBe(2 * 880)
  // A sheet of one colour would be a few kilobytes.
  expect(png.length).toBeGreaterThan(30_000)
})

test('tells of a number how it was computed', async () => {
  await page.locator('.waterfall-values button.how').first().click()
  const sheet = page.getByRole('dialog')
  for (const words of ['Formula', 'Supply', 'Meters not read', 'Model', 'Revision', '2026-11-09'])
    await sheet.getByText(words).first().waitFor()
  await sheet.getByRole('button', { name: 'Close' }).click()
})

test('breaks no rule of WCAG 2.2 AA that a program can find, in any of its lists', async () => {
  for (const tab of ['Replace first', 'Batteries and ages', 'Revisions', /^Suspects/]) {
    await page.getByRole('tab', { name: tab }).click()
    await page.locator('.cause-body table.suspects').waitFor()
    expect(await violationsOf(page)).toEqual([])
  }
})

test('sends a suspect to field work, closes it with what was found, and shows it among the closed ones', async () => {
  const first = page.locator('table.suspects tbody tr').first()
  const meter = (await first.locator('button.link').first().textContent()) ?? ''
  await first.locator('button.link').first().click()
  await page.getByRole('button', { name: 'Send to field work' }).click()
  await page.locator('tr.chosen').getByText('in field work').waitFor()
  await page.getByRole('button', { name: 'Close …' }).click()
  await page.getByLabel('What was found').selectOption('meter_fault')
  await page.getByLabel('Note').fill('wheel stuck')
  expect(await violationsOf(page)).toEqual([])
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.locator('.evidence-pane').getByText('closed · meter fault · wheel stuck').waitFor()
  await page.locator('table.suspects tbody tr').filter({ hasText: meter }).waitFor({ state: 'detached' })
  await page.getByLabel('Which suspects').selectOption('closed')
  await page.locator('table.suspects tbody tr').filter({ hasText: meter }).getByText('closed · meter fault').waitFor()
  await expectNothingCutOff(page)
  await keepScreenshot(page, 'gap-case')
  await page.getByLabel('Which suspects').selectOption('current')
  await page.getByText('Learned model: the shipped one').click()
  await page.getByText('registers walked for small flows').waitFor()
})

test('says what is waited for, what failed, what is old, and when nobody is suspected', async () => {
  for (const [state, words] of [
    ['waiting', 'The first one can be stated before'],
    ['failed', 'The gap could not be stated'],
    ['old', 'the analysis does not keep up'],
  ] as const) {
    await tell(state)
    await page.locator('.zones-panel').getByText(words).waitFor()
  }
  await tell('stated')
  await page.locator('.zone-ranking').waitFor()
  await row('Z-03').click()
  await page.getByText('No meter of this zone is suspected').waitFor()
})

test('speaks Chinese at once', async () => {
  await page.getByRole('button', { name: '中文' }).click()
  for (const words of ['未解释', '合计 = 供销差', '优先换表']) await page.getByText(words).first().waitFor()
  await page.getByRole('button', { name: 'EN', exact: true }).click()
  await page.getByText('sum = gap').waitFor()
})

test('fits a laptop of 1366 × 768: no button and no figure is cut off', async () => {
  // Two maps drawn in software would wait for each other.
  await page.close()
  const { page: laptop } = await browser.signIn(at(), 'dispatcher', { width: 1366, height: 768 })
  laptop.setDefaultTimeout(30_000)
  await laptop.keyboard.press('Alt+2')
  await laptop.locator('.zone-ranking').waitFor()
  await laptop.locator('.waterfall-values .sum output').waitFor()
  await expectNothingCutOff(laptop)
  // The whole waterfall is seen at once; the leaks that are known stand below it, however many there are.
  const [ends, shown] = await laptop
    .locator('.breakdown-body')
    .evaluate((e) => [e.querySelector('.waterfall')?.getBoundingClientRect().bottom, e.getBoundingClientRect().bottom])
  expect(ends).toBeLessThanOrEqual(shown ?? 0)
  await keepScreenshot(laptop, 'gap-1366')
})

test('asked no other origin for anything and complained of nothing', () => {
  expect(desk.complaints).toEqual([])
})
