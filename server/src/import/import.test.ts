import { describe, expect, test } from 'vitest'
import { formatOf, importNetwork } from './import-network.ts'
import { solveText } from './testing/reference-data.ts'

const DOCUMENT = {
  format: 'gastwin-network/1',
  name: 'two nodes',
  fluid: { kind: 'gas', density_kg_m3: 0.75, density_state: { pressure_pa: 101_325, temperature_k: 273.15 } },
  nodes: [{ id: 'A' }, { id: 'B' }],
  pipes: [{ id: 'P', from: 'A', to: 'B', length_m: 100, diameter_m: 0.05 }],
  sources: [{ node: 'A', pressure_pa: 3e5 }],
  demands: [{ node: 'B', mass_flow_kg_s: 0.01 }],
}

describe('formats', () => {
  test('are told by content', () => {
    expect(formatOf(JSON.stringify(DOCUMENT))).toBe('gastwin')
    expect(formatOf('{"type":"FeatureCollection","features":[]}')).toBe('geojson')
    expect(formatOf('{"_module":"pandapipes.pandapipes_net","_class":"pandapipesNet","_object":{}}')).toBe('pandapipes')
    expect(formatOf('<?xml version="1.0"?><network xmlns="x"/>')).toBe('gaslib')
    expect(formatOf("function mgc = case\nmgc.units = 'si';")).toBe('matgas')
    expect(formatOf('[TITLE]\nx\n[JUNCTIONS]\n')).toBe('inp')
    expect(formatOf('id,from,to')).toBeUndefined()
  })

  test('a document without its empty lists is complete', () => {
    expect(solveText(JSON.stringify(DOCUMENT)).solution.status).toBe('converged')
  })

  test.each(['gastwin', 'geojson', 'pandapipes', 'gaslib', 'matgas', 'inp'] as const)(
    'what is no %s file is refused with one line, never with a crash',
    (format) => {
      for (const text of ['', '{', '[]', '{"a":1}', '<x>', 'mgc.pipe = [ 1 2', '[PIPES]\n1 2'])
        try {
          importNetwork(text, { name: 'x' }, format)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
          expect((error as Error).constructor.name).toBe('ImportFault')
          expect((error as Error).message).not.toContain('\n')
        }
    },
  )
})

test('a FeatureCollection is the same network', () => {
  const point = (x: number, y: number) => ({ type: 'Point', coordinates: [x, y] })
  const feature = (geometry: object | null, properties: object) => ({ type: 'Feature', geometry, properties })
  const collection = {
    type: 'FeatureCollection',
    fluid: DOCUMENT.fluid,
    features: [
      feature(point(8, 48), { kind: 'gate_station', id: 'A' }),
      feature(point(8.01, 48), { kind: 'junction', id: 'B' }),
      feature(
        {
          type: 'LineString',
          coordinates: [
            [8, 48],
            [8.01, 48],
          ],
        },
        { kind: 'pipe', ...DOCUMENT.pipes[0] },
      ),
      feature(null, { kind: 'source', ...DOCUMENT.sources[0] }),
      feature(null, { kind: 'demand', ...DOCUMENT.demands[0] }),
      feature({ type: 'LineString', coordinates: [] }, { kind: 'fence' }),
    ],
  }
  const ours = solveText(JSON.stringify(DOCUMENT))
  const theirs = solveText(JSON.stringify(collection))
  expect(theirs.p('B')).toBe(ours.p('B'))
  expect(theirs.network.document.nodes[0]).toMatchObject({ kind: 'gate_station', lon: 8, lat: 48 })
  expect(theirs.notes).toEqual(['features without a known kind were left out: features[5]'])
})

describe('matgas', () => {
  const text = `function mgc = three_tiers
%% a comment
mgc.gas_specific_gravity = 0.6;
mgc.temperature = 288.706;  % K
mgc.sound_speed = 371.6643;
mgc.R = 8.314;
mgc.units = 'si';
mgc.is_per_unit = 0;
%% junction data
% id p_min p_max p_nominal junction_type status pipeline_name edi_id lat lon
mgc.junction = [
1 0 6000000 5000000 1 1 'main line' 1 6 12
2 0 6000000 5000000 0 1 'main line' 2 6 11
3 0 6000000 5000000 0 1 'side, west' 3 6 10
4 0 6000000 5000000 0 0 'gone' 4 6 9
];
% id fr_junction to_junction diameter length friction_factor p_min p_max status
mgc.pipe = [
1 1 2 0.5 50000 0.01 0 6000000 1; 2 2 3 0.5 20000 0.01 0 6000000 1
3 3 4 0.5 20000 0.01 0 6000000 1
];
mgc.compressor = [
];
mgc.delivery = [
1 3 0 40 30 0 1
];
mgc.receipt = [
1 1 0 100 30 1 1
];
mgc.storage = [
1 2
];
`
  const result = solveText(text)

  test('p1² − p2² is the loss of the fixed friction factor with the file’s speed of sound', () => {
    const loss = (length: number) => (0.01 * length * 371.6643 ** 2 * 900) / (0.5 * ((Math.PI / 4) * 0.25) ** 2)
    expect(result.p('2')).toBeCloseTo(Math.sqrt(25e12 - loss(50_000)), 2)
    expect(result.p('3')).toBeCloseTo(Math.sqrt(25e12 - loss(70_000)), 2)
    expect(result.m('1')).toBeCloseTo(30, 9)
  })

  test('what could not be used is said', () => {
    expect(result.notes).toEqual(['table mgc.storage could not be used', 'edges at unknown junctions were left out: 3'])
  })
})

test('pandapipes: pressure and flow controls, compressors, closed valves and NaN', () => {
  const frame = (columns: readonly string[], ...data: readonly (readonly unknown[])[]) => ({
    _module: 'pandas.core.frame',
    _class: 'DataFrame',
    _object: JSON.stringify({ columns, index: data.map((_, i) => i), data }),
    orient: 'split',
  })
  const net = {
    _module: 'pandapipes.pandapipes_net',
    _class: 'pandapipesNet',
    _object: {
      name: 'net',
      fluid: { _object: JSON.stringify({ is_gas: true, all_properties: { density: { _object: '{"value":0.75}' } } }) },
      user_pf_options: { friction_model: 'colebrook', mode: 'MISSING' },
      junction: frame(['name', 'height_m'], ['A', 0], ['B', 0], ['C', 100], ['D', 0], ['E', 0]),
      pipe: frame(
        ['name', 'from_junction', 'to_junction', 'length_km', 'inner_diameter_mm', 'k_mm'],
        ['AB', 0, 1, 1, 100, 0.1],
        ['CD', 2, 3, 1, 100, 0.1],
      ),
      valve: frame(['name', 'junction', 'element', 'et', 'opened'], ['v', 3, 4, 'ju', false]),
      press_control: frame(
        ['name', 'from_junction', 'to_junction', 'controlled_junction', 'controlled_p_bar', 'control_active'],
        ['pc', 1, 2, 2, 0.5, true],
      ),
      ext_grid: frame(['junction', 'p_bar', 't_k', 'type'], [0, 4, 283.15, 'pt']),
      sink: frame(['junction', 'mdot_kg_per_s', 'scaling'], [3, 0.01, 2]),
    },
  }
  const result = solveText(JSON.stringify(net).replace('"MISSING"', 'NaN'))
  expect(result.p('A')).toBe(501_325)
  expect(result.p('C')).toBeCloseTo(50_000 + 101_325 * (1 - 0.65 / 288.15) ** 5.255, 3)
  expect(result.m('pc')).toBeCloseTo(0.02, 9)
  expect(result.p('E')).toBeNaN()
})

describe('GasLib', () => {
  const quantity = (name: string, value: number, unit: string) => `<${name} value="${value}" unit="${unit}"/>`
  const net = `<?xml version="1.0"?><network xmlns:framework="f"><framework:nodes>
    <source id="S"><height value="0" unit="m"/>${quantity('pressureMax', 60, 'bar')}${quantity('normDensity', 0.8, 'kg_per_m_cube')}
      ${quantity('molarMass', 18, 'kg_per_kmol')}${quantity('gasTemperature', 10, 'Celsius')}</source>
    <sink id="T"><height value="0"/></sink><innode id="N"><height value="0" unit="m"/></innode></framework:nodes>
    <framework:connections>
    <pipe id="P" from="S" to="N">${quantity('length', 10, 'km')}${quantity('diameter', 500, 'mm')}${quantity('roughness', 0.1, 'mm')}</pipe>
    <resistor id="R" from="N" to="T"><dragFactor value="5"/>${quantity('diameter', 0.5, 'm')}</resistor>
    </framework:connections></network>`
  const scn = `<boundaryValue><scenario id="x">
    <node type="entry" id="S"><flow bound="both" value="360" unit="1000m_cube_per_hour"/></node>
    <node type="exit" id="T"><flow bound="lower" value="360" unit="1000m_cube_per_hour"/><flow bound="upper" value="360" unit="1000m_cube_per_hour"/></node>
    </scenario></boundaryValue>`

  test('units, nomination, drag and rough friction', () => {
    const result = solveText(net, { scenario: scn })
    expect(result.m('P')).toBeCloseTo(80, 9)
    const energy = (8.314_462_618 / 0.018) * 283.15
    const area = (Math.PI / 4) * 0.25
    const lambda = (2 * Math.log10(5000) + 1.14) ** -2
    const after = 36e12 - (lambda * 10_000 * energy * 6400) / (0.5 * area ** 2)
    expect(result.p('N')).toBeCloseTo(Math.sqrt(after), 1)
    expect(result.p('T')).toBeCloseTo(Math.sqrt(after - (5 * energy * 6400) / area ** 2), 0)
  })

  test('a unit nobody knows is refused', () => {
    expect(() => importNetwork(net.replace('unit="km"', 'unit="mile"'), { name: 'x' })).toThrow(
      'unit "mile" is not known',
    )
  })
})
