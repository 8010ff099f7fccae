import { useEffect, useState } from 'react'
import { useText } from '../text/use-text.ts'

/** Holds the place; after a second it says what it waits for. */
export function Loading({ what }: { readonly what: string }) {
  const t = useText()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 1000)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="skeleton" aria-busy="true">
      <span className={late ? 'tag' : 'visually-hidden'}>
        {late ? t.frame.waitingFor(what) : t.frame.loading(what)}
      </span>
    </div>
  )
}
