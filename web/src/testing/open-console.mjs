// A browser on the console, signed in: for looking and measuring.
import sparticuz from '@sparticuz/chromium'
import { chromium } from 'playwright-core'

export async function openBrowser() {
  const { default: pack } = { default: sparticuz.default ?? sparticuz }
  return chromium.launch({
    executablePath: await pack.executablePath(),
    args: [
      '--no-sandbox',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--ignore-gpu-blocklist',
    ],
  })
}

export async function openConsole(
  browser,
  {
    url,
    user = 'li',
    password = 'gas',
    width = 1920,
    height = 1080,
    lang = 'en',
    hash = '',
    reducedMotion = 'no-preference',
  },
) {
  const context = await browser.newContext({
    locale: lang === 'zh' ? 'zh-CN' : 'en-US',
    viewport: { width, height },
    reducedMotion,
  })
  const page = await context.newPage()
  const problems = []
  page.on('pageerror', (error) => problems.push(`pageerror ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(`${message.type()} ${message.text()}`)
  })
  const requests = []
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(`${url}/#/dispatch?lang=${lang}${hash}`)
  if (user !== '') {
    await page.fill('input[name=user]', user)
    await page.fill('input[name=password]', password)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.frame')
    await page.waitForSelector('canvas')
  }
  return { context, page, problems, requests }
}
