import { PLACE_CLASSES } from '../contract/index.ts'
import { HEATING_WORDS } from './heated-points.ts'

/** What may stand in a cell. */
export type CellKind =
  | { readonly kind: 'text'; readonly most: number }
  /** Digits of a device number. */
  | { readonly kind: 'number' }
  | { readonly kind: 'date' }
  /** Words separated by semicolons. */
  | { readonly kind: 'tags' }
  | { readonly kind: 'word'; readonly words: readonly string[] }
  /** Key of a row in another table. */
  | { readonly kind: 'reference'; readonly table: ArchiveTableName }
  /** A metering point: the number of a meter of the network. */
  | { readonly kind: 'point' }

export interface ArchiveColumn {
  readonly name: string
  /** The heading that Chinese tables have. */
  readonly zh: string
  readonly cell: CellKind
  /** Sealed in the log, masked on screens. */
  readonly personal?: true
}

export const ARCHIVE_TABLES = ['devices', 'premises', 'customers'] as const
export type ArchiveTableName = (typeof ARCHIVE_TABLES)[number]

/** Life of a device, in order. A device without a row in the archive that belongs to the network is in service. */
export const LIFE_STATES = ['stored', 'installed', 'in_service', 'out_of_service', 'scrapped'] as const
export type LifeState = (typeof LIFE_STATES)[number]

/** What may follow; what was scrapped comes back as another device only. */
export const LIFE_FOLLOWERS: Readonly<Record<LifeState, readonly LifeState[]>> = {
  stored: ['installed', 'in_service', 'scrapped'],
  installed: ['in_service', 'out_of_service', 'stored'],
  in_service: ['out_of_service', 'stored'],
  out_of_service: ['in_service', 'installed', 'stored', 'scrapped'],
  scrapped: [],
}

const text = (most: number): CellKind => ({ kind: 'text', most })

/** The tables; the first column is the key. */
export const ARCHIVE_COLUMNS: Readonly<Record<ArchiveTableName, readonly ArchiveColumn[]>> = {
  devices: [
    { name: 'number', zh: '表号', cell: { kind: 'number' } },
    { name: 'life', zh: '生命周期', cell: { kind: 'word', words: LIFE_STATES } },
    { name: 'maker', zh: '厂家', cell: text(60) },
    { name: 'model', zh: '型号', cell: text(60) },
    { name: 'serial', zh: '出厂编号', cell: text(60) },
    { name: 'installed_on', zh: '安装日期', cell: { kind: 'date' } },
    { name: 'verified_until', zh: '检定有效期', cell: { kind: 'date' } },
    { name: 'premises', zh: '用气点', cell: { kind: 'reference', table: 'premises' } },
    { name: 'group', zh: '分组', cell: text(40) },
    { name: 'tags', zh: '标签', cell: { kind: 'tags' } },
    { name: 'note', zh: '备注', cell: text(200) },
  ],
  premises: [
    { name: 'premises', zh: '用气点', cell: text(40) },
    { name: 'point', zh: '计量点', cell: { kind: 'point' } },
    { name: 'address', zh: '地址', cell: text(200), personal: true },
    { name: 'place', zh: '场景', cell: { kind: 'word', words: PLACE_CLASSES } },
    { name: 'heating', zh: '燃气采暖', cell: { kind: 'word', words: HEATING_WORDS } },
    { name: 'note', zh: '备注', cell: text(200) },
  ],
  customers: [
    { name: 'customer', zh: '客户编号', cell: text(40) },
    { name: 'premises', zh: '用气点', cell: { kind: 'reference', table: 'premises' } },
    { name: 'name', zh: '姓名', cell: text(100), personal: true },
    { name: 'phone', zh: '电话', cell: text(40), personal: true },
    { name: 'note', zh: '备注', cell: text(200) },
  ],
}
