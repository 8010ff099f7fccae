import { METER_STATE, PIPE_STATE, RTU_STATE, VALVE_STATE, ZONE_STATE } from '@gastwin/server/contract'

/** Red, green, blue, 0…255, and opacity 0…255. */
export type Rgba = readonly [r: number, g: number, b: number, a: number]

export function rgba(hex: string, alpha = 255): Rgba {
  const n = Number.parseInt(hex.slice(1), 16)
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255, alpha]
}

/** Colours of the map; the same tokens stand in style/tokens.css for what is drawn by the page. */
export const INK = {
  ground: '#23272b',
  water: '#1d2931',
  street: '#30363b',
  streetMajor: '#3a4147',
  zoneLine: '#596168',
  normal: '#78828c',
  unknown: '#565e66',
  /** Abnormal assets are told by lightness and shape: hues belong to alarms, gap classes and plans. */
  abnormal: '#f4f7f9',
  plan: '#c58bff',
  planGround: '#4a3d59',
  selection: '#ffffff',
  gapUp: '#a08a68',
  gapUpStrong: '#d6bf97',
  gapDown: '#5f7fae',
  gapDownStrong: '#93aed8',
  leak: '#ff6a55',
} as const

export interface LineLook {
  readonly color: Rgba
  /** Factor on the width of a normal pipe. */
  readonly width: number
  /** Length of one dash and its gap, px; 0 draws through. */
  readonly dash: number
}

const normalLine: LineLook = { color: rgba(INK.normal), width: 1, dash: 0 }

/**
 * Colours of the scales, low to high. Each grows in luminance all the way, so that order survives every kind of colour blindness
 * and a grey print; pressure runs from blue to sand, the axis that red-green blindness leaves whole.
 */
export const RAMPS = {
  pressure: ['#4f6fc0', '#6c86b4', '#8d9da6', '#b6b58f', '#f2dd8a'],
  flow: ['#565e66', '#7d8f9c', '#a9c3d2', '#e9f6ff'],
  blind: ['#59636c', '#7a858e', '#a7b0b7', '#f4f7f9'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** By state byte. */
export const PIPE_LOOKS: readonly LineLook[] = byState(PIPE_STATE, {
  unknown: { color: rgba(INK.unknown), width: 1, dash: 7 },
  normal: normalLine,
  low_pressure: { color: rgba(INK.abnormal), width: 1.9, dash: 0 },
  isolated: { color: rgba(INK.plan), width: 2, dash: 10 },
  suspect: { color: rgba(INK.abnormal), width: 2.2, dash: 5 },
})

export const SHAPES = {
  none: 0,
  dot: 1,
  ring: 2,
  square: 3,
  squareFilled: 4,
  triangleUp: 5,
  triangleDown: 6,
  cross: 7,
  valve: 8,
  valveFilled: 9,
  remoteValve: 10,
  remoteValveFilled: 11,
  hexagon: 12,
  hexagonFilled: 13,
} as const
export type Shape = keyof typeof SHAPES

export interface SymbolLook {
  readonly shape: Shape
  readonly color: Rgba
}

export const RTU_LOOKS: readonly SymbolLook[] = byState(RTU_STATE, {
  unknown: { shape: 'ring', color: rgba('#7b848c') },
  normal: { shape: 'squareFilled', color: rgba('#98a1a9') },
  stale: { shape: 'ring', color: rgba('#a9b2ba') },
  low: { shape: 'triangleDown', color: rgba(INK.abnormal) },
  high: { shape: 'triangleUp', color: rgba(INK.abnormal) },
  fault: { shape: 'cross', color: rgba(INK.abnormal) },
})

const valveLooks = (open: Shape, closed: Shape): readonly SymbolLook[] =>
  byState<keyof typeof VALVE_STATE, SymbolLook>(VALVE_STATE, {
    unknown: { shape: open, color: rgba('#6b747c') },
    open: { shape: open, color: rgba('#98a1a9') },
    closed: { shape: closed, color: rgba(INK.abnormal) },
    moving: { shape: closed, color: rgba(INK.plan) },
    abnormal: { shape: 'cross', color: rgba(INK.abnormal) },
  })

export const MANUAL_VALVE_LOOKS: readonly SymbolLook[] = valveLooks('valve', 'valveFilled')
export const REMOTE_VALVE_LOOKS: readonly SymbolLook[] = valveLooks('remoteValve', 'remoteValveFilled')

const METER_INK = rgba('#8b959e')
export const METER_LOOKS: readonly SymbolLook[] = byState(METER_STATE, {
  unknown: { shape: 'ring', color: rgba(INK.unknown) },
  normal: { shape: 'dot', color: METER_INK },
  stale: { shape: 'ring', color: METER_INK },
  warning: { shape: 'triangleUp', color: rgba('#c9d0d6') },
  alarm: { shape: 'squareFilled', color: rgba(INK.abnormal) },
  closed: { shape: 'cross', color: rgba('#c9d0d6') },
})

export const GATE_LOOKS: readonly SymbolLook[] = Array(8).fill({ shape: 'hexagonFilled', color: rgba('#c3cad0') })
export const REGULATOR_LOOKS: readonly SymbolLook[] = Array(8).fill({ shape: 'hexagon', color: rgba('#a9b2ba') })

/** Fill of a zone by its state byte: at most 35 % opaque, so that white figures on it stay readable. */
export const ZONE_FILLS: readonly Rgba[] = byState(ZONE_STATE, {
  no_data: rgba(INK.unknown, 0),
  within: rgba(INK.normal, 0),
  up: rgba(INK.gapUp, 89),
  up_strong: rgba(INK.gapUpStrong, 89),
  down: rgba(INK.gapDown, 89),
  down_strong: rgba(INK.gapDownStrong, 89),
})

/** Looks in the order of the state bytes; bytes nobody has named yet look unknown. */
function byState<K extends string, T>(bytes: Readonly<Record<K, number>>, looks: Readonly<Record<K, T>>): readonly T[] {
  const names = Object.keys(bytes) as K[]
  const unknown = names.find((name) => bytes[name] === 0)
  const list: T[] = []
  for (let byte = 0; byte < 8; byte++) {
    const name = names.find((n) => bytes[n] === byte) ?? unknown
    if (name !== undefined) list.push(looks[name])
  }
  return list
}
