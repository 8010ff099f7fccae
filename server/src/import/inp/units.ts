import { ImportFault } from '../imported.ts'
import { type InpSections, setting } from './sections.ts'

const FOOT = 0.3048
/** m³/s of each flow unit; the first five go with feet, inches and psi, the others with metres, millimetres and metres of head. */
const FLOW: Readonly<Record<string, number>> = {
  CFS: FOOT ** 3,
  GPM: 0.003_785_411_784 / 60,
  MGD: 3785.411_784 / 86_400,
  IMGD: 4546.09 / 86_400,
  AFD: (43_560 * FOOT ** 3) / 86_400,
  LPS: 1e-3,
  LPM: 1e-3 / 60,
  MLD: 1e3 / 86_400,
  CMH: 1 / 3600,
  CMD: 1 / 86_400,
  CMS: 1,
}
const US = new Set(['CFS', 'GPM', 'MGD', 'IMGD', 'AFD'])
/** Feet of water of one psi, as EPANET converts. */
const FEET_PER_PSI = 1 / 0.4333

/** What a file's numbers are in SI: multiply by these. */
export interface InpUnits {
  readonly length: number
  readonly diameter: number
  readonly flow: number
  /** Metres of head of one unit of pressure. */
  readonly head: number
  /** Roughness of the Darcy–Weisbach law. */
  readonly roughness: number
  readonly headloss: 'H-W' | 'D-W' | 'C-M'
  readonly specificGravity: number
  /** m²/s. */
  readonly kinematicViscosity: number
}

const WATER_VISCOSITY_M2_S = 1.1e-5 * FOOT ** 2

/** @source EPANET manual, input file: US units for CFS … AFD, else SI metric; GPM and H-W where nothing is said */
export function unitsOf(sections: InpSections): InpUnits {
  const options = sections.get('OPTIONS')
  const flow = setting(options, 'UNITS')?.toUpperCase() ?? 'GPM'
  const flowUnit = FLOW[flow]
  if (flowUnit === undefined) throw new ImportFault(`flow unit "${flow}" is not known`)
  const headloss = setting(options, 'HEADLOSS')?.toUpperCase() ?? 'H-W'
  if (headloss !== 'H-W' && headloss !== 'D-W' && headloss !== 'C-M')
    throw new ImportFault(`headloss formula "${headloss}" is not known`)
  const us = US.has(flow)
  const pressure = setting(options, 'PRESSURE')?.toUpperCase() ?? (us ? 'PSI' : 'METERS')
  const gravity = Number(setting(options, 'SPECIFIC', 'GRAVITY') ?? 1)
  const viscosity = Number(setting(options, 'VISCOSITY') ?? 1)
  return {
    length: us ? FOOT : 1,
    diameter: us ? FOOT / 12 : 1e-3,
    flow: flowUnit,
    head: pressure === 'PSI' ? FEET_PER_PSI * FOOT : pressure === 'KPA' ? FEET_PER_PSI * FOOT * 0.145_037_737_73 : 1,
    roughness: us ? 1e-3 * FOOT : 1e-3,
    headloss,
    specificGravity: gravity,
    kinematicViscosity: viscosity > 1e-3 ? viscosity * WATER_VISCOSITY_M2_S : viscosity * (us ? FOOT ** 2 : 1),
  }
}
