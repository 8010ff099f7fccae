import { type KeyboardEvent, useEffect, useMemo, useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { printNumber } from '../format/numbers.ts'
import { useStore } from '../state/store.ts'
import { nameIn } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { type Found, findObjects } from './find-objects.ts'

const MOST = 12
const SETTLE_MS = 250

/** Assets are found on this side; meters, of which there may be millions, by the service. */
export function SearchBox() {
  const t = useText()
  const model = useConsole()
  const geometry = useStore(model.geometry)
  const language = useStore(model.language)
  const [words, setWords] = useState('')
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(0)
  const meters = useMeters(words)
  const here = useMemo(() => (geometry === undefined ? [] : findObjects(words, geometry, MOST)), [words, geometry])
  const found: readonly Found[] = [...here, ...meters.found].slice(0, 2 * MOST)
  const shown = open && words.trim() !== ''
  const choose = (item: Found | undefined) => {
    if (item === undefined) return
    model.selection.select(item.selection, { fly: true })
    model.detailTab.set('asset')
    setOpen(false)
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setActive((i) => Math.min(found.length - 1, i + 1))
    else if (event.key === 'ArrowUp') setActive((i) => Math.max(0, i - 1))
    else if (event.key === 'Enter') choose(found[active])
    else if (event.key === 'Escape') {
      setOpen(false)
      setWords('')
    } else return
    event.preventDefault()
  }
  return (
    <search className="search">
      <input
        id="asset-search"
        type="text"
        role="combobox"
        aria-label={t.search.label}
        aria-expanded={shown}
        aria-controls="asset-search-results"
        aria-autocomplete="list"
        aria-activedescendant={shown && found.length > 0 ? `found-${active}` : undefined}
        placeholder={`${t.search.placeholder}  /`}
        autoComplete="off"
        spellCheck={false}
        value={words}
        onChange={(event) => {
          setWords(event.target.value)
          setActive(0)
          setOpen(true)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={press}
      />
      {shown ? (
        <div
          id="asset-search-results"
          role="listbox"
          tabIndex={-1}
          aria-label={t.search.results}
          // The field keeps the focus, so that a click finds the list still open.
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
        >
          {found.map((item, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field hears the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
            <div
              key={`${item.selection.kind}:${item.selection.id}`}
              id={`found-${i}`}
              role="option"
              aria-selected={i === active}
              onPointerEnter={() => setActive(i)}
              onClick={() => choose(item)}
            >
              <span className="second">{t.assets.kinds[item.selection.kind]}</span>
              <span className="id">{item.selection.id}</span>
              <span>{item.name === item.selection.id ? '' : nameIn(language, item.name)}</span>
            </div>
          ))}
          {found.length === 0 ? (
            // biome-ignore lint/a11y/useFocusableInteractive: says that there is nothing to focus
            <div role="option" aria-selected={false} aria-disabled="true">
              {t.search.none}
            </div>
          ) : null}
          {meters.more > 0 ? (
            // biome-ignore lint/a11y/useFocusableInteractive: a remark
            <div role="option" aria-selected={false} aria-disabled="true" className="second">
              {t.search.more(printNumber(meters.more))}
            </div>
          ) : null}
        </div>
      ) : null}
    </search>
  )
}

function useMeters(words: string): { readonly found: readonly Found[]; readonly more: number } {
  const { api } = useConsole()
  const [answer, setAnswer] = useState<{ found: readonly Found[]; more: number }>({ found: [], more: 0 })
  useEffect(() => {
    const wanted = words.trim()
    if (!/^\d{3,14}$/.test(wanted)) return setAnswer({ found: [], more: 0 })
    let late = false
    const timer = setTimeout(() => {
      void api.devices(wanted, { kind: 'meter', limit: MOST }).then((page) => {
        if (late || !page.ok) return
        setAnswer({
          found: page.value.items.map((d) => ({ selection: { kind: 'meter', id: d.asset }, name: '' })),
          more: page.value.total - page.value.items.length,
        })
      })
    }, SETTLE_MS)
    return () => {
      late = true
      clearTimeout(timer)
    }
  }, [api, words])
  return answer
}
