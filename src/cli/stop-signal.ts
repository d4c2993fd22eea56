/**
 * Aborts at the first SIGINT or SIGTERM: the run stops taking new work, finishes what must not be left half-done and
 * exits. A second signal ends the process at once (the journal makes that safe).
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      controller.abort(new Error(`stopped by ${name}`));
      process.once(name, () => process.exit(name === 'SIGINT' ? 130 : 143));
    });
  }
  return controller.signal;
}
