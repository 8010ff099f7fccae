import { useConsole } from '../app/console-model.ts'
import { useStore } from '../state/store.ts'
import type { Dictionary } from './en/index.ts'
import { dictionaryOf } from './language.ts'

/** The words of the chosen language. */
export function useText(): Dictionary {
  return dictionaryOf(useStore(useConsole().language))
}
