import type { Loose } from '../fields.ts'
import type { Notes } from '../imported.ts'
import { attribute, quantity } from './xml.ts'

const NORMAL_STATE = { pressure_pa: 101_325, temperature_k: 273.15 }
const ASSUMED_VISCOSITY_PA_S = 1.1e-5

/** The one gas of a network whose entries feed different ones: means weighted by what each feeds in. */
export function gasOf(entries: readonly Loose[], weightOf: (id: string) => number, notes: Notes) {
  const weights = entries.map((entry) => weightOf(attribute(entry, 'id') ?? ''))
  const total = weights.reduce((sum, w) => sum + w, 0)
  const mean = (name: string, unit: string): number | undefined => {
    const values = entries.map((entry) => quantity(entry, name, unit))
    if (values.every((v) => v === undefined)) return undefined
    if (new Set(values).size > 1) notes.add('the gases of the entries are mixed to one by what each feeds in')
    const used = values.map((v, i) => ({ v, w: total > 0 ? (weights[i] ?? 0) : 1 })).filter(({ v }) => v !== undefined)
    const all = used.reduce((sum, { w }) => sum + w, 0)
    return all > 0 ? used.reduce((sum, { v, w }) => sum + (v ?? 0) * w, 0) / all : used[0]?.v
  }
  const normalDensity = mean('normDensity', 'kg_per_m_cube')
  const molarMass = mean('molarMass', 'kg_per_kmol')
  const temperature = mean('gasTemperature', 'K') ?? 283.15
  const criticalPressure = mean('pseudocriticalPressure', 'bar')
  const criticalTemperature = mean('pseudocriticalTemperature', 'K')
  const papay = criticalPressure !== undefined && criticalTemperature !== undefined
  if (!papay) notes.add('no pseudocritical values: Z = 1 was taken')
  if (normalDensity === undefined) notes.add('no norm density: 0.785 kg/m³ was taken')
  notes.add(
    'the file has no viscosity and no friction law: rough-pipe friction (nikuradse) without a laminar part was taken',
  )
  const fluid: Loose = {
    kind: 'gas',
    ...(molarMass === undefined
      ? { density_kg_m3: normalDensity ?? 0.785, density_state: NORMAL_STATE }
      : { molar_mass_kg_mol: molarMass }),
    viscosity_pa_s: ASSUMED_VISCOSITY_PA_S,
    temperature_k: temperature,
    compressibility: papay
      ? { law: 'papay', critical_pressure_pa: criticalPressure, critical_temperature_k: criticalTemperature }
      : { law: 'constant', z: 1 },
  }
  return { fluid, normalDensity: normalDensity ?? 0.785 }
}
