import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildNetwork, type NetworkDocument } from '@gastwin/twin'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compileDocument } from '../config/network-file.ts'
import { DATAGRAM_ENTRY, type EventLog } from '../log/event-log.ts'
import { openLogReader } from '../log/log-reader.ts'
import { entryOf } from '../log/platform-events.ts'
import { openSegmentLog } from '../log/segment-log.ts'
import { FIRST_METER, madeCity } from '../pipeline/testing/made-city.ts'
import { CONTENT_FORMAT, decodeReport, fromHex } from '../protocol/index.ts'
import { ProfileBook } from './profile-book.ts'
import { ProfileDesk } from './profile-desk.ts'
import type { ProfileEpoch } from './profile-epoch.ts'
import { eventsOfSet } from './profile-events.ts'
import { readProfileSet } from './profile-folder.ts'

/** A register and the status word 21 84, which makers read in contrary ways; the address is FIRST_METER. */
const FRAME = fromHex('683000000002171800 81161F9000 420612002C 005011002C 20540015032620 2184'.replaceAll(' ', ''))

const profile = (name: string, status: string) =>
  JSON.stringify({ schema: 'gastwin-vendor-profile/1', name, protocol: 'cjt188', maker: 'm', source: 's', status })

let dir = ''
let folder = ''
let log: EventLog
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'gastwin-profiles-'))
  folder = path.join(dir, 'profiles')
  await mkdir(folder)
  log = await openSegmentLog(path.join(dir, 'log'))
})
afterEach(async () => {
  await log.close()
  await rm(dir, { recursive: true, force: true })
})

const city = (profileOf: (meter: number) => string | undefined): NetworkDocument => {
  const document = madeCity(1, 3, 1)
  return {
    ...document,
    meters: document.meters.map((meter, i) => {
      const name = profileOf(i)
      return name === undefined ? meter : { ...meter, profile: name }
    }),
  }
}
const sources = (names: readonly (string | undefined)[], own: string | null = folder) => ({
  folder: own,
  fallback: 'standard' as const,
  network: buildNetwork(city((i) => names[i])),
})
const write = (file: string, text: string) => writeFile(path.join(folder, file), text)
const valves = async (book: ProfileBook, from: number): Promise<string[]> => {
  const reader = openLogReader(path.join(dir, 'log'))
  await book.moveTo(reader, from)
  const found: string[] = []
  for await (const records of reader.read(from))
    for (const record of records) {
      book.take(record)
      if (record.kind === DATAGRAM_ENTRY) found.push(valveOf(book, record.body))
    }
  return found
}
const valveOf = (book: ProfileBook, bytes: Uint8Array): string => {
  const report = decodeReport(CONTENT_FORMAT.CJT188, bytes, book.lookup)
  return report.kind === 'malformed' ? report.detail : String(report.status.valve)
}
const frame = (): Uint8Array => {
  const body = FRAME ?? new Uint8Array()
  const sum = body.reduce((s, byte) => (s + byte) & 0xff, 0)
  return Uint8Array.of(...body, sum, 0x16)
}
const say = async () => log.append([{ kind: DATAGRAM_ENTRY, receivedAt: 1, body: frame() }])
const noKey = () => undefined

test('every mistake is told in a line of its own: files, names that come twice, names that nobody has', async () => {
  await write('a.json', profile('own-meter', 'standard'))
  await write('b.json', profile('own-meter', 'cj188h'))
  await write('c.json', profile('Bad Name', 'open'))
  await write('d.json', '{')
  const lines = (() => {
    try {
      readProfileSet(sources(['own-meter', 'nobodys', 'nobodys']))
      return []
    } catch (error) {
      return (error as Error).message.split('\n')
    }
  })()
  expect(lines).toHaveLength(4)
  expect(lines[0]).toMatch(/own-meter is in a\.json and in b\.json/)
  expect(lines.slice(1, 3).join()).toMatch(/c\.json.*name.*c\.json.*status/)
  expect(lines[3]).toMatch(/d\.json is no JSON/)
  await Promise.all(['b.json', 'c.json', 'd.json'].map((file) => rm(path.join(folder, file))))
  const missing = /^profile nobodys, which 2 meters .* known are cat1-c22c, .*own-meter.*$/
  expect(() => readProfileSet(sources(['own-meter', 'nobodys', 'nobodys']))).toThrow(missing)
  expect(() => readProfileSet(sources([], path.join(dir, 'away')))).toThrow(/profilesDir .*away cannot be read/)
})

test('a document may name shipped profiles, and the operator’s own stand for shipped ones', async () => {
  expect(readProfileSet(sources(['jy-heat', undefined, 'cat1-c22c'], null)).meters.numbers).toEqual(
    Float64Array.of(FIRST_METER, FIRST_METER + 2),
  )
  await write('mine.json', profile('jy-heat', 'cj188h'))
  expect(readProfileSet(sources(['jy-heat'])).profiles[0]?.status).toBe('cj188h')
  const { network } = await compileDocument('x', { ...city(() => 'jy-heat') })
  expect(network.meters.words.profile[network.meters.profile[2] ?? 0]).toBe('jy-heat')
})

test('records stay what they were when they came, whatever profiles say later, from wherever the log is read', async () => {
  const epochs: ProfileEpoch[] = []
  const live = new ProfileBook(noKey, epochs)
  await write('own.json', profile('own-meter', 'standard'))
  const desk = new ProfileDesk(live, sources(['own-meter']), log, () => 5)
  const news: (string | undefined)[] = []
  const look = () =>
    desk.renew({ onChanged: ({ id }) => news.push(`set ${id.length}`), onRefused: (mistakes) => news.push(mistakes) })

  await say()
  const heard = [valveOf(live, frame())]
  await desk.open()
  await say()
  heard.push(valveOf(live, frame()))
  await write('own.json', profile('own-meter', 'cj188h  '))
  await look()
  await look()
  await say()
  heard.push(valveOf(live, frame()))
  await write('own.json', profile('own-meter', 'cj188h'))
  await look()
  await say()
  heard.push(valveOf(live, frame()))
  await write('own.json', profile('own-meter', 'unknown'))
  await look()
  await say()
  heard.push(valveOf(live, frame()))

  expect(heard).toEqual(['closed', 'closed', 'closed', 'open', 'unknown'])
  expect(news).toEqual([expect.stringMatching(/own\.json: status must be one of/), 'set 16', undefined, 'set 16'])
  expect(await valves(new ProfileBook(noKey, []), 0)).toEqual(heard)
  expect(epochs).toHaveLength(3)
  for (const [behind, { last }] of epochs.entries()) {
    const left = heard.slice([1, 3, 4][behind])
    expect(await valves(new ProfileBook(noKey, [...epochs]), last + 1)).toEqual(left)
  }
  // A thread that is back at the begin after it was further on.
  expect(await valves(live, 0)).toEqual(heard)
})

test('a set that a crash cut off does not count; the one written again does', async () => {
  const set = readProfileSet(sources(['meter-header-cj188h', 'meter-header-cj188h', undefined], null))
  const entries = eventsOfSet(set, 1).map(entryOf)
  await log.append(entries.slice(0, -1))
  await say()
  const book = new ProfileBook(noKey, [])
  expect(await valves(book, 0)).toEqual(['closed'])
  await new ProfileDesk(
    book,
    sources(['meter-header-cj188h', 'meter-header-cj188h', undefined], null),
    log,
    () => 2,
  ).open()
  await say()
  expect(valveOf(book, frame())).toBe('open')
  expect(await valves(new ProfileBook(noKey, []), 0)).toEqual(['closed', 'open'])
  // The same files at the next start are no change.
  const end = log.end
  await new ProfileDesk(
    book,
    sources(['meter-header-cj188h', 'meter-header-cj188h', undefined], null),
    log,
    () => 3,
  ).open()
  expect(log.end).toBe(end)
})
