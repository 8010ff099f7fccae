import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { buildNetwork } from '../network/build-network.ts'
import type { NetworkDocument } from '../network/network-document.ts'
import { compileHydraulics } from './steady-solver.ts'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const folder = join(process.env['GASTWIN_DATA'] ?? join(repository, '../shared/data'), 'hydraulics')

/** Pa; what the references themselves resolve (10 Pa) and the deviation known of two of them. */
const STANET: Readonly<Record<string, number>> = {
  one_pipe_1_N: 50,
  one_pipe_1_PC: 50,
  one_pipe_2_N: 10,
  one_pipe_2_PC: 10,
  parallel_N: 10,
  parallel_PC: 10,
  square_N: 10,
  square_PC: 13,
  strand_2pipes_N: 10,
  strand_2pipes_PC: 10,
  t_cross1_N: 10,
  t_cross1_PC: 10,
  t_cross2_N: 10,
  t_cross2_PC: 10,
}
const CASES: readonly (readonly [name: string, worstPa: number])[] = [
  ...Object.entries(STANET).map(([name, worst]) => [`stanet/${name}`, worst] as const),
  ['exampelonia_mini', 10],
  ['schutterwald', 0.001],
]

describe.skipIf(!existsSync(folder))(
  `published solutions${existsSync(folder) ? '' : ` (SKIPPED: no reference data at ${folder})`}`,
  () => {
    test.each(CASES)('%s is met within %d Pa and every row within its own tolerance', (name, worstPa) => {
      const network = read(name)
      const solution = compileHydraulics(network).solve()
      expect(solution.status).toBe('converged')
      let compared = 0
      for (const row of expected(name)) {
        if (row.kind === 'node' && row.pressure !== '') {
          const pressure = solution.pressure[network.nodes.numberOf.get(row.id) ?? -1] ?? Number.NaN
          const difference = Math.abs(pressure - Number(row.pressure))
          expect(difference, `${row.id} Pa`).toBeLessThanOrEqual(Math.min(worstPa, Number(row.pressureTolerance)))
          compared += 1
        }
        if (row.kind === 'pipe' && row.flow !== '') {
          const flow = solution.massFlow[network.edges.numberOf.get(row.id) ?? -1] ?? Number.NaN
          expect(Math.abs(flow - Number(row.flow)), `${row.id} kg/s`).toBeLessThanOrEqual(Number(row.flowTolerance))
          compared += 1
        }
      }
      expect(compared).toBeGreaterThan(1)
    })
  },
)

function read(name: string) {
  const document = JSON.parse(readFileSync(join(folder, name, 'network.json'), 'utf8')) as NetworkDocument
  return buildNetwork({ ...{ valves: [], regulators: [], zones: [], meters: [], rtus: [] }, ...document })
}

function expected(name: string) {
  return readFileSync(join(folder, name, 'expected.csv'), 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const [kind = '', id = '', , pressure = '', flow = '', , pressureTolerance = '', flowTolerance = ''] =
        line.split(',')
      return { kind, id, pressure, flow, pressureTolerance, flowTolerance }
    })
}
