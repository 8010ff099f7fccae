import type { NetworkDocument, NetworkNode, Pipe } from '@gastwin/twin'
import type { SeededRandom } from '../seeded-random.ts'

const NOMINAL_M = [0.0514, 0.0736, 0.1022]

export interface WrongDiameter {
  readonly pipe: string
  readonly true_diameter_m: number
  readonly document_diameter_m: number
}

export interface TrueDistrict {
  /** Pipes as they are; with a hole, the holed pipe is cut in two at a node `hole`. */
  readonly document: NetworkDocument
  readonly wrongDiameters: readonly WrongDiameter[]
}

/** How the ground differs from the map: roughness ±30 %, some mains one nominal size wrong, and the hole. */
export function differFromDocument(
  random: SeededRandom,
  document: NetworkDocument,
  hole: { readonly pipe: string; readonly fraction: number } | null,
): TrueDistrict {
  const wrong = new Map<number, number>()
  const wanted = 1 + random.below(3)
  while (wrong.size < wanted) {
    const i = random.below(document.pipes.length)
    const size = NOMINAL_M.indexOf(document.pipes[i]?.diameter_m ?? 0)
    if (size < 0) continue
    const other = size === 0 ? 1 : random.chance(0.7) ? size - 1 : size + 1
    wrong.set(i, NOMINAL_M[other] ?? 0.0736)
  }
  const pipes: Pipe[] = document.pipes.map((pipe, i) => ({
    ...pipe,
    diameter_m: wrong.get(i) ?? pipe.diameter_m,
    roughness_m: (pipe.roughness_m ?? 1e-4) * random.between(0.7, 1.3),
  }))
  const nodes: NetworkNode[] = [...document.nodes]
  const at = pipes.findIndex((pipe) => pipe.id === hole?.pipe)
  const holed = pipes[at]
  if (hole !== null && holed !== undefined) {
    const [a, b] = [holed.from, holed.to].map((id) => nodes.find((node) => node.id === id))
    const between = (p?: number | null, q?: number | null): number => (p ?? 0) + hole.fraction * ((q ?? 0) - (p ?? 0))
    nodes.push({
      id: 'hole',
      kind: 'junction',
      lon: between(a?.lon, b?.lon),
      lat: between(a?.lat, b?.lat),
      height_m: between(a?.height_m, b?.height_m),
      zone: a?.zone ?? null,
    })
    pipes[at] = { ...holed, to: 'hole', length_m: holed.length_m * hole.fraction }
    pipes.push({ ...holed, id: `${holed.id}/2`, from: 'hole', length_m: holed.length_m * (1 - hole.fraction) })
  }
  return {
    document: { ...document, nodes, pipes, meters: [] },
    wrongDiameters: [...wrong].map(([i, size]) => ({
      pipe: document.pipes[i]?.id ?? '',
      true_diameter_m: size,
      document_diameter_m: document.pipes[i]?.diameter_m ?? 0,
    })),
  }
}
