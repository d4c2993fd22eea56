import { HttpListDownload } from '../../src/adapters/revocation/list-download.js';
import { HttpResponderDialogue } from '../../src/adapters/revocation/responder-dialogue.js';
import { FileKnownRevocations } from '../../src/adapters/store/revocation/known-revocations.js';
import { FileListCache } from '../../src/adapters/store/revocation/list-cache.js';
import { FileResponderAnswers } from '../../src/adapters/store/revocation/responder-answers.js';
import type { Tree } from '../../src/adapters/system/tree.js';
import type { CertificateFacts } from '../../src/core/certificate/facts.js';
import type { Evaluation } from '../../src/core/evaluation/evaluation.js';
import type { RunEvent } from '../../src/core/report/events/event.js';
import type { NameResolver } from '../../src/runs/ports/looks.js';
import { askIssuers } from '../../src/runs/revocation/ask-issuers.js';
import { ListQuestions } from '../../src/runs/revocation/list-questions.js';

const NO_DNS: Pick<NameResolver, 'addressesOf'> = {
  addressesOf: async () => ({ ipv4: [], ipv6: [], ipv4Error: 'ENOTFOUND', ipv6Error: 'ENOTFOUND' }),
};

export interface Asking {
  readonly certificates: readonly CertificateFacts[];
  readonly issuer: CertificateFacts;
  readonly tree: Tree;
  readonly now: Date;
  /** Default true: the servers of tests are on this machine. */
  readonly isAnywhereAllowed?: boolean;
  readonly record: (...events: readonly RunEvent[]) => void;
}

/** Asks as a process of its own would, nothing is kept but files; gives why a certificate is revoked, null where it is not. */
export async function askAsOneRun({
  certificates,
  issuer,
  tree,
  now,
  isAnywhereAllowed = true,
  record,
}: Asking): Promise<(fingerprint: string) => string | null> {
  const questions = new ListQuestions();
  for (const leaf of certificates) {
    const evidence = {
      kind: 'present',
      path: '',
      leaf,
      chain: [issuer],
      keySpki: null,
      keyFault: null,
    } as const;
    questions.add(evidence, { issuer } as Evaluation, now);
  }
  const clock = { now: () => now };
  const host = {
    clock,
    known: new FileKnownRevocations(tree, clock),
    cache: new FileListCache(tree),
    download: new HttpListDownload(NO_DNS, { isAnywhereAllowed }),
    answers: new FileResponderAnswers(tree, clock),
    responders: new HttpResponderDialogue(NO_DNS, { isAnywhereAllowed }),
  };
  await askIssuers(questions, host, record, new AbortController().signal);
  const afterwards = new FileKnownRevocations(tree, clock);
  return (fingerprint) => afterwards.of(fingerprint)?.reason ?? null;
}
