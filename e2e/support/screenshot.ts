import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'

/** Keeps a picture for people to look at, in the system's temporary folder. @returns the file */
export async function keepScreenshot(page: Page, name: string): Promise<string> {
  const folder = path.join(tmpdir(), 'gastwin-e2e')
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, `${name}.png`)
  await page.screenshot({ path: file })
  return file
}
