/** Data flows one way; imports point the other way. Each rule says why. */
const inTests = '\\.(test|bench)\\.tsx?$|/testing/'
export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A cycle has no first file to read.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'twin-knows-nobody',
      severity: 'error',
      comment: 'Vocabulary and physics stay usable anywhere: no I/O, no other workspace.',
      from: { path: '^twin/src', pathNot: inTests },
      to: { pathNot: '^twin/src' },
    },
    {
      name: 'analytics-to-twin-only',
      severity: 'error',
      comment: 'Detectors see the twin, never sockets or stores.',
      from: { path: '^analytics/src', pathNot: inTests },
      to: { pathNot: '^((analytics|twin)/(src|dist)|node_modules/@tensorflow/)' },
    },
    {
      name: 'web-to-contract-only',
      severity: 'error',
      comment: 'The console knows the contract, nothing behind it.',
      from: { path: '^web/src' },
      to: { path: '^(twin|analytics|datasets|server)/', pathNot: '^server/(src|dist)/contract' },
    },
    {
      name: 'contract-is-portable',
      severity: 'error',
      comment: 'The contract runs in a browser.',
      from: { path: '^server/src/contract', pathNot: inTests },
      to: { pathNot: '^(server/src/contract|node_modules/typebox)' },
    },
    {
      name: 'protocol-is-pure',
      severity: 'error',
      comment:
        'Codecs are bytes in, values out: no socket, store, stream or clock. Of identity and DTLS the front door shows what a device needs for first contact, firmware and association. The names of settings are the words of the API.',
      from: { path: '^server/src/protocol', pathNot: inTests },
      to: {
        pathNot:
          '^(server/src/protocol|twin/(src|dist)|node:crypto|crypto|node:zlib|zlib|server/src/identity/(certificate|contact-message|firmware-package|first-contact|session-key|sm2)\\.ts|server/src/dtls/psk-client\\.ts|server/src/contract/parameters\\.table\\.ts)',
      },
    },
    {
      name: 'sibling-protocols-do-not-meet',
      severity: 'error',
      comment:
        'Protocols share only bytes/, sm4/, record/, profile/ and the report; a change in one must not touch another.',
      from: { path: '^server/src/protocol/(cjt188|dlt645|cat1|cbor|coap)/', pathNot: inTests },
      to: { path: '^server/src/protocol/(cjt188|dlt645|cat1|cbor|coap)/', pathNot: '^server/src/protocol/$1/' },
    },
    {
      name: 'product-without-datasets',
      severity: 'error',
      comment: 'Devices and invented cities are outside the product.',
      from: { path: '^(twin|analytics|server|web)/src', pathNot: inTests },
      to: { path: '^datasets/' },
    },
    {
      name: 'datasets-through-the-front-door',
      severity: 'error',
      comment: 'The fleet may speak the wire protocol and know the network; it must not know how the service works.',
      from: { path: '^datasets/src', pathNot: inTests },
      to: {
        path: '^(server|twin)/(src|dist)',
        pathNot: '^(twin/(src|dist)/index|server/(src|dist)/((protocol|contract)/index|profiles/load-profile))',
      },
    },
    {
      name: 'not-to-test',
      severity: 'error',
      comment: 'Product code never leans on tests.',
      from: { pathNot: `${inTests}|^e2e|^scripts|vitest.config` },
      to: { path: '\\.(test|bench)\\.tsx?$|/testing/' },
    },
    {
      name: 'not-to-dev-dep',
      severity: 'error',
      comment: 'What runs in production is a dependency.',
      from: { path: '^(twin|analytics|server|datasets)/src', pathNot: inTests },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm'] },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment: 'A typo, or a missing dependency.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.check.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@gastwin/source', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs'],
    },
  },
}
