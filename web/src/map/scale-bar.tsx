import { printNumber } from '../format/numbers.ts'

/** A round length between 50 and 125 px. */
export function ScaleBar({ metresPerPixel }: { readonly metresPerPixel: number }) {
  if (metresPerPixel === 0) return null
  const longest = 125 * metresPerPixel
  const power = 10 ** Math.floor(Math.log10(longest))
  const metres = ([5, 2.5, 2, 1].find((f) => f * power <= longest) ?? 1) * power
  return (
    <span className="scale">
      {metres >= 1000 ? `${printNumber(metres / 1000, metres % 1000 === 0 ? 0 : 1)} km` : `${printNumber(metres)} m`}
      <i style={{ width: metres / metresPerPixel }} />
    </span>
  )
}
