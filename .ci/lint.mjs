// `npm run lint`: everything of .ci/checks.mjs but the types.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checksOf } from './checks.mjs';

const { types: _, ...checks } = checksOf(join(dirname(fileURLToPath(import.meta.url)), '..'));
for (const [name, check] of Object.entries(checks)) {
  const wrong = await check();
  if (wrong === undefined) continue;
  process.stderr.write(`${wrong}\n${name}: failed\n`);
  process.exitCode = 1;
}
