import { SeededRandom } from '../seeded-random.ts'

export interface PlaceName {
  readonly name: string
  readonly name_en: string
}

/** The invented city. */
export const CITY_NAME: PlaceName = { name: '岚川', name_en: 'Lanchuan' }

const FIRST = [
  '云 Yun',
  '清 Qing',
  '松 Song',
  '柳 Liu',
  '金 Jin',
  '玉 Yu',
  '凤 Feng',
  '龙 Long',
  '石 Shi',
  '桂 Gui',
  '青 Qing',
  '白 Bai',
] as const
const SECOND = [
  '溪 xi',
  '台 tai',
  '桥 qiao',
  '园 yuan',
  '岭 ling',
  '湖 hu',
  '门 men',
  '塘 tang',
  '坪 ping',
  '湾 wan',
  '亭 ting',
  '泉 quan',
] as const

/** Different two-character district names with their reading, as many as wanted. */
export function placeNames(seed: number, count: number): PlaceName[] {
  const random = new SeededRandom(seed, 8)
  const names = new Map<string, PlaceName>()
  while (names.size < count) {
    const [a, ra] = random.pick(FIRST).split(' ')
    const [b, rb] = random.pick(SECOND).split(' ')
    const round = names.size >= FIRST.length * SECOND.length * 0.7 ? `${names.size}` : ''
    const name = `${a}${b}${round}`
    if (!names.has(name)) names.set(name, { name, name_en: `${ra}${rb}${round}` })
  }
  return [...names.values()]
}
