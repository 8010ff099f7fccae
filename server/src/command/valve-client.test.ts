import { createSocket } from 'node:dgram'
import { afterEach, describe, expect, test } from 'vitest'
import { type Manners, ValveEmulator } from './testing/valve-emulator.ts'
import { ValveClient, type ValveClientOptions } from './valve-client.ts'

const DEVICE = 91000000034
const valves: ValveEmulator[] = []
afterEach(async () => {
  await Promise.all(valves.splice(0).map((valve) => valve.stop()))
})

async function valveWith(manners: Manners = {}, device = DEVICE): Promise<ValveEmulator> {
  const valve = await ValveEmulator.start(device, manners)
  valves.push(valve)
  return valve
}
const at = (valve: ValveEmulator) => ({ host: '127.0.0.1', port: valve.port })
const closeWith = (valve: ValveEmulator, options: ValveClientOptions = {}, device = DEVICE) =>
  new ValveClient({ stepTimeoutMs: 300, tries: 1, ...options }).operateValve(at(valve), device, 41)
const operations = (valve: ValveEmulator) => valve.heard.map(({ operation }) => operation)

describe('closing a valve', () => {
  test('selects, compares the number, closes, and says so when the close datagram is out', async () => {
    const valve = await valveWith()
    let sent = 0
    const client = new ValveClient({ warm: 1 })
    const answer = await client.operateValve(at(valve), DEVICE, 41, () => sent++)
    expect(answer).toEqual({ outcome: 'accepted', position: 'moving' })
    expect(operations(valve)).toEqual(['select', 'close'])
    expect(valve.heard.map(({ contentFormat }) => contentFormat)).toEqual([60, 60])
    expect(sent).toBe(1)
  })
  test('another number at this address stops it before anything closes', async () => {
    const valve = await valveWith({ claims: 5 })
    expect(await closeWith(valve)).toEqual({ outcome: 'wrong_device', answered: 5 })
    expect(operations(valve)).toEqual(['select'])
  })
  test('an actuator that answers late, or separately, is waited for', async () => {
    expect(await closeWith(await valveWith({ delayMs: 120 }))).toMatchObject({ outcome: 'accepted' })
    expect(await closeWith(await valveWith({ delayMs: 60, separate: true }))).toMatchObject({ outcome: 'accepted' })
  })
  test('an actuator that refuses is not asked again', async () => {
    const selecting = await valveWith({ refuses: 'select' })
    expect(await closeWith(selecting, { tries: 3 })).toEqual({
      outcome: 'refused',
      step: 'select',
      detail: 'valve is open',
    })
    expect(operations(selecting)).toEqual(['select'])
    const stuck = await valveWith({ refuses: 'close' })
    expect(await closeWith(stuck, { tries: 3 })).toEqual({ outcome: 'refused', step: 'close', detail: 'valve is open' })
    expect(await closeWith(await valveWith({ answers: 'error' }))).toEqual({
      outcome: 'refused',
      step: 'select',
      detail: 'answered 5.00',
    })
  })
  test('a silent actuator ends after its tries, and the step tells whether it may be closing', async () => {
    const dead = await valveWith({ silentOn: 'select' })
    const start = performance.now()
    expect(await closeWith(dead, { tries: 2 })).toEqual({ outcome: 'silent', step: 'select' })
    expect(performance.now() - start).toBeLessThan(1_500)
    expect(operations(dead)).toEqual(['select', 'select'])
    expect(dead.messageIds.size).toBe(2)
    expect(await closeWith(await valveWith({ silentOn: 'close' }))).toEqual({ outcome: 'silent', step: 'close' })
  })
  test('a lost datagram is sent again by the library', async () => {
    const valve = await valveWith({ lose: 1 })
    expect(await closeWith(valve, { stepTimeoutMs: 5_000 })).toMatchObject({ outcome: 'accepted' })
    expect(operations(valve)).toEqual(['select', 'select', 'close'])
    expect(valve.messageIds.size).toBe(2)
  })
  test('a Reset, garbage, an unreadable payload and the answer to another command do not hang and close nothing', async () => {
    expect(await closeWith(await valveWith({ answers: 'reset' }))).toMatchObject({ outcome: 'failed', step: 'select' })
    expect(await closeWith(await valveWith({ answers: 'garbage' }))).toEqual({ outcome: 'silent', step: 'select' })
    expect(await closeWith(await valveWith({ answers: 'rubbish payload' }))).toMatchObject({ outcome: 'failed' })
    const other = await valveWith({ answers: 'another command' })
    expect(await closeWith(other)).toMatchObject({ outcome: 'failed', detail: 'answered select of command 42' })
    expect(operations(other)).toEqual(['select'])
  })
  test('an address that cannot be reached fails without ending the process', async () => {
    const client = new ValveClient({ stepTimeoutMs: 300, tries: 1 })
    const answer = await client.operateValve({ host: '255.255.255.255', port: 9 }, DEVICE, 1)
    expect(['failed', 'silent']).toContain(answer.outcome)
    for (const target of [
      { host: 'valve.example', port: 9 },
      { host: '127.0.0.1', port: 0 },
    ]) {
      await expect(client.operateValve(target, DEVICE, 1)).rejects.toThrow(/not an IP address/)
    }
  })
  test('answers from another port are not heard', async () => {
    const stranger = createSocket('udp4')
    const target = createSocket('udp4')
    await new Promise<void>((resolve) => stranger.bind(0, '127.0.0.1', resolve))
    await new Promise<void>((resolve) => target.bind(0, '127.0.0.1', resolve))
    let asked = 0
    target.on('message', (datagram, { port }) => {
      asked++
      const answer = Buffer.from(datagram)
      answer[0] = 0x64
      answer[1] = 0xa0
      stranger.send(answer, port, '127.0.0.1')
    })
    const client = new ValveClient({ stepTimeoutMs: 300, tries: 1 })
    const answer = await client.operateValve({ host: '127.0.0.1', port: target.address().port }, DEVICE, 1)
    expect({ answer, asked }).toEqual({ answer: { outcome: 'silent', step: 'select' }, asked: 1 })
    stranger.close()
    target.close()
  })
})

describe('several valves', () => {
  test('a silent one does not hold up the others', async () => {
    const dead = await valveWith({ silentOn: 'select' })
    const alive = await Promise.all(Array.from({ length: 6 }, (_, i) => valveWith({}, DEVICE + 1 + i)))
    const client = new ValveClient({ stepTimeoutMs: 1_000, tries: 1 })
    const waiting = client.operateValve(at(dead), DEVICE, 1)
    const start = performance.now()
    const answers = await Promise.all(alive.map((valve, i) => client.operateValve(at(valve), DEVICE + 1 + i, 2 + i)))
    expect(answers.every(({ outcome }) => outcome === 'accepted')).toBe(true)
    expect(performance.now() - start).toBeLessThan(700)
    expect(await waiting).toEqual({ outcome: 'silent', step: 'select' })
  })
  test('the same command asked for twice is one exchange', async () => {
    const valve = await valveWith({ delayMs: 30 })
    const client = new ValveClient({ stepTimeoutMs: 500 })
    const [first, second] = await Promise.all([
      client.operateValve(at(valve), DEVICE, 7),
      client.operateValve(at(valve), DEVICE, 7),
    ])
    expect(first).toBe(second)
    expect(operations(valve)).toEqual(['select', 'close'])
  })
  test('more than there are lanes wait for their turn', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, (_, i) => valveWith({ delayMs: 20 }, DEVICE + i)))
    const client = new ValveClient({ lanes: 2, warm: 9, stepTimeoutMs: 500 })
    const answers = await Promise.all(all.map((valve, i) => client.operateValve(at(valve), DEVICE + i, i)))
    expect(answers.map(({ outcome }) => outcome)).toEqual(Array(5).fill('accepted'))
  })
  test('the close datagram reaches a prompt actuator within milliseconds', async () => {
    const valve = await valveWith()
    const client = new ValveClient({ warm: 1 })
    const delays: number[] = []
    for (let id = 0; id < 60; id++) {
      const start = performance.now()
      await client.operateValve(at(valve), DEVICE, id)
      delays.push((valve.heard.at(-1)?.at ?? Number.POSITIVE_INFINITY) - start)
    }
    const median = delays.sort((a, b) => a - b)[30] ?? Number.POSITIVE_INFINITY
    expect(median).toBeLessThan(20)
  })
})
