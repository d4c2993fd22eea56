import { describe, expect, test } from '@jest/globals';
import { challengeRecordOf } from '../../../src/core/dcv/dns-challenge.js';
import type { RecordTrouble, TxtRecord } from '../../../src/core/dcv/dns-observation.js';
import { parseHostName, type WantedName } from '../../../src/core/domain/names.js';
import type { DnsChallengeSolver } from '../../../src/runs/ports.js';
import { DnsPreflight } from '../../../src/runs/validation/dns-preflight.js';

const REFUSED: RecordTrouble = { kind: 'update-refused', zone: 'a.test', editor: 'a hook', why: 'no' };
const names = (...texts: readonly string[]): WantedName[] => texts.map(parseHostName);

/** Zones are the last two labels of a name. */
class FakeSolver implements DnsChallengeSolver {
  readonly presented: TxtRecord[][] = [];
  readonly cleaned: TxtRecord[] = [];
  /** What becomes of records whose name begins so. */
  readonly troubles = new Map<string, RecordTrouble>();
  unresolved: RecordTrouble | null = null;
  error: Error | null = null;

  async locate(name: WantedName) {
    if (name.includes('foreign')) return { kind: 'no-zone', recordName: name, why: 'not ours' } as const;
    return { name, recordName: challengeRecordOf(name), zone: name.split('.').slice(-2).join('.') };
  }

  async present(records: readonly TxtRecord[]) {
    this.presented.push([...records]);
    if (this.error !== null) throw this.error;
    const [first] = records;
    const trouble = [...this.troubles].find(([prefix]) => first?.recordName.startsWith(prefix))?.[1] ?? null;
    return [{ zone: first?.zone ?? '', trouble, servers: [] }];
  }

  async checkResolved() {
    return this.unresolved;
  }

  async cleanUp(records: readonly TxtRecord[]) {
    this.cleaned.push(...records);
    return [];
  }

  async sweep() {
    return [];
  }
}

const open = (solver: FakeSolver): DnsPreflight => {
  let draws = 0;
  return new DnsPreflight(
    solver,
    { bytes: (length) => new Uint8Array(length).fill(draws++) },
    () => undefined,
  );
};
const signal = new AbortController().signal;
const recordsOf = (solver: FakeSolver): string[] =>
  solver.presented.flat().map(({ recordName }) => recordName);

describe('names are tried by DNS', () => {
  test('with one record a zone, however many names of however many websites it has', async () => {
    const solver = new FakeSolver();
    const preflight = open(solver);
    const websites = Array.from({ length: 50 }, (_, index) =>
      names(`w${index}.a.test`, `*.w${index}.b.test`),
    );
    const trials = await Promise.all(websites.map((website) => preflight.try(website, signal)));
    expect(trials.flat().every(({ trouble }) => trouble === null)).toBe(true);
    expect(recordsOf(solver).sort()).toEqual(['_dcv-test-record.a.test', '_dcv-test-record.b.test']);
    expect(solver.cleaned).toEqual(solver.presented.flat());
  });

  test('and a name that lies in no zone of ours costs nothing', async () => {
    const solver = new FakeSolver();
    expect(await open(solver).try(names('www.foreign.test'), signal)).toMatchObject([
      { trouble: { kind: 'no-zone' }, zone: null },
    ]);
    expect(solver.presented).toEqual([]);
  });

  test('with the challenge’s own record where the editor refuses the other, for each website', async () => {
    const solver = new FakeSolver();
    solver.troubles.set('_dcv-test-record', REFUSED);
    const preflight = open(solver);
    const trials = [
      ...(await preflight.try(names('a.test', '*.a.test', 'www.a.test'), signal)),
      ...(await preflight.try(names('x.a.test'), signal)),
    ];
    expect(trials.map(({ trouble }) => trouble)).toEqual([null, null, null, null]);
    expect(recordsOf(solver)).toEqual([
      '_dcv-test-record.a.test',
      '_acme-challenge.a.test',
      '_acme-challenge.www.a.test',
      '_acme-challenge.x.a.test',
    ]);
    expect(solver.cleaned).toEqual(solver.presented.flat());
  });

  test('and what is refused there too is refused', async () => {
    const solver = new FakeSolver();
    solver.troubles.set('_', REFUSED);
    expect(await open(solver).try(names('a.test'), signal)).toMatchObject([{ trouble: REFUSED }]);
    expect(solver.cleaned).toHaveLength(2);
  });

  test('and a zone that resolvers cannot verify has failed although its servers show the record', async () => {
    const solver = new FakeSolver();
    solver.unresolved = { kind: 'not-resolved', zone: 'a.test', rcode: 'SERVFAIL' };
    expect(await open(solver).try(names('a.test'), signal)).toMatchObject([{ trouble: solver.unresolved }]);
  });

  test('and what was placed is taken away when the run is stopped meanwhile; the zone has not failed by that', async () => {
    const solver = new FakeSolver();
    const preflight = open(solver);
    solver.error = new Error('stopped');
    await expect(preflight.try(names('a.test'), signal)).rejects.toThrow('stopped');
    expect(solver.cleaned).toHaveLength(1);
    solver.error = null;
    expect(await preflight.try(names('a.test'), signal)).toMatchObject([{ trouble: null }]);
  });
});
