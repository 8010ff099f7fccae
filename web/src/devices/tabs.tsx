import type { KeyboardEvent } from 'react'

interface TabsProps<T extends string> {
  readonly label: string
  readonly names: readonly T[]
  readonly words: Readonly<Record<T, string>>
  readonly chosen: T
  readonly onChoose: (name: T) => void
  /** Id of what the tabs change. */
  readonly body: string
}

/** Tabs with one stop for the Tab key; arrows, Home and End go through them. */
export function Tabs<T extends string>({ label, names, words, chosen, onChoose, body }: TabsProps<T>) {
  const press = (event: KeyboardEvent<HTMLDivElement>) => {
    const at = names.indexOf(chosen)
    const to = {
      ArrowRight: (at + 1) % names.length,
      ArrowLeft: (at + names.length - 1) % names.length,
      Home: 0,
      End: names.length - 1,
    }[event.key]
    const name = to === undefined ? undefined : names[to]
    if (name === undefined) return
    event.preventDefault()
    onChoose(name)
    event.currentTarget.querySelector<HTMLElement>(`#${body}-${name}`)?.focus()
  }
  return (
    <div className="tabs">
      <div className="tab-names" role="tablist" aria-label={label} onKeyDown={press}>
        {names.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${body}-${name}`}
            tabIndex={name === chosen ? 0 : -1}
            aria-selected={name === chosen}
            aria-controls={body}
            onClick={() => onChoose(name)}
          >
            {words[name]}
          </button>
        ))}
      </div>
    </div>
  )
}
