// Wall time and peak memory of a program, and what several runs of it amount to.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** How often the kernel is asked for the peak so far. The peak never sinks, so only the very last growth can be missed. */
const SAMPLE_MS = 5;
/** Of what a program printed, the end is kept for messages. */
const KEPT_OUTPUT = 4000;

/** Runs it to its end. `peakBytes` is VmHWM of the program's own process; null where /proc has none. */
export function measure(program, words, { environment = {}, timeoutMs = 30 * 60_000 } = {}) {
  return new Promise((resolve) => {
    const beganAt = process.hrtime.bigint();
    const child = spawn(program, words, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    });
    let peakBytes = null;
    let output = '';
    const collect = (chunk) => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const sampler = setInterval(() => {
      peakBytes = peakOf(child.pid) ?? peakBytes;
    }, SAMPLE_MS);
    const finish = (code, why) => {
      clearInterval(sampler);
      resolve({ code, why, output, peakBytes, ms: Number(process.hrtime.bigint() - beganAt) / 1e6 });
    };
    child.on('error', (error) => finish(null, error.message));
    child.on('close', (code, signal) => finish(code, signal ?? undefined));
  });
}

/** Smallest and middle of some numbers. Of an even count the mean of the two middle ones. */
export function summarize(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    min: sorted[0],
    median: (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2,
    max: sorted.at(-1),
  };
}

/** VmHWM of /proc/PID/status, in bytes. */
export function parsePeak(status) {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  return found === null ? null : Number(found[1]) * 1024;
}

function peakOf(pid) {
  try {
    return parsePeak(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return null;
  }
}
