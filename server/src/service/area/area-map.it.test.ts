import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { decodeColumns, decodeFrame, type Frame, type GeometryMeta, LAYERS } from '../../contract/index.ts'
import { thingsOf } from './testing/things-of-zone.ts'
import { type Caller, FOREIGN, OTHER, OWN, TwoAreas, until } from './testing/two-areas.ts'

let town: TwoAreas
const mapOf = async (caller: Caller, name: string) => {
  const { bytes } = await town.asked(caller, `get /map/${name}`, {})
  return decodeColumns(bytes.slice().buffer)
}
beforeAll(async () => {
  town = await TwoAreas.start()
  for (const zone of [OWN, OTHER]) await thingsOf(town, zone)
  // The map is drawn anew a while after points have come: then it stays as it is.
  await until(async () => {
    const { columns } = await mapOf('city', 'geometry')
    const drawn = new Set([...(columns['meter_number'] ?? [])].map(String))
    return drawn.has(OWN.point) && drawn.has(OTHER.point) ? true : undefined
  })
})
afterAll(async () => {
  await town?.close()
})

test('the map of an area has its objects alone, and its state and estimate as many', async () => {
  const [map, state, estimate] = await Promise.all(['geometry', 'state', 'estimate'].map((one) => mapOf('area', one)))
  const meta = map?.meta as GeometryMeta
  expect([meta.pipe_ids.length, meta.valve_ids, meta.rtu_ids, meta.zones.map(({ id }) => id)]).toEqual([
    ...[2, ['V1'], ['RTU-1'], ['Z1']],
  ])
  const meters = [...(map?.columns['meter_number'] ?? [])].map(String).sort()
  expect(meters).toEqual([...OWN.meters, OWN.point].sort())
  expect([...(map?.columns['pipe_segment_pipe'] ?? [])]).toEqual([0, 1])
  expect([...(map?.columns['pipe_zone'] ?? []), ...(map?.columns['meter_zone'] ?? [])].every((z) => z === 0)).toBe(true)
  expect(map?.columns['valve_pipe']?.length).toBe(1)
  const sizes = Object.fromEntries(Object.entries(state?.columns ?? {}).map(([name, column]) => [name, column.length]))
  expect(sizes).toMatchObject({ meters_state: 5, pipes_state: 2, rtus_value: 1, zones_state: 1, valves_state: 1 })
  expect(estimate?.columns['pipe_pressure']?.length).toBe(2)
  const all = (await mapOf('city', 'geometry')).meta as GeometryMeta
  expect(meta.snapshot).not.toBe(all.snapshot)
  expect([state?.meta, estimate?.meta]).toMatchObject([{ snapshot: meta.snapshot }, { snapshot: meta.snapshot }])
})

interface Listener {
  readonly texts: string[]
  readonly frames: Frame[]
  readonly socket: WebSocket
}
async function listen(caller: Caller): Promise<Listener> {
  const socket = new WebSocket(`${town.service.url.replace('http', 'ws')}/ws`)
  const heard: Listener = { texts: [], frames: [], socket }
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return void heard.texts.push(String(data))
    const frame = decodeFrame(new Uint8Array(data), () => 0xffffffff)
    if ('refused' in frame) throw new Error(frame.refused)
    heard.frames.push(frame)
  })
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'hello', token: town.key(caller), version: '0' }))
  await until(() => heard.texts.find((text) => text.includes('"status"')))
  return heard
}
const changesOf = ({ frames }: Listener, layer: number) =>
  frames.filter((frame) => frame.layer === layer).flatMap(({ ids }) => [...ids])

test('a console of an area is told what changes there, and of the rest not even how many', async () => {
  const [area, city] = [await listen('area'), await listen('city')]
  const { meta, columns } = decodeColumns((await town.asked('area', 'get /map/geometry', {})).bytes.slice().buffer)
  const numbersTold = () => changesOf(area, LAYERS.meters).map((id) => String(columns['meter_number']?.[id]))
  const before = changesOf(city, LAYERS.meters).length
  await town.report({ ...OTHER, meters: [OTHER.meters[1] ?? ''] }, 5)
  await until(() => (changesOf(city, LAYERS.meters).length > before ? true : undefined))
  const seen = city.frames.at(-1)?.seq ?? 0
  await until(() => area.frames.find(({ seq }) => seq >= seen))
  // What was said before may still come; of the other zone nothing does.
  expect(numbersTold().filter((number) => number !== OWN.meters[0])).toEqual([])
  await town.report({ ...OWN, meters: [OWN.meters[1] ?? ''] }, 5)
  await until(() => numbersTold().find((number) => number === OWN.meters[1]))
  await until(() => area.texts.find((text) => text.includes('"type":"zones"')))
  expect(area.frames.every(({ snapshot }) => snapshot === (meta as GeometryMeta).snapshot)).toBe(true)
  expect(area.texts.join('\n')).not.toMatch(FOREIGN)
  expect(city.texts.join('\n')).toMatch(FOREIGN)
  const status = area.texts.map((text) => JSON.parse(text)).findLast(({ type }) => type === 'status')
  expect(status).toMatchObject({ meters_total: OWN.meters.length + 1, rtus_total: 1 })
  for (const { socket } of [area, city]) socket.terminate()
})
