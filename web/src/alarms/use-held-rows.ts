import type { Alarm } from '@gastwin/server/contract'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { holdOrder } from './order.ts'

/** An operator who has not moved for this long is not about to click. */
const IDLE_MS = 10_000

/**
 * Rows that keep still while the operator is in the list (pointer over it, keyboard in it, or scrolled down), and move again
 * when not.
 * @param view changes when another list or filter is shown: then nothing is held
 */
export function useHeldRows(
  sorted: readonly Alarm[],
  all: ReadonlyMap<string, Alarm>,
  view: string,
  region: RefObject<HTMLElement | null>,
): { readonly rows: readonly Alarm[]; readonly waiting: number; readonly release: () => void } {
  const held = useRef<{ readonly view: string; readonly ids: readonly string[] } | undefined>(undefined)
  const [holding, setHolding] = useState(false)
  useEffect(() => {
    const element = region.current
    if (element === null) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const still = () => setHolding(element.scrollTop > 0)
    const active = () => {
      clearTimeout(timer)
      timer = setTimeout(still, IDLE_MS)
      setHolding(true)
    }
    const leave = () => {
      clearTimeout(timer)
      timer = setTimeout(still, 300)
    }
    element.addEventListener('pointermove', active)
    element.addEventListener('pointerleave', leave)
    element.addEventListener('keydown', active)
    element.addEventListener('focusin', active)
    element.addEventListener('focusout', leave)
    element.addEventListener('scroll', active)
    return () => {
      clearTimeout(timer)
      element.removeEventListener('pointermove', active)
      element.removeEventListener('pointerleave', leave)
      element.removeEventListener('keydown', active)
      element.removeEventListener('focusin', active)
      element.removeEventListener('focusout', leave)
      element.removeEventListener('scroll', active)
    }
  }, [region])
  const release = () => {
    held.current = undefined
    setHolding(false)
    region.current?.scrollTo({ top: 0 })
  }
  if (!holding || held.current?.view !== view) {
    held.current = { view, ids: sorted.map((a) => a.id) }
    return { rows: sorted, waiting: 0, release }
  }
  return { ...holdOrder(held.current.ids, sorted, all), release }
}
