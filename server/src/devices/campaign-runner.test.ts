import { describe, expect, test } from 'vitest'
import { CommandLedger } from '../command/ledger.ts'
import { packNumbers } from '../log/packed-numbers.ts'
import type { PlatformEvent } from '../log/platform-events.ts'
import type { Campaign, CampaignDraft } from './campaign.ts'
import { CampaignBook } from './campaign-book.ts'
import { CampaignRunner } from './campaign-runner.ts'
import { NO_CELL } from './cell-load.ts'

const FIRST = 181_702_000_000

function setUp(meters: number, cellOf: (device: number) => number = () => NO_CELL) {
  const ledger = new CommandLedger()
  const events: PlatformEvent[] = []
  const now = 1_000_000
  let isFull = false
  const runnerOf = (book: CampaignBook) =>
    new CampaignRunner(book, {
      now: () => now,
      record: async (more) => {
        if (isFull) throw new Error('full')
        events.push(...more)
      },
      commandOf: (kind, device, cause) => ledger.ofCause({ kind, device: String(device), cause }),
      versionOf: () => '1.0.0',
      order: (requests) => {
        for (const request of requests) ledger.request(request)
      },
      withdraw: (ids, who) => {
        for (const id of ids) ledger.cancel(id, now, who)
      },
      cellOf,
      failed: () => {},
    })
  const book = new CampaignBook()
  const runner = runnerOf(book)
  const begin = (more: Partial<Campaign> = {}) =>
    runner.begin(
      {
        ...{ name: 'spread', setting: { parameter: 'report_base_s', value: 60 }, priority: 'low', filter: '{}' },
        ...{ canary: 4, wave: 10, stop_rate: 0.25, command_life_ms: 86_400_000, per_cell: 100 },
        ...{ reason: 'test', by: 'anna', created_at: now, updated_at: now },
        ...more,
      },
      Float64Array.from({ length: meters }, (_, i) => FIRST + i),
    )
  const turn = async () => {
    runner.tick()
    await new Promise((done) => setImmediate(done))
  }
  const end = (state: 'confirmed' | 'refused', most = 1e9) => {
    const open = ledger.list().filter((entry) => entry.state === 'queued')
    for (const { id } of open.slice(0, most)) ledger.advance(id, state, now)
    return Math.min(open.length, most)
  }
  const replay = (again = new CampaignBook()) => {
    for (const event of events) {
      if (event.type === 'campaign_targets') again.addTargets(event.part)
      if (event.type === 'campaign') again.apply(event.campaign)
    }
    return again
  }
  return {
    ...{ ledger, book, runner, runnerOf, begin, turn, end, replay },
    fill: (full: boolean) => {
      isFull = full
    },
    now: () => now,
  }
}

describe('a campaign', () => {
  test('tells a canary first, then wave by wave, every device once', async () => {
    const { ledger, book, begin, turn, end } = setUp(24)
    const { id } = await begin()
    const given: number[] = []
    for (let turns = 0; turns < 12; turns++) {
      await turn()
      given.push(end('confirmed'))
    }
    expect(given.filter((n) => n > 0)).toEqual([4, 10, 10])
    expect(book.get(id)).toMatchObject({ state: 'done', past: { confirmed: 24, failed: 0, cancelled: 0 } })
    expect(new Set(ledger.list().map(({ device }) => device)).size).toBe(24)
  })

  test('is stopped at its canary when more of it fail than may, and takes back what nobody was told', async () => {
    const { ledger, book, begin, turn, end } = setUp(100)
    const { id } = await begin()
    await turn()
    end('refused', 1)
    await turn()
    expect(book.get(id)?.state).toBe('running')
    end('refused', 1)
    await turn()
    expect(book.get(id)).toMatchObject({ state: 'stopped', at_wave: 0, ending: 'failures:2/4' })
    await turn()
    const states = ledger.list().map(({ state }) => state)
    expect(states.sort()).toEqual(['cancelled', 'cancelled', 'refused', 'refused'])
  })

  test('does not begin its next wave while one of this one may still fail it', async () => {
    const { ledger, begin, turn, end } = setUp(30)
    await begin()
    await turn()
    end('confirmed', 3)
    for (let i = 0; i < 5; i++) await turn()
    expect(ledger.list().length).toBe(4)
  })

  test('gives no cell more than its share at once', async () => {
    const { ledger, begin, turn } = setUp(40, (device) => device % 2)
    await begin({ canary: 40, per_cell: 3 })
    await turn()
    await turn()
    expect(ledger.list().length).toBe(6)
  })

  test('holds its commands back while it rests, and nobody else’s', async () => {
    const { ledger, runner, begin, turn } = setUp(4)
    const { id } = await begin()
    await turn()
    const [entry] = ledger.list()
    if (entry === undefined) throw new Error('no command')
    expect(runner.rests(entry)).toBe(false)
    await runner.change(id, 'paused', 'anna')
    expect(runner.rests(entry)).toBe(true)
    await runner.change(id, 'running', 'anna')
    expect(runner.rests(entry)).toBe(false)
    expect(runner.rests({ ...entry, cause: 'anna: by hand' })).toBe(false)
  })

  test('to many waits for somebody else, and for him only', async () => {
    const { ledger, runner, runnerOf, replay, book, turn, now } = setUp(0)
    const draft: CampaignDraft = {
      ...{ name: 'spread', setting: { parameter: 'report_base_s', value: 60 }, filter: '{}' },
      priority: 'low',
      ...{ canary: 4, wave: 10, stop_rate: 0.25, command_life_ms: 86_400_000, per_cell: 100 },
      ...{ reason: 'test', by: 'anna', created_at: now(), updated_at: now() },
    }
    const { id, state } = await runner.begin(draft, Float64Array.of(FIRST, FIRST + 1), true)
    expect(state).toBe('proposed')
    await turn()
    runnerOf(replay()).tick()
    expect(ledger.list()).toEqual([])
    expect(await runner.change(id, 'running', 'anna')).toBeUndefined()
    expect(await runner.approve(id, 'bert')).toMatchObject({ state: 'running', approved_by: 'bert' })
    expect(await runner.approve(id, 'bert')).toBeUndefined()
    await turn()
    expect(ledger.list().length).toBe(2)
    expect(replay().get(id)).toEqual(book.get(id))
  })

  test('with settings for each device gives all of them, and a device failed when one of them did', async () => {
    const { ledger, runner, book, replay, turn, now } = setUp(0)
    const draft: CampaignDraft = {
      ...{ name: 'cell 7', spreading: { pci: 7 }, filter: 'cell 7' },
      priority: 'low',
      ...{ canary: 1, wave: 10, stop_rate: 0.5, command_life_ms: 86_400_000, per_cell: 100 },
      ...{ reason: 'test', by: 'anna', created_at: now(), updated_at: now() },
    }
    const groups = [60, 120].map((value, i) => ({
      devices: Float64Array.of(FIRST + 2 * i, FIRST + 2 * i + 1),
      settings: [{ parameter: 'report_base_s', value }] as const,
      offsets: [0, 30],
    }))
    const campaign = await runner.begin(draft, groups)
    const { id } = campaign
    expect(book.settingsOf(campaign, FIRST + 3)).toEqual([
      { parameter: 'report_base_s', value: 120 },
      { parameter: 'report_offset_s', value: 30 },
    ])
    const copy = new CampaignBook()
    copy.load(replay().save())
    expect(copy.settingsOf(campaign, FIRST + 3)).toEqual(book.settingsOf(campaign, FIRST + 3))
    expect([...copy.targets(id)]).toEqual([...book.targets(id)])
    await turn()
    const [second, first] = ledger.list()
    expect(ledger.list().map(({ cause, setting }) => [cause, setting?.parameter])).toEqual([
      [`campaign ${id} #1`, 'report_offset_s'],
      [`campaign ${id}`, 'report_base_s'],
    ])
    ledger.advance(first?.id ?? 0, 'confirmed', now())
    expect(runner.progress(campaign)).toMatchObject({ targets: 1, queued: 1 })
    ledger.advance(second?.id ?? 0, 'refused', now())
    expect(runner.progress(campaign)).toMatchObject({ failed: 1 })
    await turn()
    expect(book.get(id)).toMatchObject({ state: 'stopped', ending: 'failures:1/1' })
  })

  test('with firmware says what each device ran before', async () => {
    const { ledger, begin, turn } = setUp(2)
    const firmware = { image: 3, version: '1.1.0' }
    await begin({ firmware })
    await turn()
    expect(ledger.list().map(({ kind, firmware: order }) => [kind, order])).toEqual(
      Array(2).fill(['firmware', { ...firmware, from: '1.0.0' }]),
    )
  })

  test('goes on where it was after a restart: the log and the ledger say all', async () => {
    const { ledger, begin, turn, end, replay, runnerOf, book } = setUp(24)
    const { id } = await begin()
    await turn()
    end('confirmed')
    await turn()
    const again = replay()
    expect(again.get(id)).toEqual(book.get(id))
    expect(again.targets(id)).toEqual(book.targets(id))
    const before = ledger.list().length
    const runner = runnerOf(again)
    runner.tick()
    expect(ledger.list().length).toBe(before + 10)
    const copy = new CampaignBook()
    copy.load(again.save())
    expect([copy.get(id), copy.targets(id)]).toEqual([again.get(id), again.targets(id)])
  })

  test('that was stopped tells nobody, although a crash came before its commands were taken back', async () => {
    const { ledger, begin, turn, book, replay, runnerOf } = setUp(4)
    const { id } = await begin()
    await turn()
    const [entry] = ledger.list()
    const again = replay()
    again.apply({ ...(book.get(id) as Campaign), state: 'stopped' })
    const runner = runnerOf(again)
    expect(entry !== undefined && runner.rests(entry)).toBe(true)
    runner.tick()
    expect(ledger.list().map(({ state }) => state)).toEqual(Array(4).fill('cancelled'))
  })

  test('changes nothing that could not be put on record', async () => {
    const { book, begin, turn, end, fill } = setUp(24)
    const { id } = await begin()
    await turn()
    end('confirmed')
    fill(true)
    await turn()
    expect(book.get(id)?.at_wave).toBe(0)
    fill(false)
    await turn()
    expect(book.get(id)?.at_wave).toBe(1)
  })

  test('that was given up gives nothing more', async () => {
    const { ledger, runner, begin, turn } = setUp(24)
    const { id } = await begin()
    await turn()
    expect((await runner.change(id, 'cancelled', 'anna'))?.state).toBe('cancelled')
    await turn()
    expect(ledger.list().map(({ state }) => state)).toEqual(Array(4).fill('cancelled'))
    expect(await runner.change(id, 'running', 'anna')).toBeUndefined()
  })
})

test('parts that a crash left without a campaign do not get into the next one of that number', async () => {
  const { replay, begin } = setUp(3)
  const { id } = await begin()
  const torn = new CampaignBook()
  torn.addTargets({ campaign: id, devices: packNumbers(Float64Array.of(5, 6)) })
  expect([...replay(torn).targets(id)].sort()).toEqual([FIRST, FIRST + 1, FIRST + 2])
})
