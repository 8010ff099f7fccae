import type { Block } from './block.ts'
import { chanceBelow, chanceBetween, logFlow, type Mixture } from './mixture.ts'

/** How well a model foretold one block. */
export interface BlockFit {
  /** Where the floor lay in what was foretold, 0 … 1. */
  readonly place: number
  /** −log of the chance of the cell around it, nats. */
  readonly surprise: number
}

/** Where the floors of many blocks lay: shares of ten equal parts, and their mean surprise, nats. */
export interface FitReference {
  readonly places: readonly number[]
  readonly surprise: number
}

const PLACES = 10
const CELL = 1.08
const LEAST_SHARE = 1e-3
/** When so many blocks were counted all are halved: the newest weigh most. */
const HALVED_AT = 200_000

/** @param given what was foretold of the block's floor */
export function blockFit(block: Block, given: Mixture): BlockFit {
  const chance = chanceBetween(given, block.floorM3H / CELL, block.floorM3H * CELL)
  return { place: chanceBelow(given, logFlow(block.floorM3H)), surprise: -Math.log(chance + 1e-9) }
}

/** Sums up how a model foretells the blocks of a town. Memory: twelve numbers. */
export class ModelFit {
  readonly #places = new Float64Array(PLACES)
  #blocks = 0
  #surprise = 0

  add({ place, surprise }: BlockFit): void {
    const at = Math.min(PLACES - 1, Math.max(0, Math.floor(place * PLACES)))
    this.#places[at] = (this.#places[at] as number) + 1
    this.#surprise += surprise
    this.#blocks += 1
    if (this.#blocks < HALVED_AT) return
    this.#places.forEach((count, i) => {
      this.#places[i] = count / 2
    })
    this.#surprise /= 2
    this.#blocks /= 2
  }

  /** Blocks that count. */
  get blocks(): number {
    return this.#blocks
  }

  /** What a model carries of its training, or a town shows of it. */
  get reference(): FitReference {
    const all = Math.max(1, this.#blocks)
    return { places: Array.from(this.#places, (count) => count / all), surprise: this.#surprise / all }
  }

  /** Population stability index of the places against others: above 0.25 much has moved, by custom. */
  movedFrom({ places }: FitReference): number {
    return this.reference.places.reduce((sum, share, i) => {
      const [here, there] = [Math.max(LEAST_SHARE, share), Math.max(LEAST_SHARE, places[i] ?? 0)]
      return sum + (here - there) * Math.log(here / there)
    }, 0)
  }
}
