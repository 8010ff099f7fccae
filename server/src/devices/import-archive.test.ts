import { describe, expect, test } from 'vitest'
import { Archive } from './archive.ts'
import type { ArchiveTableName } from './archive-columns.table.ts'
import { exportArchive } from './export-archive.ts'
import { planImport } from './import-archive.ts'
import { personalSeal } from './personal-seal.ts'

const seal = personalSeal(Buffer.from('00112233445566778899aabbccddeeff', 'hex'))
const POINTS = new Set(['181702000001', '181702000002'])

function archiveWith() {
  const archive = new Archive()
  const ground = { archive, seal, isPoint: (number: string) => POINTS.has(number) }
  const plan = (table: ArchiveTableName, text: string) => planImport(table, text, ground)
  const take = async (table: ArchiveTableName, text: string) => {
    const planned = await plan(table, text)
    expect(planned.faults).toEqual([])
    archive.apply({ table, rows: planned.changes })
    return planned
  }
  return { archive, plan, take }
}

describe('an import', () => {
  test('adds and changes rows, and leaves what it has no column for', async () => {
    const { archive, take } = archiveWith()
    await take('devices', 'number,maker,tags\r\n181702000001,Aa,b;a;a\r\n')
    expect(await take('devices', '表号,型号\n0181702000001,G4\n181702000002,G2.5\n')).toMatchObject({
      rows: 2,
      added: 1,
      changed: 1,
    })
    expect(archive.get('devices', '181702000001')).toEqual({
      number: '181702000001',
      maker: 'Aa',
      tags: 'a;b',
      model: 'G4',
    })
    expect([...archive.devicesWith('tag:b')]).toEqual([181702000001])
    expect((await take('devices', 'number,model\n181702000001,G4\n')).changes).toEqual([])
  })

  test('says each mistake by line and column, and takes nothing then', async () => {
    const { plan } = archiveWith()
    const text = [
      'number,life,installed_on,premises',
      '1.81702E+11,in_service,2026-02-30,H1',
      ',flying,,',
      '181702000002,stored,2026/3/1,',
      '181702000002,stored,,,more',
    ].join('\n')
    const { faults } = await plan('devices', text)
    expect(faults.map(({ row, column, code }) => [row, column, code])).toEqual([
      [2, 'number', 'rounded'],
      [2, 'installed_on', 'not_a_date'],
      [2, 'premises', 'unknown_reference'],
      [2, 'number', 'needed'],
      [3, 'life', 'not_a_word'],
      [3, 'number', 'needed'],
      [5, '', 'cells'],
      [5, 'number', 'key_twice'],
    ])
    expect(faults[0]?.words).toContain('format the column as text')
  })

  test('refuses columns that nobody knows, twice the same, and a table without its key', async () => {
    const { plan } = archiveWith()
    const codes = async (text: string) => (await plan('premises', text)).faults.map(({ code }) => code)
    expect(await codes('premises,valve_code\nH1,1\n')).toEqual(['unknown_column'])
    expect(await codes('premises,用气点\nH1,H1\n')).toEqual(['column_twice'])
    expect(await codes('address\nx\n')).toEqual(['key_missing'])
    expect(await codes('\r\n')).toEqual(['no_rows'])
  })

  test('lets no device come back from the scrap', async () => {
    const { plan, take } = archiveWith()
    await take('devices', 'number,life\n5,scrapped\n')
    expect((await plan('devices', 'number,life\n5,in_service\n')).faults[0]).toMatchObject({
      row: 2,
      code: 'life_order',
    })
  })
})

describe('personal values', () => {
  const PREMISES = 'premises,point,address\nH1,181702000001,"Road 5, door 2"\n'

  test('are sealed where they are kept, masked where they are shown, and read by who may', async () => {
    const { archive, take } = archiveWith()
    await take('premises', PREMISES)
    await take('customers', 'customer,premises,name,phone\nK1,H1,张三丰,13912345678\n')
    expect(JSON.stringify(archive.save())).not.toMatch(/张|139|Road/)
    const text = (clear: boolean) => [...exportArchive(archive, 'customers', seal, clear, 'zh')].join('')
    expect(text(false)).toBe('\uFEFF客户编号,用气点,姓名,电话,备注\r\nK1,H1,张**,139****678,\r\n')
    expect(text(true)).toContain('K1,H1,张三丰,13912345678')
    expect(personalSeal(new Uint8Array(16)).open(archive.get('customers', 'K1')?.['name'] ?? '')).toBeUndefined()
  })

  test('are not overwritten by the masks of an export that comes back', async () => {
    const { archive, plan, take } = archiveWith()
    await take('premises', PREMISES)
    const masked = [...exportArchive(archive, 'premises', seal, false, 'en')].join('')
    expect((await plan('premises', masked)).changes).toEqual([])
  })

  test('are masked where it is told what an import would change, by line, column, before and after', async () => {
    const { plan, take } = archiveWith()
    await take('premises', PREMISES)
    const { listed } = await plan('premises', 'premises,address,note\nH1,"Lane 7, door 1",moved\nH2,"Street 9",\n')
    expect(listed).toEqual([
      {
        ...{ row: 2, key: 'H1', isNew: false },
        cells: [
          { column: 'address', before: 'R**', after: 'L**' },
          { column: 'note', before: '', after: 'moved' },
        ],
      },
      { row: 3, key: 'H2', isNew: true, cells: [{ column: 'address', before: '', after: 'S**' }] },
    ])
  })

  test('are refused where no master key could seal them', async () => {
    const ground = { archive: new Archive(), seal: personalSeal(new Uint8Array(0)), isPoint: () => true }
    expect((await planImport('premises', PREMISES, ground)).faults.map(({ code }) => code)).toEqual(['no_master_key'])
    expect((await planImport('premises', 'premises,note\nH1,x\n', ground)).changes.length).toBe(1)
  })
})
