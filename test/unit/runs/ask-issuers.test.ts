import { beforeEach, describe, expect, test } from '@jest/globals';
import { readCertificate } from '../../../src/core/certificate/parse.js';
import { takeCombinedApart } from '../../../src/core/certificate/pem/combined.js';
import type { Evaluation } from '../../../src/core/evaluation/evaluation.js';
import type { RunEvent } from '../../../src/core/report/events/event.js';
import type {
  DownloadedList,
  KeptAnswer,
  KeptList,
  KnownRevocation,
  SaidByResponder,
} from '../../../src/runs/ports/revocation.js';
import { askIssuers } from '../../../src/runs/revocation/ask-issuers.js';
import { MAX_QUESTIONS, ResponderAsker } from '../../../src/runs/revocation/ask-responders.js';
import { LearntRevocations } from '../../../src/runs/revocation/learnt-revocations.js';
import { ListQuestions } from '../../../src/runs/revocation/list-questions.js';
import { SilentHosts } from '../../../src/runs/revocation/silent-hosts.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { aCertificate, anIntermediate, aRoot, PKI_NOW, type TestAuthority } from '../../support/pki.js';
import {
  type AnswerOptions,
  anAnswer,
  aRefusal,
  type StatementOptions,
} from '../../support/responder-answers.js';
import {
  aList,
  distributionPoints,
  type ListOptions,
  ocspResponder,
} from '../../support/revocation-lists.js';

const HOUR_MS = 3_600_000;
const SHARD = 'http://crl.test/1.crl';
const RESPONDER = 'http://ocsp.test/';
const REFUSED = { state: 'failed', isHostDown: true, why: 'the connection is refused' } as const;
const issuer = anIntermediate();

/** Issuers' web servers, the cache and the memory, in memory. */
class Rig {
  readonly clock = fixedClock(PKI_NOW.toISOString());
  readonly lists = new Map<string, DownloadedList>();
  readonly fetched: string[] = [];
  readonly kept = new Map<string, KeptList>();
  readonly revoked = new Map<string, KnownRevocation>();
  /** What responders say, by what is asked. */
  readonly answers = new Map<string, SaidByResponder>();
  readonly asked: string[] = [];
  readonly keptAnswers = new Map<string, KeptAnswer>();
  readonly lostKeys = new Set<string>();
  readonly events: RunEvent[] = [];
  readonly questions = new ListQuestions();
  /** Fetches under way, at most. */
  atOnce = 0;
  #under = 0;

  /** A certificate that names these lists; gives its fingerprint. */
  certificate(
    urls: readonly string[],
    over: { readonly issuer?: TestAuthority; readonly extensions?: readonly Buffer[] } = {},
  ): { readonly fingerprint: string; readonly serial: string } {
    const { issuer: authority = issuer, extensions = urls.length > 0 ? [distributionPoints(...urls)] : [] } =
      over;
    const made = aCertificate({ issuer: authority, extraExtensions: extensions });
    const evaluation = { issuer: readCertificate(authority.der) } as Evaluation;
    this.questions.add(takeCombinedApart(made.combined, 'x'), evaluation, this.clock.now());
    return readCertificate(made.der);
  }

  /** A certificate that names a responder alone. */
  byResponder(url = RESPONDER): { readonly fingerprint: string; readonly serial: string } {
    return this.certificate([], { extensions: [ocspResponder(url)] });
  }

  /** What a responder says of a certificate. */
  answer(
    serial: string,
    statement: Partial<StatementOptions> = {},
    options: Partial<AnswerOptions> = {},
    url = RESPONDER,
  ): void {
    const der = anAnswer({ issuer, statements: [{ serial, ...statement }], ...options });
    this.answers.set(`${url} ${serial}`, { state: 'answered', der });
  }

  publish(url: string, options: Partial<ListOptions> = {}): void {
    const der = aList({ issuer, ...options });
    this.lists.set(url, { state: 'fetched', der, validators: { etag: '"1"', lastModified: null } });
  }

  async ask(signal = new AbortController().signal): Promise<readonly string[]> {
    const host = {
      clock: this.clock,
      known: {
        of: (fingerprint: string) => this.revoked.get(fingerprint) ?? null,
        isKeyLost: (keyHash: string) => this.lostKeys.has(keyHash),
        learn: async (news: ReadonlyMap<string, KnownRevocation | null>) => {
          for (const [fingerprint, one] of news) {
            if (one === null) this.revoked.delete(fingerprint);
            else this.revoked.set(fingerprint, one);
            if (one?.reason === 'keyCompromise') this.lostKeys.add(one.keyHash ?? '');
          }
        },
      },
      cache: {
        read: async (url: string) => this.kept.get(url) ?? null,
        keep: async (url: string, list: KeptList) => void this.kept.set(url, list),
        tidy: async () => undefined,
      },
      answers: {
        of: (fingerprint: string) => this.keptAnswers.get(fingerprint) ?? null,
        keep: async (answers: ReadonlyMap<string, KeptAnswer>) => {
          for (const [fingerprint, answer] of answers) this.keptAnswers.set(fingerprint, answer);
        },
      },
      responders: {
        ask: async ({ url, question }: { readonly url: string; readonly question: Uint8Array }) => {
          this.asked.push(url);
          const hex = Buffer.from(question).toString('hex');
          const found = [...this.answers].find(([key]) => {
            const [at, serial = ''] = key.split(' ');
            return at === url && hex.endsWith(serial);
          });
          return found?.[1] ?? REFUSED;
        },
      },
      download: {
        fetch: async ({ url }: { readonly url: string }): Promise<DownloadedList> => {
          this.fetched.push(url);
          this.#under += 1;
          this.atOnce = Math.max(this.atOnce, this.#under);
          await new Promise((resolve) => setImmediate(resolve));
          this.#under -= 1;
          return this.lists.get(url) ?? REFUSED;
        },
      },
    };
    const changed = await askIssuers(
      this.questions,
      host,
      (...events) => this.events.push(...events),
      signal,
    );
    return [...changed];
  }

  later(hours: number): void {
    this.clock.set(new Date(this.clock.now().getTime() + hours * HOUR_MS).toISOString());
  }

  get warnings(): readonly string[] {
    return this.events.filter(({ type }) => type === 'warn').map(({ contents }) => contents);
  }
}

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});

describe('issuers are asked', () => {
  test('once for all certificates that name a list, and what is revoked is remembered', async () => {
    const all = Array.from({ length: 30 }, () => rig.certificate([SHARD]));
    const [first, second] = all;
    rig.publish(SHARD, {
      lines: [
        { serial: first?.serial ?? '', reason: 1 },
        { serial: second?.serial ?? '', reason: 4 },
      ],
    });
    expect(await rig.ask()).toEqual([first?.fingerprint, second?.fingerprint]);
    expect(rig.fetched).toEqual([SHARD]);
    expect([...rig.revoked.values()].map(({ reason }) => reason)).toEqual(['keyCompromise', 'superseded']);
    expect(rig.events).toMatchObject([
      {
        code: 'REVOCATIONS_ASKED',
        data: { lists: 1, certificates: 30, byResponder: 0, leftOver: 0, revoked: 2 },
      },
    ]);
  });

  test('not again within the hour, and then only whether it changed', async () => {
    rig.certificate([SHARD]);
    rig.publish(SHARD);
    await rig.ask();
    rig.later(0.9);
    await rig.ask();
    expect(rig.fetched).toHaveLength(1);
    rig.later(0.2);
    rig.lists.set(SHARD, { state: 'unchanged' });
    await rig.ask();
    rig.later(0.9);
    await rig.ask();
    expect(rig.fetched).toHaveLength(2);
    expect(rig.warnings).toEqual([]);
  });

  test('and nothing is said again of what was known before', async () => {
    const { fingerprint, serial } = rig.certificate([SHARD]);
    rig.publish(SHARD, { lines: [{ serial, reason: 4 }] });
    expect(await rig.ask()).toEqual([fingerprint]);
    expect(await rig.ask()).toEqual([]);
    expect(rig.revoked.size).toBe(1);
  });

  test('a certificate that was only on hold is good again', async () => {
    const { fingerprint, serial } = rig.certificate([SHARD]);
    rig.publish(SHARD, { lines: [{ serial, reason: 6 }] });
    await rig.ask();
    rig.later(2);
    rig.publish(SHARD, { thisUpdate: new Date(PKI_NOW.getTime() + HOUR_MS) });
    expect(await rig.ask()).toEqual([fingerprint]);
    expect(rig.revoked.size).toBe(0);
  });

  test('at most four at a time', async () => {
    for (let shard = 0; shard < 40; shard += 1) {
      rig.certificate([`http://crl.test/${shard}`]);
      rig.publish(`http://crl.test/${shard}`);
    }
    await rig.ask();
    expect(rig.fetched).toHaveLength(40);
    expect(rig.atOnce).toBe(4);
  });

  test('at the next address when the first gives nothing usable', async () => {
    const { fingerprint, serial } = rig.certificate(['http://down.test/', SHARD]);
    rig.publish(SHARD, { lines: [{ serial }] });
    expect(await rig.ask()).toEqual([fingerprint]);
    expect(rig.warnings).toEqual([]);
  });

  test('not where no certificate names a list', async () => {
    rig.certificate([]);
    expect(await rig.ask()).toEqual([]);
    expect(rig.events).toEqual([]);
  });

  test('not about what expired, nor about what no trusted issuer signed', () => {
    const expired = aCertificate({
      notAfter: '2026-05-20T00:00:00Z',
      extraExtensions: [distributionPoints(SHARD)],
    });
    const evidence = takeCombinedApart(expired.combined, 'x');
    const trusted = { issuer: readCertificate(issuer.der) } as Evaluation;
    expect(rig.questions.add(evidence, trusted, PKI_NOW)).toBe(false);
    const other = takeCombinedApart(
      aCertificate({ extraExtensions: [distributionPoints(SHARD)] }).combined,
      'x',
    );
    expect(rig.questions.add(other, { issuer: null } as Evaluation, PKI_NOW)).toBe(false);
    expect(rig.questions.lists).toEqual([]);
    const named = aCertificate({ extraExtensions: [ocspResponder(RESPONDER)] });
    const evidenceOfNamed = takeCombinedApart(named.combined, 'x');
    expect(rig.questions.add(evidenceOfNamed, { issuer: null } as Evaluation, PKI_NOW)).toBe(false);
    expect(rig.questions.responders).toEqual([]);
  });
});

describe('what cannot be found out', () => {
  test('is no news, and said once for each host', async () => {
    for (let shard = 0; shard < 10; shard += 1) rig.certificate([`http://crl.test/${shard}`]);
    expect(await rig.ask()).toEqual([]);
    expect(rig.warnings).toEqual([
      'Whether 10 certificates are revoked cannot be learnt from “crl.test” (10 lists, such as “http://crl.test/0”): the connection is refused. Nothing is replaced for that.',
    ]);
  });

  test('a host that does not answer is not asked for its other lists', async () => {
    for (let shard = 0; shard < 100; shard += 1) rig.certificate([`http://crl.test/${shard}`]);
    await rig.ask();
    expect(rig.fetched.length).toBeLessThanOrEqual(5);
  });

  test('leaves what was known', async () => {
    const { fingerprint, serial } = rig.certificate([SHARD]);
    rig.publish(SHARD, { lines: [{ serial, reason: 1 }] });
    await rig.ask();
    rig.kept.clear();
    rig.lists.clear();
    expect(await rig.ask()).toEqual([]);
    expect(rig.revoked.has(fingerprint)).toBe(true);
  });

  test.each<[string, Partial<ListOptions>, string]>([
    ['a list signed by another', { issuer: aRoot() }, 'the list was made by another issuer'],
    ['a forged list', { badSignature: true }, 'the list is not signed by the issuer of the certificates'],
    [
      'an expired list',
      { thisUpdate: new Date('2026-05-01T00:00:00Z') },
      'the list held until 2026-05-08T00:00:00.000Z',
    ],
    [
      'the list of another shard',
      { scope: { url: 'http://crl.test/2.crl' } },
      'the list speaks of other certificates',
    ],
  ])('%s revokes nothing and is not kept', async (_, options, why) => {
    const { serial } = rig.certificate([SHARD]);
    rig.publish(SHARD, { lines: [{ serial }], ...options });
    expect(await rig.ask()).toEqual([]);
    expect(rig.kept.size).toBe(0);
    expect(rig.warnings).toEqual([expect.stringContaining(`: ${why}.`)]);
  });

  test.each<[string, () => void]>([
    ['an older list', () => rig.publish(SHARD, { thisUpdate: new Date('2026-05-30T00:00:00Z') })],
    ['a forged one', () => rig.publish(SHARD, { badSignature: true })],
    ['no answer', () => rig.lists.clear()],
  ])('%s does not take the place of the kept one while that holds', async (_, change) => {
    const { fingerprint, serial } = rig.certificate([SHARD]);
    rig.publish(SHARD, { lines: [{ serial, reason: 4 }] });
    await rig.ask();
    rig.later(2);
    change();
    rig.revoked.clear();
    expect(await rig.ask()).toEqual([fingerprint]);
    expect(rig.warnings).toEqual([]);
  });

  test('a kept list that no longer holds says nothing', async () => {
    rig.certificate([SHARD]);
    rig.publish(SHARD);
    await rig.ask();
    rig.lists.clear();
    rig.later(7 * 24);
    await rig.ask();
    expect(rig.warnings).toEqual([expect.stringContaining('the connection is refused')]);
  });

  test('a run that is told to stop asks nobody any more', async () => {
    rig.certificate([SHARD]);
    rig.publish(SHARD);
    expect(await rig.ask(AbortSignal.abort())).toEqual([]);
    expect(rig.fetched).toEqual([]);
    expect(rig.warnings).toEqual([]);
  });
});

describe('responders are asked', () => {
  test('about certificates that name no list, and about each alone', async () => {
    rig.certificate([SHARD], { extensions: [distributionPoints(SHARD), ocspResponder(RESPONDER)] });
    rig.publish(SHARD);
    const [good, compromised, old] = [rig.byResponder(), rig.byResponder(), rig.byResponder()];
    rig.answer(good.serial);
    rig.answer(compromised.serial, { revoked: 1 });
    rig.answer(old.serial, { revoked: 4 });
    expect(await rig.ask()).toEqual([compromised.fingerprint, old.fingerprint]);
    expect(rig.asked).toEqual([RESPONDER, RESPONDER, RESPONDER]);
    expect([...rig.revoked.values()].map(({ reason }) => reason)).toEqual(['keyCompromise', 'superseded']);
    expect(rig.warnings).toEqual([]);
    expect(rig.events).toMatchObject([
      { data: { lists: 1, certificates: 4, byResponder: 3, leftOver: 0, revoked: 2 } },
    ]);
    expect(rig.events[0]?.contents).toBe(
      'Revocation: 1 list of issuers and OCSP responders asked about 4 certificates; 2 are known to be revoked.',
    );
  });

  test('once in a run, however many websites have the certificate', async () => {
    const made = aCertificate({ extraExtensions: [ocspResponder(RESPONDER)] });
    const trusted = { issuer: readCertificate(issuer.der) } as Evaluation;
    const evidence = takeCombinedApart(made.combined, 'x');
    for (let website = 0; website < 3; website += 1)
      expect(rig.questions.add(evidence, trusted, PKI_NOW)).toBe(true);
    rig.answer(readCertificate(made.der).serial);
    await rig.ask();
    expect(rig.asked).toHaveLength(1);
    expect(rig.events[0]?.contents).toContain('OCSP responders asked about 1 certificate; none is known');
  });

  test('not again within the hour; what they said stands until it no longer holds', async () => {
    const { fingerprint, serial } = rig.byResponder();
    rig.answer(serial, { revoked: 4 });
    await rig.ask();
    rig.later(0.9);
    await rig.ask();
    expect(rig.asked).toHaveLength(1);
    rig.answers.clear();
    rig.revoked.clear();
    rig.later(48);
    expect(await rig.ask()).toEqual([fingerprint]);
    expect(rig.asked).toHaveLength(2);
    expect(rig.warnings).toEqual([]);
    rig.later(48);
    expect(await rig.ask()).toEqual([]);
    expect(rig.warnings).toEqual([
      'Whether 1 certificate is revoked cannot be learnt from “ocsp.test” (“http://ocsp.test/”): the connection is refused. Nothing is replaced for that.',
    ]);
    expect(rig.revoked.has(fingerprint)).toBe(true);
  });

  test('an older answer does not take the place of a newer one', async () => {
    const { serial } = rig.byResponder();
    rig.answer(serial, { revoked: 1 });
    await rig.ask();
    rig.later(2);
    rig.answer(serial, { thisUpdate: new Date(PKI_NOW.getTime() - 24 * HOUR_MS) });
    expect(await rig.ask()).toEqual([]);
    expect(rig.revoked.size).toBe(1);
  });

  test('a certificate that was only on hold is good again', async () => {
    const { fingerprint, serial } = rig.byResponder();
    rig.answer(serial, { revoked: 6 });
    await rig.ask();
    rig.later(2);
    rig.answer(serial, { thisUpdate: new Date(PKI_NOW.getTime() + HOUR_MS) });
    expect(await rig.ask()).toEqual([fingerprint]);
    expect(rig.revoked.size).toBe(0);
  });

  test.each<[string, (serial: string) => void, string]>([
    [
      'of another',
      (serial) => rig.answer(serial, { revoked: 1 }, { signer: aRoot() }),
      'the answer is of somebody else than the issuer',
    ],
    [
      'forged',
      (serial) => rig.answer(serial, { revoked: 1 }, { badSignature: true }),
      'the answer is not signed by whom it names',
    ],
    [
      'of another day',
      (serial) => rig.answer(serial, { revoked: 1, thisUpdate: new Date('2026-05-20T00:00:00Z') }),
      'the answer held until 2026-05-24T00:00:00.000Z',
    ],
    [
      'that it does not know',
      (serial) => rig.answer(serial, { isUnknown: true }),
      'the answer says that the issuer does not know the certificate',
    ],
    [
      'none',
      (serial) => void rig.answers.set(`${RESPONDER} ${serial}`, { state: 'answered', der: aRefusal(3) }),
      'the answer is “tryLater”',
    ],
  ])('an answer %s revokes nothing, and is not kept', async (_, answer, why) => {
    const { serial } = rig.byResponder();
    answer(serial);
    expect(await rig.ask()).toEqual([]);
    expect([rig.revoked.size, rig.keptAnswers.size]).toEqual([0, 0]);
    expect(rig.warnings).toEqual([expect.stringContaining(`: ${why}. Nothing is replaced`)]);
  });

  test('one that is silent is not asked about all of them, and that is said once', async () => {
    for (let count = 0; count < 100; count += 1) rig.byResponder();
    await rig.ask();
    expect(rig.asked.length).toBeLessThanOrEqual(5);
    expect(rig.warnings).toEqual([expect.stringContaining('Whether 100 certificates are revoked')]);
  });

  test('so many in one run and no more, another day about others', async () => {
    const all = Array.from({ length: MAX_QUESTIONS + 5 }, (_, n) => `${n}`.padStart(64, '0'));
    const responder = {
      issuer: readCertificate(issuer.der),
      url: RESPONDER,
      certificates: all.map((fingerprint) => ({ fingerprint, serial: '01', keyHash: '', notAfter: PKI_NOW })),
    };
    const leftOutOn = (day: string, kept: ReadonlySet<string>): readonly string[] => {
      const holdsUntil = new Date('2027-01-01T00:00:00Z');
      const answer = { revocation: null, thisUpdate: PKI_NOW, holdsUntil, askedAt: PKI_NOW };
      const answers = { of: (one: string) => (kept.has(one) ? answer : null), keep: async () => undefined };
      const responders = { ask: async () => REFUSED };
      const hosts = new SilentHosts(new AbortController().signal);
      const asker = new ResponderAsker(
        { clock: fixedClock(day), answers, responders },
        hosts,
        new LearntRevocations({ of: () => null, isKeyLost: () => false }),
      );
      const { tasks, leftOver } = asker.begin([responder]);
      expect([tasks.length, leftOver]).toEqual([MAX_QUESTIONS, 5]);
      const asked = new Set(tasks.map(({ certificate }) => certificate.fingerprint));
      return all.filter((one) => !asked.has(one));
    };
    const first = leftOutOn('2026-06-02T03:00:00Z', new Set());
    expect(leftOutOn('2026-06-02T04:00:00Z', new Set())).toEqual(first);
    expect(leftOutOn('2026-06-03T03:00:00Z', new Set())).not.toEqual(first);
    // Of whom something is known waits for the others.
    const known = new Set(all.slice(0, 7));
    expect(leftOutOn('2026-06-02T03:00:00Z', known).every((one) => known.has(one))).toBe(true);
  });

  test('not by a run that is told to stop', async () => {
    rig.byResponder();
    await rig.ask(AbortSignal.abort());
    expect(rig.asked).toEqual([]);
    expect(rig.warnings).toEqual([]);
  });
});
