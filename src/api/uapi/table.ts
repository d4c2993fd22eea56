import type { UapiFunction } from './function.js';
import { CERTIFICATE_FUNCTIONS } from './table-certificates.js';
import { CHECK_FUNCTIONS } from './table-checks.js';
import { DCV_FUNCTIONS } from './table-dcv.js';
import { EXCLUSION_FUNCTIONS } from './table-exclusions.js';

/** Every function of uapi that we have, in the order of modules and names. */
export const UAPI_FUNCTIONS: readonly UapiFunction[] = [
  ...DCV_FUNCTIONS.map((row) => ({ ...row, module: 'DCV' as const })),
  ...[...CERTIFICATE_FUNCTIONS, ...CHECK_FUNCTIONS, ...EXCLUSION_FUNCTIONS]
    .map((row) => ({ ...row, module: 'SSL' as const }))
    .sort((a, b) => (a.name < b.name ? -1 : 1)),
];

/** The closed list of uapi-root. */
export const SUDO_FUNCTIONS: readonly UapiFunction[] = UAPI_FUNCTIONS.filter(
  ({ rights }) => rights !== 'root',
);
