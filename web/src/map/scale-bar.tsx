import { printLength, roundLength } from './round-length.ts'

/** A round length between 50 and 125 px. */
export function ScaleBar({ metresPerPixel }: { readonly metresPerPixel: number }) {
  if (metresPerPixel === 0) return null
  const metres = roundLength(125 * metresPerPixel)
  return (
    <span className="scale">
      {printLength(metres)}
      <i style={{ width: metres / metresPerPixel }} />
    </span>
  )
}
