import { describe, expect, test } from 'vitest'
import { dataText, hasData, skipped, solveText } from './testing/reference-data.ts'

const PLAIN_COLEBROOK = { law: 'colebrook', laminar: 'none' }
const STANET = ['one_pipe_1', 'one_pipe_2', 'parallel', 'square', 'strand_2pipes', 't_cross1', 't_cross2']

describe.skipIf(!hasData)(`published networks${skipped}`, () => {
  test.each(STANET.flatMap((name) => [`${name}_N`, `${name}_PC`]))(
    'pandapipes file of %s gives what its own document gives, by the same ids',
    (name) => {
      const friction = name.endsWith('_PC') ? PLAIN_COLEBROOK : undefined
      const theirs = solveText(dataText('hydraulics/stanet', name, 'pandapipes.json'), {}, friction)
      const ours = solveText(dataText('hydraulics/stanet', name, 'network.json'))
      expect(theirs.solution.status).toBe('converged')
      for (const id of ours.network.nodes.ids) expect(Math.abs(theirs.p(id) - ours.p(id))).toBeLessThan(0.01)
      for (const id of ours.network.edges.ids) expect(Math.abs(theirs.m(id) - ours.m(id))).toBeLessThan(1e-9)
      expect(ours.imbalance()).toBeLessThan(1e-8)
    },
  )

  test('the town and the small network of houses, too, up to their gas table and their ambient pressure', () => {
    const town = solveText(dataText('hydraulics/schutterwald/pandapipes.json'))
    const townDocument = solveText(dataText('hydraulics/schutterwald/network.json'))
    // The gas of the file is 0.2 % lighter than that of the document: 4 Pa of 2 200 Pa.
    for (const id of townDocument.network.nodes.ids) expect(Math.abs(town.p(id) - townDocument.p(id))).toBeLessThan(5)
    expect(townDocument.imbalance()).toBeLessThan(1e-8)
    const houses = solveText(dataText('hydraulics/exampelonia_mini/pandapipes.json'))
    const document = solveText(dataText('hydraulics/exampelonia_mini/network.json'))
    for (const id of document.network.edges.ids) expect(Math.abs(houses.m(id) - document.m(id))).toBeLessThan(1e-8)
    expect(document.imbalance()).toBeLessThan(1e-8)
  })

  test.each([
    ['GasLib-11', 'GasLib-11.net', 'GasLib-11.scn', 11],
    ['GasLib-24', 'GasLib-24.net', 'GasLib-24.scn', 24],
    ['GasLib-40', 'GasLib-40.net', 'GasLib-40.scn', 40],
    ['GasLib-134', 'GasLib-134-v2.net', '2012-11-27.scn', 134],
  ])('%s: every node gets its pressure and the nomination balances', (folder, net, scn, nodes) => {
    const result = solveText(dataText('hydraulics/gaslib', folder, net), {
      scenario: dataText('hydraulics/gaslib', folder, scn),
    })
    expect(result.solution.status).toBe('converged')
    expect(result.solution.pressure.filter((p) => p > 101_325).length).toBe(nodes)
    expect(result.imbalance()).toBeLessThan(1e-8)
    expect(result.notes.some((note) => note.includes('makes up the balance'))).toBe(true)
  })

  test('the three-tier network and both water networks balance within 1e-8 of what flows in', () => {
    for (const path of [
      'hydraulics/distribution_54/network.json',
      'hydraulics/wntr_segments/Net3.inp',
      'leak/L-TOWN.inp',
    ]) {
      const result = solveText(dataText(path))
      expect(result.solution.status, path).toBe('converged')
      expect(result.imbalance(), path).toBeLessThan(1e-8)
    }
  })
})
