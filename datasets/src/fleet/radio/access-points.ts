/** The emulated carrier lets devices in by these names; with another one a device finds no network. */
export const ACCESS_POINTS: ReadonlySet<string> = new Set(['cmnbiot', 'ctnb', 'gas.gastwin'])
export const FIRST_ACCESS_POINT = 'cmnbiot'
