import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchBrowser } from './browser.ts'
import type { DemoUser, RunningDemo } from './demo-process.ts'
import { PATIENCE } from './eventually.ts'
import { keepScreenshot } from './screenshot.ts'

/** Screen of a dispatcher's desk, px. */
const DESK = { width: 1920, height: 1080 }

/** A tab with the console in it, and what it complained about. */
export interface ConsolePage {
  readonly page: Page
  /** Uncaught errors, errors on the browser's console, and requests that went elsewhere. */
  readonly complaints: string[]
}

/** What a console is opened on: a demo, or a service that stands in for one. */
type ConsoleService = Pick<RunningDemo, 'url' | 'password'>

/** Browser of one test file. */
export class ConsoleBrowser {
  readonly #browser: Browser
  readonly #contexts: BrowserContext[] = []

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  static async launch(): Promise<ConsoleBrowser> {
    return new ConsoleBrowser(await launchBrowser())
  }

  /** Opens the console in English and signs in. */
  async signIn(
    demo: ConsoleService,
    user: DemoUser,
    size: { readonly width: number; readonly height: number } = DESK,
  ): Promise<ConsolePage> {
    const opened = await this.open(demo, size)
    const { page } = opened
    await page.getByLabel('User').fill(user)
    await page.getByLabel('Password').fill(demo.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Connected').waitFor()
    return opened
  }

  /** Opens the console's sign-in page; the browser asks for English. */
  async open(
    demo: ConsoleService,
    size: { readonly width: number; readonly height: number } = DESK,
  ): Promise<ConsolePage> {
    const context = await this.#browser.newContext({ viewport: size, locale: 'en-GB', timezoneId: 'Asia/Shanghai' })
    this.#contexts.push(context)
    const page = await context.newPage()
    page.setDefaultTimeout(15_000 * PATIENCE)
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`console: ${message.text()} (${message.location().url})`)
    })
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (url.origin !== demo.url && !['data:', 'blob:'].includes(url.protocol) && !isSocketOf(url, demo))
        complaints.push(`off-origin: ${request.url()}`)
    })
    await page.goto(`${demo.url}/`)
    return { page, complaints }
  }

  /** Keeps a picture of every open tab, to see why a test failed. @returns the files */
  async keepScreens(name: string): Promise<string[]> {
    const pages = this.#contexts.flatMap((context) => context.pages())
    return Promise.all(pages.map((page, index) => keepScreenshot(page, `${name}-${index}`)))
  }

  async close(): Promise<void> {
    for (const context of this.#contexts) await context.close()
    await this.#browser.close()
  }
}

function isSocketOf(url: URL, demo: ConsoleService): boolean {
  return url.protocol === 'ws:' && url.host === new URL(demo.url).host
}
