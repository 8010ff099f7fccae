import { afterAll, beforeAll, expect, test } from 'vitest'
import { Database } from '../database.ts'
import { EngineSupervisor } from '../engine/supervise-engine.ts'
import { temporaryDirectory } from '../testing/store-fixture.ts'
import { migrate } from './migrate.ts'

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let engine: EngineSupervisor
let database: Database

beforeAll(async () => {
  directory = await temporaryDirectory()
  engine = new EngineSupervisor({ directory: directory.path, readers: 1 })
  const endpoint = await engine.ready()
  database = new Database('gastwin', endpoint)
  await migrate(database, null)
}, 60_000)
afterAll(async () => {
  await database.close()
  await engine.stop()
  await directory.remove()
})

/** How long ago the rows of a table were stored, after the engine has thrown out what it need not keep. */
async function kept(table: string): Promise<string[]> {
  await database.run(`OPTIMIZE TABLE gastwin.${table} FINAL`)
  const rows = await database.rows<{ age: string }>(
    `SELECT DISTINCT concat(toString(dateDiff('month', stored_at, now())), if(${table === 'events' ? 'lasting' : 'false'}, ' lasting', '')) AS age FROM gastwin.${table} ORDER BY stored_at DESC`,
  )
  return rows.map(({ age }) => age)
}
const ages = [0, 11, 13, 15 * 12 - 1, 15 * 12 + 1]

test('frames and what was set aside are kept one year, and no longer', async () => {
  for (const [i, months] of ages.entries()) {
    const at = `now() - INTERVAL ${months} MONTH`
    await database.run(
      `INSERT INTO gastwin.raw_frames (device, position, received_at, stored_at) VALUES (1, ${i}, now(), ${at})`,
    )
    await database.run(
      `INSERT INTO gastwin.quarantine (reason, device, position, received_at, stored_at) VALUES ('x', 1, ${i}, now(), ${at})`,
    )
  }
  expect(await kept('raw_frames')).toEqual(['0', '11'])
  expect(await kept('quarantine')).toEqual(['0', '11'])
})

test('what the platform did is kept one year; alarms, shut-offs and commands fifteen', async () => {
  for (const [i, months] of ages.entries())
    for (const lasting of [false, true])
      await database.run(
        `INSERT INTO gastwin.events (type, at, position, lasting, stored_at) VALUES ('x', now(), ${2 * i + Number(lasting)}, ${lasting}, now() - INTERVAL ${months} MONTH)`,
      )
  expect(new Set(await kept('events'))).toEqual(
    new Set(['0', '0 lasting', '11', '11 lasting', '13 lasting', '179 lasting']),
  )
})
