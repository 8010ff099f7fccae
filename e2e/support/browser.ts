import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The system's Chromium if there is one, else the one that comes inside an npm package; drawing in software. */
export async function launchBrowser(): Promise<Browser> {
  const system = SYSTEM.find((file) => existsSync(file))
  const args = [
    '--no-sandbox',
    '--disable-background-networking',
    '--enable-unsafe-swiftshader',
    '--use-angle=swiftshader',
    '--ignore-gpu-blocklist',
  ]
  if (system !== undefined) return chromium.launch({ executablePath: system, args })
  const packed = (await import('@sparticuz/chromium')).default
  packed.setGraphicsMode = true
  return chromium.launch({ executablePath: await packed.executablePath(), args })
}
