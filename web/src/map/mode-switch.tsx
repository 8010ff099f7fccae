import { useConsole } from '../app/console-model.ts'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { PIPE_MODES } from './pipe-mode.ts'

/** What the colour of the pipes tells. */
export function ModeSwitch({ disabled }: { readonly disabled: boolean }) {
  const t = useText()
  const { mode } = useConsole()
  const chosen = useStore(mode)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame of its own
    <div className="segments" role="group" aria-label={t.estimate.modesLabel}>
      {PIPE_MODES.map((name) => (
        <button
          key={name}
          type="button"
          disabled={disabled}
          aria-pressed={name === chosen}
          title={t.estimate.modeHints[name]}
          onClick={() => mode.set(name)}
        >
          {t.estimate.modes[name]}
        </button>
      ))}
    </div>
  )
}
