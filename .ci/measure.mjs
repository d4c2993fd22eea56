// Wall time, processor time and peak memory of a program, and what several runs of it amount to.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** How often the kernel is asked for the peak so far. The peak never sinks, so only the very last growth can be missed. */
const SAMPLE_MS = 5;
/** Of what a program printed, the end is kept for messages. */
const KEPT_OUTPUT = 4000;

/** Unit of the times in /proc/PID/stat: USER_HZ, which is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

/**
 * Runs it to its end. Of the program's own process, `peakBytes` is VmHWM and `cpuMs` what all its threads used; null where
 * there is no /proc.
 */
export function measure(program, words, { environment = {}, timeoutMs = 30 * 60_000 } = {}) {
  return new Promise((resolve) => {
    const beganAt = process.hrtime.bigint();
    const child = spawn(program, words, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    });
    let peakBytes = null;
    let cpuMs = null;
    let output = '';
    const collect = (chunk) => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const sampler = setInterval(() => {
      peakBytes = readOf(child.pid, 'status', parsePeak) ?? peakBytes;
      cpuMs = readOf(child.pid, 'stat', parseCpu) ?? cpuMs;
    }, SAMPLE_MS);
    const finish = (code, why) => {
      clearInterval(sampler);
      resolve({ code, why, output, peakBytes, cpuMs, ms: Number(process.hrtime.bigint() - beganAt) / 1e6 });
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

/** utime and stime of /proc/PID/stat (fields 14 and 15; the name before them may hold anything), in ms. */
export function parseCpu(stat) {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isNaN(ticks) ? null : ticks * TICK_MS;
}

function readOf(pid, file, parse) {
  try {
    return parse(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
  } catch {
    return null;
  }
}
