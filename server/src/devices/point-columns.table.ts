import { METER_CLASSES, METER_KINDS, METER_PLACEMENTS } from '@gastwin/twin'
import { ARCHIVE_COLUMNS, type ArchiveColumn, type CellKind } from './archive-columns.table.ts'

const text = (most: number): CellKind => ({ kind: 'text', most })
const word = (...words: readonly string[]): CellKind => ({ kind: 'word', words })
const own = (table: 'premises' | 'customers', name: string): ArchiveColumn => {
  const column = ARCHIVE_COLUMNS[table].find((one) => one.name === name)
  return column ?? { name, zh: name, cell: text(40) }
}

/** Columns of a table of metering points: what a network document says of a meter, and who is behind it; the first is the key. */
export const POINT_COLUMNS: readonly ArchiveColumn[] = [
  { name: 'number', zh: '表号', cell: { kind: 'number' } },
  { name: 'node', zh: '节点', cell: text(100) },
  { name: 'pipe', zh: '管段', cell: text(100) },
  { name: 'zone', zh: '供气分区', cell: text(100) },
  { name: 'medium', zh: '介质', cell: word(...METER_KINDS) },
  { name: 'class', zh: '用户类别', cell: word(...METER_CLASSES) },
  { name: 'size', zh: '规格', cell: text(20) },
  { name: 'placement', zh: '安装位置', cell: word(...METER_PLACEMENTS) },
  { name: 'corrector', zh: '体积修正', cell: word('yes', 'no') },
  { name: 'installed_year', zh: '安装年份', cell: text(4) },
  { name: 'lon', zh: '经度', cell: text(20) },
  { name: 'lat', zh: '纬度', cell: text(20) },
  { name: 'schedule', zh: '抄表周期', cell: text(20) },
  { name: 'protected', zh: '重点保护', cell: text(40) },
  { name: 'profile', zh: '厂家规约', cell: text(100) },
  { name: 'premises', zh: '用气点', cell: text(40) },
  own('premises', 'address'),
  { name: 'customer', zh: '客户编号', cell: text(40) },
  own('customers', 'name'),
  own('customers', 'phone'),
  { name: 'group', zh: '分组', cell: text(40) },
  { name: 'tags', zh: '标签', cell: { kind: 'tags' } },
]
