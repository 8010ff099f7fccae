import { readFileSync } from 'node:fs'
import type { DeviceCard } from '@gastwin/server/contract'
import { expect, test } from 'vitest'
import { violationsOf } from '../support/accessibility.ts'
import { keepScreenshot } from '../support/screenshot.ts'
import type { DeviceStage } from './device-stage.ts'

/** Of the points that come by a table. */
const NEW_POINT = 99_000_000_101

/** Tables of the archive, and the report of how safe all is. */
export function archiveTables(stage: DeviceStage): void {
  test('takes a table of the archive after a look at what it would change, or says each mistake by its line; prints how safe all is', async () => {
    const clerk = (await stage.browser.signIn(stage.demo, 'admin')).page
    await clerk.keyboard.press('Alt+3')
    await clerk.getByRole('tab', { name: 'Archive tables', exact: true }).click()
    const give = (text: string) =>
      clerk
        .getByLabel('A file for “Devices”:')
        .setInputFiles({ name: 'meters.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    await give(`number,installed_on\r\n${stage.other},2026-02-30\r\n1.81702E+11,\r\n`)
    await clerk.getByText(/mistakes: nothing can be taken/).waitFor()
    const lines = clerk.locator('.import-faults tbody tr')
    expect(await lines.locator('td:first-child').allTextContents()).toEqual(['2', '3', '3'])
    await keepScreenshot(clerk, 'devices-import-faults')
    await give(`number,maker\r\n${stage.other},Bb\r\n`)
    await clerk.getByText('maker: Aa → Bb').waitFor()
    expect(await violationsOf(clerk)).toEqual([])
    await keepScreenshot(clerk, 'devices-import')
    await stage.hold('Hold 2 s to apply', clerk)
    await clerk.getByText('Done: 0 new, 1 changed.').waitFor()
    const card = await stage.admin.get<DeviceCard>(`/devices/${stage.other}/card`)
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
  }, 180_000)
}

/** Tables of new metering points. */
export function pointTables(stage: DeviceStage): void {
  test('brings points by a table, or says of each mistake what to do and takes nothing; keeps who brought which file', async () => {
    const clerk = (await stage.browser.signIn(stage.demo, 'admin')).page
    await clerk.keyboard.press('Alt+3')
    await clerk.getByRole('tab', { name: 'Archive tables', exact: true }).click()
    await clerk.getByRole('button', { name: 'New points' }).click()
    await clerk.getByText('No point came by a table yet').waitFor()
    const give = (name: string, text: string) =>
      clerk
        .getByLabel('A file for “New points”:')
        .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
    const { items } = await stage.admin.get<{ items: { node?: string; pipe?: string }[] }>('/points')
    expect(items).toEqual([])
    await give(
      'bad.csv',
      `number,node,zone\r\n${NEW_POINT},nowhere,\r\n${stage.home},nowhere,\r\n${NEW_POINT + 1},,ZZ\r\n`,
    )
    await clerk.getByText(/mistakes: nothing can be taken/).waitFor()
    const lines = clerk.locator('.import-faults tbody tr')
    expect(await lines.count()).toBeGreaterThan(3)
    for (const line of await lines.all())
      for (const cell of await line.locator('td').allTextContents()) expect(cell.trim()).not.toBe('')
    await clerk.getByText('Look the node up on the map').first().waitFor()
    expect(await clerk.getByRole('button', { name: 'Hold 2 s to apply' }).count()).toBe(0)
    expect(await violationsOf(clerk)).toEqual([])
    await keepScreenshot(clerk, 'devices-points-faults')
    const { zone } = await stage.admin.get<{ zone: string }>(`/devices/${stage.other}`)
    await give('water.csv', `number,medium,zone\r\n${NEW_POINT},water,${zone}\r\n${NEW_POINT + 1},water,${zone}\r\n`)
    await stage.hold('Hold 2 s to apply', clerk)
    await clerk.getByText('Done: 2 new, 0 changed.').waitFor()
    const taken = clerk.locator('.point-imports tbody tr')
    await taken.getByText('water.csv').waitFor()
    await taken.getByText(`${NEW_POINT} … ${NEW_POINT + 1}`).waitFor()
    expect((await stage.admin.get<{ items: unknown[] }>('/points')).items.length).toBe(2)
    await keepScreenshot(clerk, 'devices-points')
    await clerk.close()
  }, 180_000)
}
