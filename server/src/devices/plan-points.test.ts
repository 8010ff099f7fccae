import { buildNetwork } from '@gastwin/twin'
import { expect, test } from 'vitest'
import { madeCity } from '../pipeline/testing/made-city.ts'
import { Archive } from './archive.ts'
import { personalSeal } from './personal-seal.ts'
import { planPoints } from './plan-points.ts'

const seal = personalSeal(Buffer.from('00112233445566778899aabbccddeeff', 'hex'))
const network = buildNetwork(madeCity(2, 3, 2))
const TAKEN = 181_702_000_000

function planWith(archive = new Archive()) {
  return (...lines: readonly string[]) =>
    planPoints(lines.join('\n'), {
      ...{ network, archive, seal, added: 0 },
      taken: (device) => (device === TAKEN ? 'belongs to the network already' : undefined),
      knowsProfile: (name) => name === 'goldcard',
    })
}

test('a table says where each meter takes from: a node, or a pipe whose nearer end is taken; the zone follows', async () => {
  const plan = await planWith()(
    '表号,节点,管段,供气分区,经度,纬度,用户类别,体积修正,安装年份,抄表周期,厂家规约',
    '500,C1,,,,,commercial,yes,2021,5min,goldcard',
    '501,,P2-1,,120.001,30.001,,,,,',
    '502,,P2-1,Z2,120.001,30.00101,,,,,',
    '503,,P2-2,Z2,,,,,,,',
  )
  expect(plan.faults).toEqual([])
  expect(plan.points).toEqual([
    {
      ...{ id: '500', node: 'C1', zone: 'Z1', kind: 'gas', class: 'commercial', corrector: true },
      ...{ installed_year: 2021, read_schedule: '5min', profile: 'goldcard' },
    },
    { id: '501', node: 'B2', zone: 'Z2', kind: 'gas', lon: 120.001, lat: 30.001 },
    { id: '502', node: 'N2-1', zone: 'Z2', kind: 'gas', lon: 120.001, lat: 30.001_01 },
    { id: '503', node: 'C2', zone: 'Z2', kind: 'gas' },
  ])
})

test('each mistake is told by its line and column, and nothing is taken then', async () => {
  const { faults, faultsInAll } = await planWith()(
    'number,node,pipe,zone,medium,lon,lat,schedule,profile,installed_year,customer,name',
    '1.81702E+11,C1,,,,,,,,,,',
    `${TAKEN},C1,,,,,,,,,,`,
    '600,C9,,,,,,,,,,',
    '601,,P9,,,,,,,,,',
    '602,,V1,,,,,,,,,',
    '603,C1,,Z9,,,,,,,,',
    '604,C1,,Z2,,,,,,,,',
    '605,,,Z1,,,,,,,,',
    '606,C1,P2-1,,,,,,,,,',
    '606,A1,,,steam,200,,fortnightly,acme,26,,Li',
    '607,C1,,,water,120,,,,,K1,',
    ',C1,,,,,,,,,,',
    '608,A1,,,,,,,,,,',
  )
  expect(faults.map(({ row, column, code }) => `${row} ${column} ${code}`)).toEqual([
    ...['2 number rounded', '3 number number_taken', '4 node unknown_node', '5 pipe unknown_pipe'],
    ...['6 pipe unknown_pipe', '7 zone unknown_zone', '8 zone zone_differs', '9 node needed', '10 node not_at_pipe'],
    ...['11 medium not_a_word', '11 number key_twice', '11 lon not_a_number'],
    ...['11 installed_year not_a_date', '11 schedule not_a_word', '11 profile unknown_reference', '11 zone needed'],
    ...['11 customer needed', '12 lat needed', '12 premises needed', '13 number needed', '14 zone needed'],
  ])
  expect(faultsInAll).toBe(faults.length)
})

test('a meter of another medium needs a zone only', async () => {
  const plan = await planWith()('number,zone,medium', '700,Z1,water', '701,Z2,electricity')
  expect(plan.faults).toEqual([])
  expect(plan.points.map(({ node, zone, kind }) => [node, zone, kind])).toEqual([
    ['', 'Z1', 'water'],
    ['', 'Z2', 'electricity'],
  ])
})

test('premises and customer come with their point, sealed; those of another point are refused', async () => {
  const archive = new Archive()
  const plan = planWith(archive)
  const head = 'number,node,premises,address,customer,name,phone,tags'
  const { faults, changes, listed } = await plan(head, '800,C1,H1,Gate 3,K1,Li Lei,13800001111,new')
  expect(faults).toEqual([])
  expect(JSON.stringify([changes, listed])).not.toMatch(/Gate 3|Li Lei|13800001111/)
  for (const change of changes) archive.apply(change)
  expect(archive.get('premises', 'H1')).toMatchObject({ point: '800' })
  expect(seal.open(archive.get('customers', 'K1')?.['name'] ?? '')).toBe('Li Lei')
  expect(archive.get('devices', '800')).toMatchObject({ life: 'in_service', premises: 'H1', tags: 'new' })
  const other = await plan(head, '801,C1,H1,,,,,', '802,C1,H2,,K1,,,', '803,C1,H3,,,,,', '804,C1,H3,,,,,')
  expect(other.faults.map(({ row, code }) => `${row} ${code}`)).toEqual([
    ...['2 premises_taken', '3 customer_elsewhere', '5 premises_taken'],
  ])
})

test('a table without a first line, without numbers or with other columns is told as such', async () => {
  const plan = planWith()
  const codes = async (...lines: string[]) => (await plan(...lines)).faults.map(({ code }) => code)
  expect(await codes('')).toEqual(['no_rows'])
  expect(await codes('node', 'C1')).toEqual(['key_missing'])
  expect(await codes('number,node,colour,node', '1,C1,,')).toEqual(['unknown_column', 'column_twice'])
})
