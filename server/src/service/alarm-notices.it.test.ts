import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Alarm } from '@gastwin/analytics'
import type { Report } from '@gastwin/twin'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CoapCaller } from '../ingest/testing/coap-caller.ts'
import { FIRST_METER, writeMadeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService } from '../pipeline/testing/service-process.ts'
import { COAP_CODE, CONTENT_FORMAT, encodeReport } from '../protocol/index.ts'

const APPEND = "require('node:fs').appendFileSync(process.argv[1], require('node:fs').readFileSync(0) + '\\n')"

let dir = ''
let network = ''
let service: ServiceProcess
const told = () => path.join(dir, 'told.ndjson')
const start = async (): Promise<void> => {
  const env = { GASTWIN_ALARM_NOTICES: path.join(dir, 'notices.json') }
  service = await spawnService({ network, dataDir: path.join(dir, 'data'), env }).ready
}
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-told-'))
  network = await writeMadeCity(dir, 1, 3)
  const command = [process.execPath, '-e', APPEND, told()]
  await writeFile(
    path.join(dir, 'notices.json'),
    JSON.stringify([{ name: 'crew', assets: [String(FIRST_METER + 1)], command }]),
  )
  await start()
})
afterAll(async () => {
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

async function said(device: number, events: Report['events']): Promise<void> {
  const from = await CoapCaller.open(service.coapPort)
  const at = Math.floor(Date.now() / 1000) * 1000
  const report: Report = {
    ...{ device, kind: 'meter', trigger: 'alarm', deviceTime: at, sequence: 1, events },
    ...{ readings: [{ quantity: 'index_m3', at, value: 1 }], status: { valve: 'open' } },
  }
  const bytes = encodeReport(CONTENT_FORMAT.CJT188, report, {
    keyOf: () => undefined,
    statusProfileOf: () => 'standard',
  })
  expect((await from.post('r', CONTENT_FORMAT.CJT188, bytes)).code).toBe(COAP_CODE.CHANGED)
  from.close()
}
async function lines(least: number): Promise<{ readonly alarm: Pick<Alarm, 'rule' | 'evidence'> }[]> {
  for (let i = 0; i < 300; i++) {
    const text = await readFile(told(), 'utf8').catch(() => '')
    const all = text.split('\n').filter((line) => line !== '')
    if (all.length >= least) return all.map((line) => JSON.parse(line))
    await pause(50)
  }
  throw new Error('nobody was told')
}

test('a program is told of alarms about the device that its rule names and of no other; after kill -9 of what nobody acknowledged, again', async () => {
  await said(FIRST_METER, ['cover_open'])
  await said(FIRST_METER + 1, ['magnet'])
  const ids = (all: Awaited<ReturnType<typeof lines>>) =>
    all.map(({ alarm }) => [alarm.rule, alarm.evidence[0]?.asset?.id])
  expect(ids(await lines(1))).toEqual([['magnet', String(FIRST_METER + 1)]])
  await pause(300)
  const audit = await readFile(path.join(dir, 'data', 'audit.ndjson'), 'utf8')
  expect(audit).toContain('"alarm_told"')
  await service.kill()
  await start()
  expect(ids(await lines(2))).toEqual([1, 2].map(() => ['magnet', String(FIRST_METER + 1)]))
}, 60_000)
