import type { Alarm, GapLedger } from '@gastwin/server/contract'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { violationsOf } from './support/accessibility.ts'
import { ConsoleBrowser, type ConsolePage } from './support/console-page.ts'
import { type RunningDemo, startDemo } from './support/demo-process.ts'
import { DevicePeer, reportOf } from './support/device-peer.ts'
import { eventually, PATIENCE } from './support/eventually.ts'
import { keepScreenshot } from './support/screenshot.ts'

let demo: RunningDemo
let browser: ConsoleBrowser
let dispatcher: ConsolePage
let peer: DevicePeer
let home = ''

beforeAll(async () => {
  demo = await startDemo({ scenario: 'calm', speed: 60, warmUpHours: 2 })
  browser = await ConsoleBrowser.launch()
  home = demo.homes[0] ?? ''
  const viewer = await demo.signIn('viewer')
  await eventually(
    60_000,
    () => viewer.city(),
    ({ speed }) => speed === 60,
  )
  peer = await DevicePeer.open(demo)
  await cryAlarm()
  dispatcher = await browser.signIn(demo, 'dispatcher')
}, 540_000)
afterAll(async () => {
  peer?.close()
  await browser?.close()
  await demo?.stop()
}, 180_000)

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error('screens as they were:', await browser.keepScreens('console-failed'))
})

let cries = 60
/** Two homes smell gas. Their own daily reports, which know nothing of it, end the alarm: at night one may come at any moment. */
async function cryAlarm(): Promise<void> {
  const { now } = await (await demo.signIn('viewer')).city()
  cries += 1
  for (const meter of demo.homes.slice(0, 2))
    await peer.report(reportOf(Number(meter), now, { trigger: 'alarm', events: ['gas_leak'], sequence: cries }))
}

/** Waits for the home's row among the alarms; cries again as long as it is not there. */
async function rowOfHome(page: Page) {
  const row = page.getByRole('row').filter({ hasText: home }).first()
  for (let tries = 0; tries < 5; tries++) {
    await cryAlarm()
    if (
      await row.waitFor({ timeout: 5_000 * PATIENCE }).then(
        () => true,
        () => false,
      )
    )
      return row
  }
  throw new Error(
    `no row of ${home}; alarms: ${JSON.stringify(await (await demo.signIn('viewer')).alarms()).slice(0, 4000)}`,
  )
}

const alarmOfHome = async (): Promise<Alarm | undefined> =>
  (await (await demo.signIn('viewer')).alarms()).find((a) => a.asset.id === home && a.rule !== 'tamper')

test('refuses a wrong password in words and lets nobody in', async () => {
  const { page } = await browser.open(demo)
  await page.getByLabel('User').fill('dispatcher')
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('User or password is wrong').waitFor()
  expect(await page.getByText('Connected').count()).toBe(0)
  expect(await violationsOf(page)).toEqual([])
})

test('shows the city: its zones on the map, the figures, the last hours, and no empty boxes', async () => {
  const { page } = dispatcher
  await page.getByRole('region', { name: 'Network map' }).locator('canvas').first().waitFor()
  for (const region of ['Key figures', 'Alarms']) await page.getByRole('region', { name: region }).first().waitFor()
  await page.getByText(`/ ${demo.network.rtus.length}`).first().waitFor()
  await page.getByText('demo ×').first().waitFor()
  const lit = await litPixels(page)
  expect(lit).toBeGreaterThan(0.01)
  await keepScreenshot(page, 'console')
})

test('lists an alarm that a meter cried, and acknowledges it by keyboard alone', async () => {
  const { page } = dispatcher
  const row = await rowOfHome(page)
  const words = (await row.textContent()) ?? ''
  expect(words).toContain('Ack')
  await row.focus()
  await page.keyboard.press('a')
  const alarm = await eventually(10_000, alarmOfHome, (a) => a?.state === 'active_acked')
  expect(alarm?.acked_by).toBe('dispatcher')
  await eventually(
    10_000,
    () => row.textContent(),
    (text) => !(text ?? '').includes('not acknowledged'),
  )
})

test('moves in the alarm list with arrows and opens an alarm with Enter', async () => {
  const { page } = dispatcher
  await (await rowOfHome(page)).focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await page.getByRole('tab', { name: 'Selection', selected: true }).waitFor()
  expect(await page.getByRole('row', { selected: true }).count()).toBe(1)
  await page.keyboard.press('Escape')
})

test('finds an RTU by its name, shows its values and a chart of them from the database', async () => {
  const { page } = dispatcher
  const rtu = demo.network.rtus.find((r) => r.channels.includes('flow'))?.id ?? ''
  await page.keyboard.press('/')
  await page.keyboard.type(rtu)
  await page.getByRole('option').filter({ hasText: rtu }).first().waitFor()
  await page.keyboard.press('Enter')
  const series = page.getByRole('region', { name: 'Series' })
  await series.getByRole('img').locator('canvas').first().waitFor()
  await page.getByText('kPa').first().waitFor()
  await series.getByText('Values', { exact: true }).click()
  expect(await series.getByRole('region', { name: 'Values' }).getByRole('row').count()).toBeGreaterThan(10)
  await keepScreenshot(page, 'console-rtu')
})

test('finds a meter by a part of its number', async () => {
  const { page } = dispatcher
  const search = page.getByRole('combobox', { name: 'Search asset or meter (/)' })
  await search.fill(home.slice(0, -1))
  await page.getByRole('option').filter({ hasText: home }).first().click()
  await page.getByText('Household', { exact: false }).first().waitFor()
  await page.getByRole('tabpanel').getByText(home).first().waitFor()
})

test('previews an isolation without effect and asks for a reason before it can be ordered', async () => {
  const { page } = dispatcher
  const pipe = demo.network.pipes.find((p) => p.zone === 'MP')?.id ?? ''
  await page.getByRole('combobox', { name: 'Search asset or meter (/)' }).fill(pipe)
  await page.getByRole('option').filter({ hasText: pipe }).first().waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Isolation preview' }).click()
  await page.getByText('NOT EXECUTED').waitFor()
  await page.getByText('Customers cut off').waitFor()
  const order = page.getByRole('button', { name: 'Hold 2 s to request closing' })
  expect(await order.isDisabled()).toBe(true)
  await keepScreenshot(page, 'console-isolation')
  expect(await (await demo.signIn('viewer')).shutoffs()).toEqual([])
})

test('breaks no rule of WCAG 2.2 AA that a program can find, with alarms, a plan and the keys open', async () => {
  const { page } = dispatcher
  expect(await violationsOf(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Keys (?)' }).click()
  await page.getByRole('dialog').waitFor()
  expect(await violationsOf(page)).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
})

test('speaks Chinese at once, and after a reload too, with fonts of its own', async () => {
  const { page } = dispatcher
  await page.getByRole('button', { name: '中文' }).click()
  await page.getByText('报警').first().waitFor()
  await page.waitForURL(/lang=zh/)
  await page.reload()
  await page.getByText('已连接').waitFor()
  const fonts = await page.evaluate(async () => {
    await document.fonts.ready
    return [...document.fonts].filter((f) => f.status === 'loaded').length
  })
  expect(fonts).toBeGreaterThan(0)
  await keepScreenshot(page, 'console-zh')
  await page.getByRole('button', { name: 'EN', exact: true }).click()
  await page.getByText('Connected').waitFor()
})

test('a link that is opened in this page shows its own view; back shows the one before', async () => {
  const { page } = dispatcher
  const pipe = demo.network.pipes[0]?.id ?? ''
  const { lon, lat } = demo.network.nodes[0] ?? {}
  if (typeof lon !== 'number' || typeof lat !== 'number') throw new Error('the first node lies nowhere')
  const link = new URL(page.url())
  link.hash = `#/dispatch?sel=pipe:${pipe}&map=${lon.toFixed(5)},${lat.toFixed(5)},16.00&mode=flow&lang=en`
  await page.goto(link.href)
  await page.getByRole('button', { name: 'Flow', pressed: true }).waitFor()
  await page.getByRole('heading', { name: pipe }).waitFor()
  await page.waitForURL(/map=[\d.]+,[\d.]+,16\.00.*mode=flow/)
  await page.goBack()
  await page.getByRole('button', { name: 'State', pressed: true }).waitFor()
  await page.waitForURL((url) => !url.hash.includes('mode='))
})

test('goes to the gap screen by key: the statement adds up, or it says what is waited for', async () => {
  const { page } = dispatcher
  await page.keyboard.press('Alt+2')
  await page.waitForURL(/#\/gap/)
  const state = page.locator('.zones-panel .problem p, .zones-panel .zone-ranking tbody tr')
  await state.first().waitFor()
  const { state: stated, items } = await (await demo.signIn('viewer')).get<GapLedger>('/gap?every=day')
  if (stated === 'stated' && items.length > 0) {
    const sum = (await page.locator('.waterfall-values .sum output').textContent()) ?? ''
    expect(await page.locator('.gap-figure').textContent()).toContain(sum.replace(/^−/, ''))
  } else expect(await state.first().textContent()).toContain('not stated yet')
  await keepScreenshot(page, 'console-gap')
  await page.keyboard.press('Alt+1')
  await page.getByRole('region', { name: 'Key figures' }).waitFor()
})

test('gives a viewer no acts', async () => {
  const { page } = await browser.signIn(demo, 'viewer')
  await rowOfHome(page)
  const ack = page.getByRole('button', { name: /^Acknowledge/ })
  await ack.first().waitFor()
  for (const button of await ack.all()) expect(await button.isDisabled()).toBe(true)
})

test('fits a laptop of 1366 × 768: nothing is cut off, the alarms are one button away', async () => {
  const { page } = await browser.signIn(demo, 'dispatcher', { width: 1366, height: 768 })
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(width).toBeLessThanOrEqual(1366)
  for (const name of ['Keys (?)', '中文', 'Table']) {
    const box = await page.getByRole('button', { name }).first().boundingBox()
    expect((box?.x ?? 9999) + (box?.width ?? 0), name).toBeLessThanOrEqual(1366)
  }
  await page
    .getByRole('button', { name: /Alarms/ })
    .first()
    .click()
  await rowOfHome(page)
  await keepScreenshot(page, 'console-1366')
})

test('asked no other origin for anything and complained of nothing', () => {
  expect(dispatcher.complaints).toEqual([])
})

/** Share of the map's pixels that are not its ground: a map that draws nothing has none. */
async function litPixels(page: Page): Promise<number> {
  const map = page.getByRole('region', { name: 'Network map' })
  let share = 0
  for (let look = 0; look < 20 && share <= 0.01; look++) {
    const png = await map.locator('canvas').first().screenshot()
    share = await page.evaluate(async (base64) => {
      const image = new Image()
      image.src = `data:image/png;base64,${base64}`
      await image.decode()
      const canvas = new OffscreenCanvas(image.width, image.height)
      const context = canvas.getContext('2d')
      context?.drawImage(image, 0, 0)
      const { data } = context?.getImageData(0, 0, image.width, image.height) ?? { data: [] }
      let lit = 0
      for (let i = 0; i < data.length; i += 4)
        if (Math.abs((data[i] ?? 0) - (data[0] ?? 0)) + Math.abs((data[i + 1] ?? 0) - (data[1] ?? 0)) > 60) lit++
      return lit / (data.length / 4)
    }, png.toString('base64'))
    if (share <= 0.01) await page.waitForTimeout(500)
  }
  return share
}
