import type { Report } from '@gastwin/twin'
import type { Locator, Page } from 'playwright-core'
import type { ApiClient } from '../support/api-client.ts'
import { ConsoleBrowser, type ConsolePage } from '../support/console-page.ts'
import { type RunningDemo, startDemo } from '../support/demo-process.ts'
import { DevicePeer, reportOf } from '../support/device-peer.ts'
import { eventually } from '../support/eventually.ts'

/** A meter that nobody knows. */
export const STRANGER = 99_000_000_001
/** Orders are given by a button held for two seconds: waiting is the act. */
const HOLD_MS = 2_300

/** A small city, a console at its device screen, and a radio of our own. */
export class DeviceStage {
  #demo: RunningDemo | undefined
  #browser: ConsoleBrowser | undefined
  #desk: ConsolePage | undefined
  #peer: DevicePeer | undefined
  #admin: ApiClient | undefined

  get demo(): RunningDemo {
    return opened(this.#demo)
  }

  get browser(): ConsoleBrowser {
    return opened(this.#browser)
  }

  /** The safety engineer's console. */
  get desk(): ConsolePage {
    return opened(this.#desk)
  }

  get page(): Page {
    return this.desk.page
  }

  get admin(): ApiClient {
    return opened(this.#admin)
  }

  /** Number of a home where the stranger will stand. */
  get home(): string {
    return this.demo.homes[0] ?? ''
  }

  get other(): string {
    return this.demo.homes[1] ?? ''
  }

  async open(): Promise<void> {
    this.#demo = await startDemo({ scenario: 'calm', speed: 60, meters: 300 })
    this.#admin = await this.demo.signIn('admin')
    const { home, other, admin } = this
    this.#peer = await DevicePeer.open(this.demo)
    const { now } = await admin.city()
    await this.heard(
      reportOf(Number(home), now, { readings: [{ quantity: 'index_m3', at: now, value: 100 }], sequence: 9_000 }),
    )
    await this.heard(reportOf(STRANGER, now, { readings: [{ quantity: 'index_m3', at: now, value: 1 }] }))
    const table = `number,life,group,tags,maker\r\n${home},in_service,north,old;loud,Aa\r\n${other},in_service,north,old,Aa\r\n`
    await fetch(`${this.demo.url}/api/v1/archive/devices/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'text/csv' },
      body: table,
    })
    this.#browser = await ConsoleBrowser.launch()
    this.#desk = await this.browser.signIn(this.demo, 'safety')
  }

  async close(): Promise<void> {
    this.#peer?.close()
    await this.#browser?.close()
    await this.#demo?.stop()
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name, exact: true })
  }

  /** Holds a button by the keyboard until it acts. */
  async hold(name: string, page: Page = this.page): Promise<void> {
    const button = page.getByRole('button', { name })
    await button.scrollIntoViewIfNeeded()
    await button.focus()
    await page.keyboard.down('Enter')
    await page.waitForTimeout(HOLD_MS)
    await page.keyboard.up('Enter')
  }

  /** A busy service says later, and the device tries again. */
  async heard(said: Report): Promise<void> {
    await eventually(
      30_000,
      () =>
        opened(this.#peer)
          .report(said)
          .then(
            () => true,
            () => false,
          ),
      (taken) => taken,
    )
  }
}

function opened<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('the stage is not open')
  return thing
}
