import { DeviceIndex } from '@gastwin/twin'

const KEY_BYTES = 16

/** A session as it is known; an ended one has no key. */
export interface Session {
  /** Position of the event in the log: the key holds behind it. */
  readonly position: number
  readonly key: Uint8Array | undefined
  readonly serial: number
  readonly nonceAt: number
  readonly platform: string
}

/** Columns that travel to other threads as they are; replaced when they grow. */
export interface SessionColumns {
  count: number
  numbers: Float64Array
  positions: Float64Array
  /** 16 bytes a row; all zero when the session has ended. */
  keys: Uint8Array
  ended: Uint8Array
  serials: Float64Array
  noncesAt: Float64Array
  platforms: Uint16Array
  platformNames: string[]
  /** What a later session took the place of, newest first. */
  older: Map<number, Session[]>
}

export const emptySessions = (): SessionColumns => ({
  count: 0,
  numbers: new Float64Array(16),
  positions: new Float64Array(16),
  keys: new Uint8Array(16 * KEY_BYTES),
  ended: new Uint8Array(16),
  serials: new Float64Array(16),
  noncesAt: new Float64Array(16),
  platforms: new Uint16Array(16),
  platformNames: [],
  older: new Map(),
})

/** Sessions of devices by number and place in the log: one row a device for its newest, 59 bytes, and the former ones beside. */
export class SessionTable {
  readonly columns: SessionColumns
  readonly #index: DeviceIndex

  constructor(columns: SessionColumns) {
    this.columns = columns
    this.#index = new DeviceIndex(columns.count)
    for (let row = 0; row < columns.count; row++) this.#index.insert(row, columns.numbers)
  }

  /** The session that holds for a record at `position`; undefined when there was none yet. */
  find(device: number, position: number): Session | undefined {
    const row = this.rowAt(device)
    if (row < 0) return undefined
    const { columns } = this
    if ((columns.positions[row] ?? 0) < position) return this.#session(row)
    return columns.older.get(device)?.find((session) => session.position < position)
  }

  /** Key for a record at `position`: undefined when the device has no session then, `ended` when it had one. */
  keyOf(device: number, position: number): Uint8Array | 'ended' | undefined {
    const row = this.rowAt(device)
    if (row < 0) return undefined
    const { positions, ended, keys } = this.columns
    if ((positions[row] ?? 0) < position)
      return ended[row] === 1 ? 'ended' : keys.subarray(row * KEY_BYTES, (row + 1) * KEY_BYTES)
    const older = this.find(device, position)
    return older === undefined ? undefined : (older.key ?? 'ended')
  }

  /** Adds a session behind those that are known; an older or known position changes nothing. */
  add(device: number, session: Session): void {
    const { columns } = this
    let row = this.rowAt(device)
    if (row >= 0) {
      if ((columns.positions[row] ?? 0) >= session.position) return
      const older = columns.older.get(device) ?? []
      older.unshift(this.#session(row))
      columns.older.set(device, older)
    } else {
      if (columns.count === columns.numbers.length) this.#grow()
      row = columns.count
      columns.numbers[row] = device
      columns.count += 1
      this.#index.insert(row, columns.numbers)
    }
    columns.positions[row] = session.position
    columns.ended[row] = session.key === undefined ? 1 : 0
    columns.keys.fill(0, row * KEY_BYTES, (row + 1) * KEY_BYTES)
    if (session.key !== undefined) columns.keys.set(session.key, row * KEY_BYTES)
    columns.serials[row] = session.serial
    columns.noncesAt[row] = session.nonceAt
    columns.platforms[row] = this.#platform(session.platform)
  }

  /** Every session that was ever made, device by device, oldest first. */
  *all(): IterableIterator<readonly [device: number, session: Session]> {
    const { numbers, count, older } = this.columns
    for (let row = 0; row < count; row++) {
      const device = numbers[row] ?? 0
      for (const session of older.get(device)?.toReversed() ?? []) yield [device, session]
      yield [device, this.#session(row)]
    }
  }

  rowAt(device: number): number {
    return this.#index.find(device, this.columns.numbers)
  }

  #session(row: number): Session {
    const { positions, ended, keys, serials, noncesAt, platforms, platformNames } = this.columns
    return {
      position: positions[row] ?? 0,
      key: ended[row] === 1 ? undefined : keys.slice(row * KEY_BYTES, (row + 1) * KEY_BYTES),
      serial: serials[row] ?? 0,
      nonceAt: noncesAt[row] ?? 0,
      platform: platformNames[platforms[row] ?? 0] ?? '',
    }
  }

  #platform(name: string): number {
    const { platformNames } = this.columns
    const known = platformNames.indexOf(name)
    return known >= 0 ? known : platformNames.push(name) - 1
  }

  #grow(): void {
    const { columns } = this
    const rows = columns.numbers.length * 2
    const wider = <T extends Float64Array | Uint8Array | Uint16Array>(old: T, made: T): T => {
      made.set(old)
      return made
    }
    columns.numbers = wider(columns.numbers, new Float64Array(rows))
    columns.positions = wider(columns.positions, new Float64Array(rows))
    columns.keys = wider(columns.keys, new Uint8Array(rows * KEY_BYTES))
    columns.ended = wider(columns.ended, new Uint8Array(rows))
    columns.serials = wider(columns.serials, new Float64Array(rows))
    columns.noncesAt = wider(columns.noncesAt, new Float64Array(rows))
    columns.platforms = wider(columns.platforms, new Uint16Array(rows))
  }
}
