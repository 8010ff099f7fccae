import { randomBytes } from 'node:crypto'
import { describe, test } from 'vitest'
import { Database } from './database.ts'
import { describeStore } from './testing/describe-store.ts'
import { temporaryDirectory } from './testing/store-fixture.ts'

describeStore('the embedded engine', async () => {
  const directory = await temporaryDirectory()
  return { server: null, directory: directory.path, database: 'gastwin', drop: directory.remove }
})

const url = process.env['CLICKHOUSE_URL']
if (url === undefined || url === '') {
  describe('a store on a ClickHouse server', () => {
    test.skip('NOT RUN: set CLICKHOUSE_URL (with CLICKHOUSE_USER, CLICKHOUSE_PASSWORD) to a server of version 24 or newer', () => {})
  })
} else {
  describeStore('the server at CLICKHOUSE_URL', async () => {
    const database = `gastwin_test_${randomBytes(6).toString('hex')}`
    const server = {
      url,
      username: process.env['CLICKHOUSE_USER'] ?? 'default',
      password: process.env['CLICKHOUSE_PASSWORD'] ?? '',
    }
    const drop = async () => {
      const own = new Database(database, server)
      await own.run(`DROP DATABASE IF EXISTS ${database}`)
      await own.close()
    }
    return { server, directory: '', database, drop }
  })
}
