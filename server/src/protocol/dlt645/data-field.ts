import type { FieldValue } from '../record/field.ts'
import type { Generation } from './control.table.ts'

/** What the data of one frame says. */
export type DataField =
  | {
      readonly kind: 'data'
      readonly generation: Generation
      /** Data identifier, DI3 highest (1997: DI1); −1 where the function has none. */
      readonly di: number
      readonly values: readonly FieldValue[]
      /** Bytes behind the identifier that no layout takes apart. */
      readonly rest: Uint8Array
      /** Number of this part of a long answer, 1…; −1 where it has none. */
      readonly part: number
    }
  | {
      readonly kind: 'error'
      /** Error bits of the meter. */
      readonly code: Uint8Array
    }
