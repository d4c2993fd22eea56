import { describe, expect, test } from '@jest/globals';
import type { RecordTrouble } from '../../../src/core/dcv/dns-observation.js';
import { parseHostName, type WantedName } from '../../../src/core/domain/name/names.js';
import { DnsPreflight } from '../../../src/runs/validation/dns-preflight.js';
import { FakeDnsSolver } from '../../support/fake-dns-solver.js';

const REFUSED: RecordTrouble = { kind: 'update-refused', zone: 'a.test', editor: 'a hook', why: 'no' };
const names = (...texts: readonly string[]): WantedName[] => texts.map(parseHostName);

const open = (solver: FakeDnsSolver): DnsPreflight => {
  let draws = 0;
  return new DnsPreflight(
    solver,
    { bytes: (length) => new Uint8Array(length).fill(draws++) },
    () => undefined,
  );
};
const signal = new AbortController().signal;
const recordsOf = (solver: FakeDnsSolver): string[] =>
  solver.presented.flat().map(({ recordName }) => recordName);

describe('names are tried by DNS', () => {
  test('with one record a zone, however many names of however many websites it has', async () => {
    const solver = new FakeDnsSolver();
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
    const solver = new FakeDnsSolver();
    expect(await open(solver).try(names('www.foreign.test'), signal)).toMatchObject([
      { trouble: { kind: 'no-zone' }, zone: null },
    ]);
    expect(solver.presented).toEqual([]);
  });

  test('with the challenge’s own record where the editor refuses the other, for each website', async () => {
    const solver = new FakeDnsSolver();
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
    const solver = new FakeDnsSolver();
    solver.troubles.set('_', REFUSED);
    expect(await open(solver).try(names('a.test'), signal)).toMatchObject([{ trouble: REFUSED }]);
    expect(solver.cleaned).toHaveLength(2);
  });

  test('and the challenge’s own too where its owner left little room', async () => {
    const solver = new FakeDnsSolver();
    solver.places.set('a.test', { isCrowded: true });
    const crowded: RecordTrouble = { ...REFUSED, crowdedName: '_acme-challenge.a.test' };
    solver.troubles.set('_acme-challenge.a.test', crowded);
    const trials = await open(solver).try(names('a.test', 'www.a.test'), signal);
    expect(trials.map(({ trouble }) => trouble)).toEqual([crowded, null]);
    expect(recordsOf(solver)).toEqual(['_dcv-test-record.a.test', '_acme-challenge.a.test']);
    expect(solver.cleaned).toEqual(solver.presented.flat());
  });

  test('and a place that its owner’s CNAME record chose spoils nothing for the others', async () => {
    const solver = new FakeDnsSolver();
    solver.places.set('x.a.test', { delegatedFrom: '_acme-challenge.x.a.test' });
    solver.troubles.set('_dcv', REFUSED);
    solver.troubles.set('_acme-challenge.x.', REFUSED);
    const trials = await open(solver).try(names('x.a.test', 'www.a.test'), signal);
    expect(trials.map(({ trouble }) => trouble)).toEqual([
      { ...REFUSED, delegatedFrom: '_acme-challenge.x.a.test' },
      null,
    ]);
  });

  test('and a zone that resolvers cannot verify has failed although its servers show the record', async () => {
    const solver = new FakeDnsSolver();
    solver.unresolved = { kind: 'not-resolved', zone: 'a.test', rcode: 'SERVFAIL' };
    expect(await open(solver).try(names('a.test'), signal)).toMatchObject([{ trouble: solver.unresolved }]);
  });

  test('and what was placed is taken away when the run is stopped meanwhile; the zone has not failed by that', async () => {
    const solver = new FakeDnsSolver();
    const preflight = open(solver);
    solver.error = new Error('stopped');
    await expect(preflight.try(names('a.test'), signal)).rejects.toThrow('stopped');
    expect(solver.cleaned).toHaveLength(1);
    solver.error = null;
    expect(await preflight.try(names('a.test'), signal)).toMatchObject([{ trouble: null }]);
  });
});
