import type { DeviceStatus } from '@gastwin/twin'
import type { Weather } from '../demand/weather.ts'
import type { ConsumptionBook } from '../metering/consumption-book.ts'
import type { CityPhysics } from '../physics/city-physics.ts'
import type { ServiceLink } from './service-link.ts'

/** What can stand in the calendar; the number of the device goes with it. */
export const TASKS = [
  'physics',
  'household',
  'retry',
  'button',
  'alarm',
  'business',
  'business_retry',
  'rtu',
  'valve_arrives',
  'valve_speaks',
  'crew',
  'truth',
  'attack',
  'concentrator',
  'firmware',
  'boot',
  'start_up',
  'moved',
  'prices',
  'concentrator_firmware',
  'concentrator_boot',
  'line_button',
] as const
export type Task = (typeof TASKS)[number]

/** What a meter or concentrator is and can be told by its maker's image. */
export interface UpdatedDevice {
  /** Its row: tasks in the calendar go under it. */
  readonly row: number
  readonly device: number
  readonly maker: string
  /** Without end for what has mains. */
  readonly batteryVolt: number
  /** Radio cell. */
  readonly pci: number
}

/** What devices say of their firmware, and who changes it for them. */
export interface FirmwareCrew {
  /** For the next report: with the first one, and when something has come of an order. */
  wordOf(device: UpdatedDevice): Pick<DeviceStatus, 'firmware' | 'update'>
  /** The platform has acknowledged a report that said so. */
  heard(row: number, word: Pick<DeviceStatus, 'firmware' | 'update'>): void
  /** An order came with an answer; one that is under way or was ended is not begun again. */
  order(device: UpdatedDevice, id: number, image: number): void
}

/** What devices of every kind need of the world around them. Instants are Unix ms of event time. */
export interface FieldWork {
  readonly start: number
  /** The instant that is being lived. */
  readonly now: number
  /** Event seconds per wall second. */
  readonly speed: number
  /** Report counters begin here, so that a fleet that goes on does not repeat old numbers. */
  readonly firstSequence: number
  readonly weather: Weather
  readonly book: ConsumptionBook
  readonly link: Pick<ServiceLink, 'lookup' | 'report' | 'hasIdentity' | 'forgetKey'>
  readonly physics: CityPhysics
  /** undefined where meters hold no authority's key: then they take no firmware. */
  readonly firmware?: FirmwareCrew | undefined
  /** End of the physics' last step. */
  readonly physicsAt: number
  /** What the service's clock shows at this moment of the wall. */
  serviceInstant(): number
  /** The instant at which so many ms of the wall will have passed: a busy platform's "later" is meant so, whatever speed comes next. */
  after(wallMs: number): number
  plan(task: Task, device: number, at: number): void
  socketOf(device: number): number
  /** A socket towards another address of a platform, as `host:port`; rejects when there is no way to it. */
  socketTo(address: string): Promise<number>
  /** Whether a radio cell is out of order. */
  isSilent(pci: number): boolean
}
