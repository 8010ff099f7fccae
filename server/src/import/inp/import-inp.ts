import { completeDocument } from '@gastwin/twin'
import type { Loose } from '../fields.ts'
import { type Imported, ImportFault, type ImportOptions, Notes } from '../imported.ts'
import { conditionsAt, type InpConditions } from './conditions.ts'
import { linksOf } from './links.ts'
import { type InpSections, numberAt, readSections, setting } from './sections.ts'
import { type InpUnits, unitsOf } from './units.ts'

const ATMOSPHERE_PA = 101_325
const GRAVITY = 9.81
const WATER_KG_M3 = 1000

/** Sections of other subjects, and those that steady flow at one moment does not need. */
const IGNORED = new Set(
  'TITLE REPORT TIMES OPTIONS COORDINATES VERTICES LABELS BACKDROP TAGS END ENERGY QUALITY SOURCES REACTIONS MIXING'.split(
    ' ',
  ),
)
const READ = new Set(
  'JUNCTIONS RESERVOIRS TANKS PIPES PUMPS VALVES DEMANDS PATTERNS CURVES STATUS CONTROLS RULES EMITTERS'.split(' '),
)

/**
 * An EPANET input file at one moment of its patterns (the start unless said): tanks and reservoirs hold their level.
 * Pressures become absolute over a constant atmosphere.
 * @source EPANET manual, input file format
 */
export function importInp(text: string, options: ImportOptions): Imported {
  const sections = readSections(text)
  if (!sections.has('JUNCTIONS')) throw new ImportFault('no EPANET network: no section [JUNCTIONS]')
  const notes = new Notes()
  const units = unitsOf(sections)
  const levels = new Map((sections.get('TANKS') ?? []).map((line) => [line[0] ?? '', numberAt(line, 2) ?? 0]))
  const conditions = conditionsAt(sections, options.patternTimeS ?? 0, (node) => levels.get(node), notes)
  const density = WATER_KG_M3 * units.specificGravity
  const perMetre = density * GRAVITY
  const nodes = nodesOf(sections, units, conditions)
  const used = sections.get('EMITTERS') ?? []
  if (used.length > 0) notes.add('emitters are not used', ...used.map((line) => line[0] ?? ''))
  if ([...levels].length > 0) notes.add('tanks hold their initial level', ...levels.keys())
  for (const [name, lines] of sections)
    if (!IGNORED.has(name) && !READ.has(name) && lines.length > 0) notes.add(`section [${name}] is not used`)
  const document = {
    format: 'gastwin-network/1',
    name: (sections.get('TITLE')?.[0] ?? [options.name]).join(' '),
    fluid: {
      kind: 'water',
      density_kg_m3: density,
      density_state: { pressure_pa: ATMOSPHERE_PA, temperature_k: 293.15 },
      viscosity_pa_s: units.kinematicViscosity * density,
      temperature_k: 293.15,
    },
    friction: { 'H-W': HAZEN_WILLIAMS, 'D-W': DARCY, 'C-M': MANNING }[units.headloss],
    gravity_m_s2: GRAVITY,
    ambient: { law: 'constant', pressure_pa: ATMOSPHERE_PA },
    nodes: nodes.map(({ head: _head, ...node }) => node),
    ...linksOf({ sections, units, conditions, perMetre, density, notes }),
    sources: nodes.flatMap(({ id, head }) =>
      head === undefined ? [] : [{ node: id, pressure_pa: ATMOSPHERE_PA + head * perMetre }],
    ),
    demands: demandsOf(sections, units, conditions, density),
  }
  return { document: completeDocument(document), notes: notes.list() }
}

const HAZEN_WILLIAMS = { law: 'hazen-williams', laminar: 'none' }
const DARCY = { law: 'swamee-jain', laminar: 'switch' }
const MANNING = { law: 'fixed', laminar: 'none' }

interface InpNode extends Loose {
  readonly id: string
  /** Metres of head over the node's own height where it is given; undefined at junctions. */
  readonly head: number | undefined
}

function nodesOf(sections: InpSections, units: InpUnits, conditions: InpConditions): readonly InpNode[] {
  const places = new Map((sections.get('COORDINATES') ?? []).map((line) => [line[0] ?? '', line]))
  const node = (id: string, kind: string, height: number, head: number | undefined): InpNode => {
    const place = places.get(id) ?? []
    return { id, kind, height_m: height, x_m: numberAt(place, 1) ?? null, y_m: numberAt(place, 2) ?? null, head }
  }
  const length = (line: readonly string[], at: number) => (numberAt(line, at) ?? 0) * units.length
  return [
    ...(sections.get('JUNCTIONS') ?? []).map((line) => node(line[0] ?? '', 'junction', length(line, 1), undefined)),
    ...(sections.get('RESERVOIRS') ?? []).map((line) =>
      node(line[0] ?? '', 'reservoir', length(line, 1) * (line[2] === undefined ? 1 : conditions.pattern(line[2])), 0),
    ),
    ...(sections.get('TANKS') ?? []).map((line) => node(line[0] ?? '', 'tank', length(line, 1), length(line, 2))),
  ]
}

/** Rows of [DEMANDS] take the place of the demand in [JUNCTIONS]. */
function demandsOf(
  sections: InpSections,
  units: InpUnits,
  conditions: InpConditions,
  density: number,
): readonly Loose[] {
  const multiplier = Number(setting(sections.get('OPTIONS'), 'DEMAND', 'MULTIPLIER') ?? 1)
  const taken = new Map<string, number>()
  const own = new Set((sections.get('DEMANDS') ?? []).map((line) => line[0] ?? ''))
  const add = (id: string, base: number | undefined, pattern: string | undefined) => {
    const flow = (base ?? 0) * multiplier * conditions.pattern(pattern ?? conditions.defaultPattern)
    if (flow !== 0) taken.set(id, (taken.get(id) ?? 0) + flow * units.flow * density)
  }
  for (const line of sections.get('JUNCTIONS') ?? [])
    if (!own.has(line[0] ?? '')) add(line[0] ?? '', numberAt(line, 2), line[3])
  for (const line of sections.get('DEMANDS') ?? []) {
    if (line[0]?.toUpperCase() === 'MULTIPLY') continue
    add(line[0] ?? '', numberAt(line, 1), line[2])
  }
  return [...taken].map(([node, mass_flow_kg_s]) => ({ node, mass_flow_kg_s }))
}
