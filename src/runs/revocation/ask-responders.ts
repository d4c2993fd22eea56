import { hash } from 'node:crypto';
import { openResponderAnswer } from '../../core/certificate/revocation/responder-answer-signature.js';
import { responderQuestion } from '../../core/certificate/revocation/responder-question.js';
import { judgeAnswer } from '../../core/revocation/judge-answer.js';
import type { KeptAnswer } from '../ports/revocation.js';
import { FRESH_MS } from './freshness.js';
import type { LearntRevocations } from './learnt-revocations.js';
import type { AskedCertificate, AskedResponder } from './list-questions.js';
import type { RevocationHost } from './revocation-host.js';
import type { SilentHosts } from './silent-hosts.js';

/** Questions to responders in one run; those that are left over have their turn in another one. */
export const MAX_QUESTIONS = 1000;
const DAY_MS = 86_400_000;

/** One certificate, its issuer, and where to ask. */
export interface ResponderTask extends Pick<AskedResponder, 'issuer' | 'url'> {
  readonly certificate: AskedCertificate;
  /** What was said of it before and still holds. */
  readonly kept: KeptAnswer | null;
}

/** Finds out what issuers' responders say, each certificate by one question a run at most. */
export class ResponderAsker {
  /** What is to be kept, by fingerprint. */
  readonly answers = new Map<string, KeptAnswer>();
  readonly #host: Pick<RevocationHost, 'clock' | 'answers' | 'responders'>;
  readonly #hosts: SilentHosts;
  readonly #learnt: LearntRevocations;

  constructor(
    host: Pick<RevocationHost, 'clock' | 'answers' | 'responders'>,
    hosts: SilentHosts,
    learnt: LearntRevocations,
  ) {
    this.#host = host;
    this.#hosts = hosts;
    this.#learnt = learnt;
  }

  /**
   * Takes what is kept for known, and gives what is to be asked in this run: first of what nothing is known, then, by a
   * draw that is another one each day, the rest. `leftOver`: more than may be asked.
   */
  begin(responders: readonly AskedResponder[]): {
    readonly tasks: readonly ResponderTask[];
    readonly leftOver: number;
  } {
    const now = this.#host.clock.now();
    const due: ResponderTask[] = [];
    for (const { issuer, url, certificates } of responders) {
      for (const certificate of certificates) {
        const kept = this.#keptOf(certificate.fingerprint, now);
        if (kept !== null) this.#learnt.note(certificate, kept.revocation);
        if (kept === null || !isFresh(kept, now)) due.push({ issuer, url, certificate, kept });
      }
    }
    if (due.length <= MAX_QUESTIONS) return { tasks: due, leftOver: 0 };
    const day = Math.floor(now.getTime() / DAY_MS);
    const drawn = due
      .map((task) => ({ task, draw: hash('sha256', `${day} ${task.certificate.fingerprint}`, 'hex') }))
      .sort((a, b) => rankOf(a.task) - rankOf(b.task) || (a.draw < b.draw ? -1 : 1))
      .map(({ task }) => task);
    return { tasks: drawn.slice(0, MAX_QUESTIONS), leftOver: due.length - MAX_QUESTIONS };
  }

  async ask({ issuer, url, certificate, kept }: ResponderTask): Promise<void> {
    const { clock, responders } = this.#host;
    const { fingerprint, serial } = certificate;
    const question = responderQuestion(issuer, serial);
    const said = await this.#hosts.ask(url, (signal) => responders.ask({ url, question, signal }));
    if (said.state === 'failed') {
      if (kept === null) this.#learnt.noteUnknown('responder', url, said.why, 1);
      return;
    }
    const now = clock.now();
    const says = judgeAnswer(await openResponderAnswer(said.der, issuer, now), { issuer, serial, now });
    if (says.status === 'unknown') {
      if (kept === null) this.#learnt.noteUnknown('responder', url, `the answer ${says.fault.why}`, 1);
      return;
    }
    // Whoever stands between may hand out an old one for as long as it holds: what is newer is here already.
    if (kept !== null && says.thisUpdate < kept.thisUpdate) return;
    const { revocation, thisUpdate, holdsUntil } = says;
    this.answers.set(fingerprint, { revocation, thisUpdate, holdsUntil, askedAt: now });
    this.#learnt.note(certificate, revocation);
  }

  #keptOf(fingerprint: string, now: Date): KeptAnswer | null {
    const kept = this.#host.answers.of(fingerprint);
    return kept !== null && kept.holdsUntil > now ? kept : null;
  }
}

function isFresh({ askedAt }: KeptAnswer, now: Date): boolean {
  const age = now.getTime() - askedAt.getTime();
  return age >= 0 && age < FRESH_MS;
}

function rankOf({ kept }: ResponderTask): number {
  return kept === null ? 0 : 1;
}
