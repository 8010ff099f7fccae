import { isLoose, type Loose, numberIn, textIn } from '../fields.ts'
import type { Notes } from '../imported.ts'
import { unpack } from './frames.ts'

const NORMAL_TEMPERATURE_K = 273.15
const NORMAL_PRESSURE_PA = 101_325

/** The fluid of a pandapipes net in the words of the network document. @param temperature K, of the flowing fluid */
export function fluidOf(net: Loose, temperature: number, notes: Notes): Loose {
  const fluid = unpack(net['fluid'])
  const properties = isLoose(fluid) && isLoose(fluid['all_properties']) ? fluid['all_properties'] : {}
  const gas = isLoose(fluid) ? fluid['is_gas'] === true || fluid['fluid_type'] === 'gas' : true
  const at = (name: string, where: number): number | undefined => propertyAt(properties[name], where)
  const density = at('density', gas ? NORMAL_TEMPERATURE_K : temperature)
  if (density === undefined) notes.add('the fluid has no density that could be read: 0.73 kg/m³ at 273.15 K was taken')
  return {
    kind: gas ? 'gas' : 'water',
    name: isLoose(fluid) ? textIn(fluid, 'name') : undefined,
    density_kg_m3: density ?? 0.73,
    density_state: { pressure_pa: NORMAL_PRESSURE_PA, temperature_k: gas ? NORMAL_TEMPERATURE_K : temperature },
    viscosity_pa_s: at('viscosity', temperature) ?? null,
    temperature_k: temperature,
    compressibility: gas ? compressibilityOf(properties['compressibility'], notes) : null,
  }
}

function compressibilityOf(property: unknown, notes: Notes): Loose {
  const value = unpack(property)
  if (!isLoose(value)) return { law: 'constant', z: 1 }
  const slope = numberIn(value, 'slope')
  if (slope !== undefined) return { law: 'linear', offset: numberIn(value, 'offset') ?? 1, slope_per_bar: slope }
  const constant = numberIn(value, 'value')
  if (constant === undefined) notes.add('compressibility is of a form that is not known: Z = 1 was taken')
  return { law: 'constant', z: constant ?? 1 }
}

/** Constant, linear (slope, offset) or a table over temperature, which goes on straight beyond its ends. */
function propertyAt(property: unknown, where: number): number | undefined {
  const value = unpack(property)
  if (!isLoose(value)) return undefined
  const slope = numberIn(value, 'slope')
  if (slope !== undefined) return slope * where + (numberIn(value, 'offset') ?? 0)
  const constant = numberIn(value, 'value')
  if (constant !== undefined) return constant
  const x = numbersOf(value['x'])
  const y = numbersOf(value['y'])
  if (x.length < 2 || x.length !== y.length) return undefined
  let k = 1
  while (k < x.length - 1 && (x[k] ?? 0) < where) k += 1
  const [x0 = 0, x1 = 1] = [x[k - 1], x[k]]
  const [y0 = 0, y1 = 0] = [y[k - 1], y[k]]
  return y0 + ((y1 - y0) * (where - x0)) / (x1 - x0)
}

function numbersOf(value: unknown): readonly number[] {
  const list = unpack(value)
  return Array.isArray(list) ? list.map((item) => Number(unpack(item))) : []
}
