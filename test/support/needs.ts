import { describe, test } from '@jest/globals';
import { isPartRequired, missingParts, type PartName } from './parts.js';

/** How a skipped suite's title begins; the test runner lists the titles that begin so. */
export const SKIPPED_PREFIX = 'SKIPPED ';

/**
 * A suite that needs daemons or tools: `describe` when all parts are there. When one is missing the suite is skipped and
 * says which; with `CI=true` it fails instead. The body only declares tests: it is read also when parts are missing, so
 * it looks programs up in hooks and tests.
 */
export function describeWithParts(title: string, parts: readonly PartName[], declare: () => void): void {
  const missing = missingParts(parts);
  if (missing.length === 0) {
    describe(title, declare);
  } else if (isPartRequired(parts)) {
    describe(title, () => {
      test('has the parts it needs', () => {
        throw new Error(`missing ${missing.join(', ')}`);
      });
    });
  } else {
    const skipped = `${SKIPPED_PREFIX}${title}: missing ${missing.join(', ')}`;
    process.stderr.write(`${skipped}\n`);
    describe.skip(skipped, declare);
  }
}
