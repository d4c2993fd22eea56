// What `npm run bench` prints: rows, ratios and whether the aims are met. Pure; the numbers come from .ci/bench.mjs.
import { summarize } from './measure.mjs';

/** The aims: at most so many times the floor, at least so many times faster than certbot, less memory than this. */
export const MAX_TIMES_FLOOR = 3;
export const MIN_TIMES_FASTER = 5;
export const MAX_PEAK_BYTES = 200_000_000;
/** A program that only says its version or usage may take so many times what node itself takes to start. */
export const MAX_TIMES_NODE = 1.35;
/** For commands that open a tree and read a few files. */
export const MAX_TIMES_NODE_WITH_WORK = 1.5;
/** Names of a whole night's work are looked at in this time, in ms. */
export const MAX_PREFLIGHT_MS = 60_000;
/** Where the slowest run of the floor took so many times the quickest, something else was using the machine. */
const NOISY_SPREAD = 1.5;

const NAME_WIDTH = 36;
const CELL_WIDTH = 14;
const HEAD = ['wall, min', 'wall, median', 'CPU, median', 'ms/website', 'peak memory'];

const seconds = (ms) => (ms === null ? '?' : `${(ms / 1000).toFixed(2)} s`);
const megabytes = (bytes) => (bytes === null ? '?' : `${(bytes / 1e6).toFixed(0)} MB`);
const times = (ratio) => `${ratio.toFixed(2)} ×`;
const line = (name, cells) =>
  name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(CELL_WIDTH)).join('');

/** The rows of programs measured in the same rounds: `{ name, measured: [{ ms, cpuMs, peakBytes }] }`. */
export function tableOf(programs, websites) {
  const rows = programs.map(({ name, measured }) => {
    const wall = summarize(measured.map(({ ms }) => ms));
    const cpu = known(measured.map(({ cpuMs }) => cpuMs));
    return line(name, [
      seconds(wall.min),
      seconds(wall.median),
      seconds(cpu === null ? null : summarize(cpu).median),
      (wall.median / websites).toFixed(3),
      megabytes(peakOf(measured)),
    ]);
  });
  return [line('', HEAD), ...rows];
}

/**
 * Ratios and aims of the quiet night. A ratio is the median of the rounds' own: its two programs ran one after the other,
 * so that what else the machine did meanwhile hit both. `certbot` may be undefined.
 */
export function verdictsOf({ floor, ours, certbot }) {
  const timesFloor = ratioOf(ours, floor);
  const peak = peakOf(ours);
  const verdicts = [
    judged(`${times(timesFloor)} the floor (aim: at most ${MAX_TIMES_FLOOR})`, timesFloor <= MAX_TIMES_FLOOR),
  ];
  if (certbot === undefined) {
    verdicts.push(`certbot was not measured (aim: at least ${MIN_TIMES_FASTER} × faster): not known`);
  } else {
    const faster = ratioOf(certbot, ours);
    verdicts.push(
      judged(
        `${times(faster)} faster than certbot (aim: at least ${MIN_TIMES_FASTER})`,
        faster >= MIN_TIMES_FASTER,
      ),
    );
  }
  verdicts.push(
    peak === null
      ? 'this system does not tell the peak memory of a process: not known'
      : judged(`${megabytes(peak)} at most (aim: under ${megabytes(MAX_PEAK_BYTES)})`, peak < MAX_PEAK_BYTES),
  );
  const { min, max } = summarize(floor.map(({ ms }) => ms));
  if (max > min * NOISY_SPREAD) {
    verdicts.push(
      `The machine was busy with other things: the floor itself took ${seconds(min)} to ${seconds(max)}.`,
    );
  }
  return verdicts;
}

/** Start-up of programs against node's own, by their quickest starts: everything else only adds to these. */
export function startsOf(node, programs, aim = MAX_TIMES_NODE) {
  const least = (measured) => summarize(measured.map(({ ms }) => ms)).min;
  return programs.map(({ name, measured }) => {
    const ratio = least(measured) / least(node);
    const facts = `${least(measured).toFixed(0)} ms, ${times(ratio)} an empty node (${least(node).toFixed(0)} ms)`;
    return judged(`${name}: ${facts} (aim: under ${aim})`, ratio < aim);
  });
}

/** What twice the websites cost in memory. */
export function growthOf(websites, peakBytes, twicePeakBytes) {
  if (peakBytes === null || twicePeakBytes === null) return [];
  const perWebsite = (twicePeakBytes - peakBytes) / websites / 1000;
  const judgement = `${perWebsite.toFixed(2)} kB for each website more`;
  return [
    judged(
      `memory: ${megabytes(peakBytes)} for ${websites}, ${megabytes(twicePeakBytes)} for ${2 * websites}: ${judgement} (aim: ${megabytes(MAX_PEAK_BYTES)} for both)`,
      Math.max(peakBytes, twicePeakBytes) < MAX_PEAK_BYTES,
    ),
  ];
}

/**
 * What an installation costs beside the server's own reload, without which nothing new is served: `{ name, servedMs,
 * reloadMs }`, both lists with one number for each round.
 */
export function installsOf(servers) {
  return servers.map(({ name, servedMs, reloadMs }) => {
    const [served, reload] = [servedMs, reloadMs].map((ms) => summarize(ms).median);
    const ratio = summarize(servedMs.map((ms, round) => ms / reloadMs[round])).median;
    return `${name}: issued to served ${seconds(served)}, its own reload ${seconds(reload)}: ${times(ratio)}`;
  });
}

/**
 * What dead names cost in a local validation. `alive` and `dead`: `{ ms, outcomes }` of the same names, the second time with
 * some that are dead in several ways; `floorMs`: what their DNS questions alone take at these name servers.
 */
export function preflightOf({ names, delayMs, floorMs, alive, dead, sockets, toOneAddress, lookups }) {
  const counted = Object.entries(dead.outcomes).map(([code, count]) => `${count} ${code}`);
  return [
    `${names} names, name servers that take ${delayMs} ms:`,
    `all alive: ${seconds(alive.ms)}, ${times(alive.ms / floorMs)} what their DNS questions alone take (${seconds(floorMs)})`,
    `one in ten dead: ${seconds(dead.ms)}, ${times(dead.ms / alive.ms)} (${counted.join(', ')})`,
    `at once, at most: ${sockets} connections, ${toOneAddress} of them to one address, ${lookups} DNS questions`,
    judged(
      `${seconds(dead.ms)} with dead names (aim: under ${seconds(MAX_PREFLIGHT_MS)})`,
      dead.ms < MAX_PREFLIGHT_MS,
    ),
  ];
}

/** The median of the rounds' ratios. */
export function ratioOf(above, below) {
  return summarize(above.map(({ ms }, round) => ms / below[round].ms)).median;
}

/** The highest peak; null when none is known. */
export function peakOf(measured) {
  const peaks = known(measured.map(({ peakBytes }) => peakBytes));
  return peaks === null ? null : Math.max(...peaks);
}

function known(numbers) {
  const found = numbers.filter((number) => number !== null);
  return found.length === 0 ? null : found;
}

function judged(text, isMet) {
  return `${text}: ${isMet ? 'met' : 'NOT met'}`;
}
