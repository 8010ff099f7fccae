import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { inventCourses } from './theft-scenarios/invent-courses.ts'

/** Writes invented courses as the CSV that `gastwin theft` reads: id, label unless --no-labels, one column a day. */
const { values } = parseArgs({
  options: {
    customers: { type: 'string', default: '2000' },
    days: { type: 'string', default: '35' },
    thieves: { type: 'string', default: '0.05' },
    seed: { type: 'string', default: '1' },
    'no-labels': { type: 'boolean', default: false },
  },
})
const options = {
  customers: Number(values.customers),
  days: Number(values.days),
  thieves: Number(values.thieves),
  seed: Number(values.seed),
}
if (!(options.customers >= 1 && options.days >= 1 && options.thieves >= 0 && options.thieves <= 1)) {
  console.error('usage: theft-courses-main [--customers 2000] [--days 35] [--thieves 0.05] [--seed 1] [--no-labels]')
  process.exit(2)
}
const { ids, shown, labels, dates } = inventCourses(options)
const label = !values['no-labels']
let text = `id${label ? ',label' : ''},${dates.join(',')}\n`
for (const [row, id] of ids.entries()) {
  const course = Array.from(shown.subarray(row * options.days, (row + 1) * options.days), (value) =>
    Number.isNaN(value) ? '' : String(Math.round(value * 100) / 100),
  )
  text += `${id}${label ? `,${labels[row]}` : ''},${course.join(',')}\n`
  if (text.length < 1 << 20 && row < ids.length - 1) continue
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
  text = ''
}
