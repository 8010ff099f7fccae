import { unitHash } from '../seeded-random.ts'

/** Smooth noise in [−1, 1] over the plane with features of size 1: bilinear blend of lattice values with an S-curve. */
export function smoothNoise(seed: number, x: number, y: number): number {
  const ix = Math.floor(x)
  const iy = Math.floor(y)
  const fx = ease(x - ix)
  const fy = ease(y - iy)
  const at = (dx: number, dy: number): number => unitHash(seed, ix + dx, iy + dy) * 2 - 1
  const low = at(0, 0) + (at(1, 0) - at(0, 0)) * fx
  const high = at(0, 1) + (at(1, 1) - at(0, 1)) * fx
  return low + (high - low) * fy
}

/** Smooth noise in [−1, 1] on a circle of angle (radians), with `waves` features around. */
export function ringNoise(seed: number, angle: number, waves: number): number {
  const radius = waves / (2 * Math.PI)
  return smoothNoise(seed, 100 + radius * Math.cos(angle), 100 + radius * Math.sin(angle))
}

function ease(t: number): number {
  return t * t * t * (t * (6 * t - 15) + 10)
}
