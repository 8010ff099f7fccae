/**
 * WebSocket `/ws`. The console sends `hello` first; the server answers `welcome`, then binary GMD1 frames at most 5 times a
 * second per layer (frames.ts), `status` once a second, and `alarms`/`shutoffs` when they change.
 */
import type { Alarm, AlarmKpis } from './alarms.ts'
import type { Leak } from './analysis.ts'
import type { Shutoff } from './safety.ts'
import type { ZoneSummary } from './zones.ts'

export const LAYERS = { meters: 1, pipes: 2, rtus: 3, zones: 4, valves: 5 } as const
export type LayerName = keyof typeof LAYERS

/** State bytes per layer: on the wire and on the graphics card; colour is the console's business. */
export const METER_STATE = { unknown: 0, normal: 1, stale: 2, warning: 3, alarm: 4, closed: 5 } as const
export const PIPE_STATE = { unknown: 0, normal: 1, low_pressure: 2, isolated: 3, suspect: 4 } as const
export const RTU_STATE = { unknown: 0, normal: 1, stale: 2, low: 3, high: 4, fault: 5 } as const
export const ZONE_STATE = { no_data: 0, within: 1, up: 2, up_strong: 3, down: 4, down_strong: 5 } as const
export const VALVE_STATE = { unknown: 0, open: 1, closed: 2, moving: 3, abnormal: 4 } as const

export interface Status {
  readonly now: number
  readonly speed: number
  /** Supply into the city now, m³/s at the reference state; null when a gate is not heard. */
  readonly supply_m3_s: number | null
  readonly sales_estimate_m3_s: number | null
  readonly lowest_pressure: { readonly zone: string; readonly pressure_pa: number; readonly limit_pa: number } | null
  readonly rtus_heard: number
  readonly rtus_total: number
  readonly meters_heard_24h: number
  readonly meters_total: number
  /** Age of the newest data per source, ms. */
  readonly age: { readonly rtu: number | null; readonly commercial: number | null; readonly residential: number | null }
  readonly gap_yesterday: { readonly rate: number | null; readonly unread_share: number } | null
  readonly gap_month: { readonly rate: number | null; readonly days: number } | null
  readonly alarms: AlarmKpis
  readonly reports_per_s: number
  readonly log: 'ok' | 'full'
  readonly store: { readonly state: 'ok' | 'behind' | 'down'; readonly lag_reports: number }
}

export type ServerMessage =
  | {
      readonly type: 'welcome'
      readonly snapshot: number
      readonly seq: Readonly<Record<LayerName, number>>
      readonly now: number
      readonly version: string
    }
  | ({ readonly type: 'status' } & Status)
  | { readonly type: 'alarms'; readonly changed: readonly Alarm[]; readonly full?: boolean }
  | { readonly type: 'shutoffs'; readonly changed: readonly Shutoff[]; readonly full?: boolean }
  | { readonly type: 'leaks'; readonly leaks: readonly Leak[] }
  /** A new estimate can be fetched: `GET /api/v1/map/estimate`. */
  | { readonly type: 'estimate'; readonly at: number }
  /** The gap was stated anew, or somebody did something about a suspect: `GET /api/v1/gap`, `/gap/suspects`. */
  | { readonly type: 'gap'; readonly stated_at: number }
  | { readonly type: 'zones'; readonly zones: readonly ZoneSummary[] }
  | { readonly type: 'resync'; readonly reason: 'slow' | 'snapshot' }
  | { readonly type: 'error'; readonly code: string; readonly detail: string }

export type ClientMessage =
  | { readonly type: 'hello'; readonly token: string; readonly version: string }
  /** Ask again for frames of a layer (the server keeps the last 64). */
  | { readonly type: 'resend'; readonly layer: LayerName; readonly from: number; readonly to: number }
