import { SHEET } from './report-sheet.ts'

/** A sheet as a PNG picture. @returns undefined when the browser cannot draw it */
export async function sheetPicture(svg: string, height: number): Promise<Blob | undefined> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = SHEET.width * SHEET.scale
    canvas.height = height * SHEET.scale
    const drawing = canvas.getContext('2d')
    if (drawing === null) return undefined
    drawing.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((done) => canvas.toBlob((blob) => done(blob ?? undefined), 'image/png'))
  } catch {
    return undefined
  } finally {
    URL.revokeObjectURL(url)
  }
}
