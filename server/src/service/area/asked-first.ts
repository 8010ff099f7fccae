/** Methods whose first argument is, or tells, what is asked about. */
type AskedFor<All, Asked> = {
  [Name in keyof All]: All[Name] extends (...given: infer Given) => unknown
    ? Given extends [Asked, ...unknown[]]
      ? Name
      : never
    : never
}[keyof All] &
  string

/**
 * Methods of `all` that answer only when `check` lets what they are asked about pass.
 * @param check throws when that is outside of the area
 */
export function askedFirst<All extends object, Asked, Name extends AskedFor<All, Asked>>(
  all: All,
  check: (asked: Asked) => void,
  ...names: readonly Name[]
): Pick<All, Name> {
  const checked = names.map((name) => {
    const answer = all[name] as (...given: [Asked, ...unknown[]]) => unknown
    return [
      name,
      (...given: [Asked, ...unknown[]]): unknown => {
        check(given[0])
        return answer.apply(all, given)
      },
    ]
  })
  return Object.fromEntries(checked) as Pick<All, Name>
}
