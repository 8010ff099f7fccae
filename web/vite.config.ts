import { readFileSync } from 'node:fs'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type Plugin } from 'vite'

const { version } = JSON.parse(readFileSync(new URL('../server/package.json', import.meta.url), 'utf8')) as {
  version: string
}
const service = process.env['GASTWIN_URL'] ?? 'http://127.0.0.1:8080'

/** Every browser that runs the console reads woff2: the woff twins would only double the number of files served. */
const woff2Only: Plugin = {
  name: 'woff2-only',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('@fontsource') || !id.endsWith('.css')) return null
    return code.replace(/,\s*url\([^)]*\.woff\)\s*format\('woff'\)/g, '')
  },
}

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [woff2Only, react()],
  define: { __GASTWIN_VERSION__: JSON.stringify(version) },
  resolve: { conditions: ['@gastwin/source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    chunkSizeWarningLimit: 900,
    emptyOutDir: true,
    target: 'es2023',
    // Subsets of the Chinese font stay files: inlined, every console would load all of them.
    assetsInlineLimit: 0,
    rolldownOptions: {
      // The contract's schemas describe types; the console takes constants and codecs from it and drops the rest.
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'map-engine',
              test: /node_modules[\\/](@deck\.gl|@luma\.gl|@math\.gl|@probe\.gl|mjolnir|@loaders\.gl|earcut|gl-matrix)/,
            },
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler|@tanstack)[\\/]/ },
          ],
        },
      },
      treeshake: { moduleSideEffects: (id) => !/[\\/]server[\\/](src|dist)[\\/]contract[\\/]|typebox/.test(id) },
    },
  },
  server: {
    proxy: {
      '/api': { target: service },
      '/ws': { target: service.replace(/^http/, 'ws'), ws: true },
    },
  },
})
