// The house's direction (ARCHITECTURE.md): bin -> cli -> api -> runs -> core; adapters -> core and runs/ports.ts.
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: allowed },
});
/** core's folders, lowest first: each may import itself and what stands before it in its own row. */
const coreFloors = {
  domain: [],
  certificate: ['domain'],
  renewal: ['domain', 'certificate'],
  revocation: ['domain', 'certificate'],
  evaluation: ['domain', 'certificate', 'renewal', 'revocation'],
  dcv: ['domain'],
  caa: ['domain'],
  order: ['domain'],
  retry: ['domain'],
  sni: ['domain', 'certificate'],
  provider: ['domain', 'order'],
  plan: ['domain', 'certificate', 'renewal', 'revocation', 'evaluation', 'dcv', 'order', 'provider'],
  report: [
    'domain',
    'certificate',
    'renewal',
    'evaluation',
    'dcv',
    'caa',
    'order',
    'retry',
    'sni',
    'provider',
    'plan',
  ],
};
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(coreFloors).map(([floor, below]) =>
      only(
        `core-${floor}`,
        `^src/core/${floor}/`,
        `^src/core/(${[floor, ...below].join('|')})/`,
        'core imports only lower floors of core',
      ),
    ),
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'core reads nothing: node:crypto, node:url, node:net (isIP) and pure libraries only',
      from: { path: '^src/core/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|url|net|buffer)$' },
    },
    {
      name: 'x509-has-one-door',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/core/certificate/' },
      to: { path: 'node_modules/(@peculiar/x509|pkijs|reflect-metadata)' },
    },
    only(
      'adapter',
      '^src/adapters/([^/]+)/',
      '^src/(core/|runs/ports\\.ts$|adapters/($1|system)/)',
      'an adapter imports core, the ports, itself and system',
    ),
    only('runs', '^src/runs/', '^src/(core|runs)/', 'a run imports core and ports'),
    only('api', '^src/api/', '^src/(core|runs|api)/', 'the api imports runs and core'),
    {
      name: 'execa-has-one-door',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/adapters/system/exec\\.ts$' },
      to: { path: 'node_modules/execa/' },
    },
    {
      name: 'chalk-has-one-door',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/paint\\.ts$' },
      to: { path: 'node_modules/chalk/' },
    },
    {
      name: 'every-file-has-a-wing',
      severity: 'error',
      comment: 'a folder that is not in the design is guarded by no rule',
      from: {
        path: '^src/',
        pathNot: `^src/(core/(${Object.keys(coreFloors).join('|')})|adapters/[^/]+|runs|api|cli)/`,
      },
      to: {},
    },
    {
      name: 'only-host-wires-adapters',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: '^src/cli/host/' },
      to: { path: '^src/adapters/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    exclude: { path: '\\.d\\.ts$' },
  },
};
