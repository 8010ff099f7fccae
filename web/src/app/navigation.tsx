import { SCREENS } from '../state/screen.ts'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { useConsole } from './console-model.ts'

/** The way to the other screens; each has its key. */
export function Navigation() {
  const t = useText()
  const { screen } = useConsole()
  const shown = useStore(screen)
  return (
    <nav aria-label={t.frame.navigation}>
      {SCREENS.map((name, i) => (
        <a
          key={name}
          href={`#/${name}`}
          aria-current={name === shown ? 'page' : undefined}
          aria-keyshortcuts={`Alt+${i + 1}`}
          title={`Alt+${i + 1}`}
          onClick={(event) => {
            event.preventDefault()
            screen.set(name)
          }}
        >
          {t.frame.screens[name]}
          <kbd>{i + 1}</kbd>
        </a>
      ))}
    </nav>
  )
}
