// What jest's JSON reports amount to. Pure.

/** How test/support/needs.ts titles a suite whose parts are missing. */
const SKIPPED_PREFIX = 'SKIPPED ';

export const emptyTally = Object.freeze({
  passed: 0,
  failed: 0,
  skipped: 0,
  failures: [],
  skippedSuites: [],
});

/** Counts of one jest run. A file that could not be run counts as one failed test. */
export function tallyOf(report) {
  const broken = report.testResults.filter(
    (file) => file.assertionResults.length === 0 && file.status === 'failed',
  );
  const failures = [...broken.map((file) => `${file.name} (could not be run)`)];
  const skippedSuites = new Set();
  const skippedAlone = new Map();
  for (const file of report.testResults) {
    for (const result of file.assertionResults) {
      if (result.status === 'failed') failures.push(`${file.name} › ${result.fullName}`);
      const suite = result.ancestorTitles.find((title) => title.startsWith(SKIPPED_PREFIX));
      if (suite !== undefined) skippedSuites.add(suite);
      else if (result.status === 'pending')
        skippedAlone.set(file.name, (skippedAlone.get(file.name) ?? 0) + 1);
    }
  }
  for (const [name, count] of skippedAlone)
    skippedSuites.add(`${SKIPPED_PREFIX}${count} of the tests in ${name}`);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
    skippedSuites: [...skippedSuites],
  };
}

/** A run of jest that left no report. */
export function tallyOfCrash(phase, why) {
  return { ...emptyTally, failed: 1, failures: [`${phase}: ${why}`] };
}

export function addTallies(one, other) {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
    failures: [...one.failures, ...other.failures],
    skippedSuites: [...one.skippedSuites, ...other.skippedSuites],
  };
}

/** The line that machines read. */
export function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
