import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packUsualUse, shippedUsualUse } from '@gastwin/analytics'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AuditLog } from '../command/audit-log.ts'
import type { Models } from '../contract/index.ts'
import { LearnedModels } from '../ledger/learned-models.ts'
import type { EventLog } from '../log/event-log.ts'
import { readEvent } from '../log/platform-events.ts'
import { openSegmentLog } from '../log/segment-log.ts'
import { writeModelFile } from '../models/model-file.ts'
import { ModelDesk } from './model-desk.ts'

const shipped = (days: number) => fileURLToPath(new URL(`../../models/theft-default-${days}.model`, import.meta.url))
const NOBODY = { meters: 0, why: null, fit: undefined, comparison: undefined }

let folder = ''
let log: EventLog
let audit: AuditLog
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastwin-promote-'))
  log = await openSegmentLog(join(folder, 'log'))
  audit = await AuditLog.open(join(folder, 'audit.ndjson'))
})
afterEach(async () => {
  await log.close()
  await audit.close()
  await rm(folder, { recursive: true })
})

const events = async () => {
  const found: unknown[] = []
  for await (const records of log.read(0)) found.push(...records.map(readEvent))
  return found
}

test('a shadow takes the place of the active model without a restart, on record, and the former one is kept', async () => {
  const dir = await mkdtemp(join(folder, 'models-'))
  await copyFile(shipped(35), join(dir, 'theft.model'))
  await copyFile(shipped(120), join(dir, 'theft.shadow.model'))
  const learned = new LearnedModels(dir)
  await learned.start()
  const view = (): Models => learned.view(1, undefined, NOBODY)
  const desk = new ModelDesk({ folder: dir, models: view, log, audit, now: () => 7 })
  await desk.record(view())
  await desk.record(view())
  const [active, shadow] = view().items
  await desk.promote({ sha256: shadow?.sha256 ?? '', reason: 'better for eight weeks' }, 'root')
  expect(await learned.look()).toBe(true)
  expect(view().items).toMatchObject([{ use: 'active', source: 'folder', sha256: shadow?.sha256 }])
  await desk.record(view())
  expect((await readdir(dir)).sort()).toEqual([`theft.${active?.sha256.slice(0, 12)}.former`, 'theft.model'])
  expect(await events()).toMatchObject([
    { type: 'models_in_use', models: [{ use: 'active' }, { use: 'shadow' }] },
    { type: 'model_promoted', sha256: shadow?.sha256, former: active?.sha256, user: 'root' },
    { type: 'models_in_use', models: [{ use: 'active', sha256: shadow?.sha256 }] },
  ])
  expect(await readFile(join(folder, 'audit.ndjson'), 'utf8')).toContain('"promote_model"')
})

test('a shadow of usual use takes the place of its own kind, and the theft model stays', async () => {
  const dir = await mkdtemp(join(folder, 'models-'))
  const { net, reference } = shippedUsualUse()
  const other = net.weights.slice()
  other[0] = 0.5
  const first = await writeModelFile(join(dir, 'lowflow.model'), packUsualUse(net.weights, reference))
  const second = await writeModelFile(join(dir, 'lowflow.shadow.model'), packUsualUse(other, reference))
  const learned = new LearnedModels(dir)
  await learned.start()
  const view = (): Models => learned.view(1, undefined, NOBODY)
  expect(view().low_flow).toMatchObject({ model: { sha256: first }, shadow: { sha256: second } })
  const desk = new ModelDesk({ folder: dir, models: view, log, audit, now: () => 7 })
  await desk.record(view())
  await desk.promote({ sha256: second, reason: 'it is surprised less' }, 'root')
  expect(await learned.look()).toBe(true)
  expect(view().low_flow).toMatchObject({ model: { sha256: second }, shadow: null })
  expect(learned.usualUse.active.net.weights[0]).toBe(0.5)
  expect((await readdir(dir)).sort()).toEqual([`lowflow.${first.slice(0, 12)}.former`, 'lowflow.model'])
  expect(await events()).toMatchObject([
    { type: 'models_in_use', models: [{ use: 'active' }, { use: 'low_flow_active' }, { use: 'low_flow_shadow' }] },
    { type: 'model_promoted', sha256: second, former: first },
  ])
})

test('nothing is promoted that nobody has seen beside the active model', async () => {
  const dir = await mkdtemp(join(folder, 'models-'))
  await copyFile(shipped(120), join(dir, 'theft.shadow.model'))
  const learned = new LearnedModels(dir)
  await learned.start()
  const desk = new ModelDesk({
    folder: dir,
    models: () => learned.view(1, undefined, NOBODY),
    log,
    audit,
    now: () => 7,
  })
  const sha256 = learned.view(1, undefined, NOBODY).items.find(({ use }) => use === 'shadow')?.sha256 ?? ''
  await expect(desk.promote({ sha256: '0'.repeat(64), reason: 'typo' }, 'root')).rejects.toMatchObject({
    code: 'API_CONFLICT',
  })
  await copyFile(shipped(400), join(dir, 'theft.shadow.model'))
  await expect(desk.promote({ sha256, reason: 'it was changed' }, 'root')).rejects.toMatchObject({
    code: 'API_CONFLICT',
  })
  const none = new ModelDesk({
    folder: null,
    models: () => learned.view(1, undefined, NOBODY),
    log,
    audit,
    now: () => 7,
  })
  await expect(none.promote({ sha256, reason: 'nowhere' }, 'root')).rejects.toMatchObject({ code: 'API_CONFLICT' })
  expect(log.end).toBe(0)
})
