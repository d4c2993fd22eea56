import { isAccountName } from '../../core/domain/account/account-name.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import type { NoticeCertificate, NoticeFinding } from '../../core/notice/finding.js';
import type { RunMoment } from '../../core/notice/findings/expiry.js';
import type { KnownTrouble } from '../../core/notice/findings/name-trouble.js';
import { type WebsiteFacts, websiteFacts } from '../../core/notice/findings/website-facts.js';
import { judgeWebsiteNotices } from '../../core/notice/findings/website-findings.js';
import { type Cause, sawIn, type WebsiteSaw } from '../../core/notice/findings/website-saw.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import { judgeWebsite } from '../judging/judge-website.js';
import type { IssuedRecord } from '../ports/orders.js';

/** What a run found that people may have to be told of. */
export interface CollectedFindings {
  readonly findings: readonly NoticeFinding[];
  /** Websites that there was something with, and of which the run knows how they stand. */
  readonly settled: readonly { readonly account: string; readonly vhost: string }[];
  /** Websites that the run cannot speak for. */
  readonly unsettled: ReadonlySet<string>;
}

/**
 * Makes findings of what was collected and of the run's events. Problems must have been written: they say since when a
 * name fails. `standstill`: why nothing at all was done, for websites of which nothing else is known.
 */
export async function collectFindings(
  host: CheckHost,
  recorder: RunRecorder,
  standstill: Cause | null = null,
): Promise<CollectedFindings> {
  const moment: RunMoment = { now: host.clock.now(), intervalMs: host.settings.intervalMs };
  const saw = sawIn(recorder.notable);
  const troubles = new TroublesOfAccounts(host);
  const findings: NoticeFinding[] = [];
  const settled: { account: string; vhost: string }[] = [];
  const unsettled = new Set<string>();
  for (const vhost of new Set([...recorder.findings.vhosts(), ...saw.keys()])) {
    const seen = seenOf(saw.get(vhost), recorder.findings.of(vhost), standstill);
    const known = await orUndefined(() => knownOf(vhost, seen, recorder, host));
    if (known === undefined) {
      unsettled.add(vhost);
      continue;
    }
    const { account } = known.facts;
    const verdict = judgeWebsiteNotices({ ...known, troubles: await troubles.of(account) }, moment);
    findings.push(...verdict.findings);
    if (verdict.isSettled) settled.push({ account, vhost });
    else unsettled.add(vhost);
  }
  return { findings, settled, unsettled };
}

function seenOf(
  saw: WebsiteSaw | undefined,
  facts: WebsiteFacts | undefined,
  standstill: Cause | null,
): WebsiteSaw | undefined {
  if (standstill === null || facts === undefined || saw?.installed || saw?.cause) return saw;
  const { account, vhost } = facts;
  const nothing = { account, vhost, installed: null, unserved: null, isNowServed: false, overLimit: [] };
  return { ...nothing, ...saw, cause: standstill };
}

interface Known {
  readonly facts: WebsiteFacts;
  readonly saw: WebsiteSaw | undefined;
  readonly installed: NoticeCertificate | null;
  readonly former: NoticeCertificate | null;
}

/** Undefined: what is needed to speak of it is not known. @throws AutosslError */
async function knownOf(
  vhost: string,
  saw: WebsiteSaw | undefined,
  recorder: RunRecorder,
  host: CheckHost,
): Promise<Known | undefined> {
  const collected = recorder.findings.of(vhost);
  const isInPlace = saw !== undefined && (saw.installed !== null || saw.unserved !== null || saw.isNowServed);
  if (!isInPlace) return collected && { facts: collected, saw, installed: null, former: null };
  const records = await host.issued.read(vhost);
  const place = saw.installed === null ? 0 : records.findIndex(isOf(saw.installed.fingerprint));
  const facts = collected ?? (await factsNow(saw, saw.installed?.fingerprint ?? null, host));
  if (facts === undefined || (saw.installed !== null && place < 0)) return undefined;
  return {
    facts,
    saw,
    installed: saw.installed === null ? null : certificateOf(records[place]),
    former: certificateOf(records[place + 1]),
  };
}

function isOf(fingerprint: string): (record: IssuedRecord) => boolean {
  return (record) => record.fingerprint === fingerprint;
}

function certificateOf(record: IssuedRecord | undefined): NoticeCertificate | null {
  if (record === undefined) return null;
  const { serial, notBefore, notAfter } = record;
  return {
    serial: serial.replace(/^00(?=.)/, '').toUpperCase(),
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    isSelfSigned: false,
  };
}

/** Of a website that was no work of this run: an earlier order's certificate, or one that is asked for again. */
async function factsNow(
  { account, vhost }: WebsiteSaw,
  installed: string | null,
  host: CheckHost,
): Promise<WebsiteFacts | undefined> {
  if (!isAccountName(account)) return undefined;
  const inventory = await host.accounts.read(account);
  if (inventory?.state !== 'ready') return undefined;
  const website = inventory.websites.find((one) => one.vhost === vhost);
  if (website === undefined) return undefined;
  const found = await judgeWebsite(website, { isReissueAsked: false, pending: new Map() }, host);
  return websiteFacts(website, {
    ...found,
    issued: found.issued.filter(({ fingerprint }) => fingerprint !== installed),
  });
}

/** Problems lists, one at a time: websites come account by account. */
class TroublesOfAccounts {
  readonly #host: Pick<CheckHost, 'problems'>;
  #account: string | null = null;
  #troubles: readonly KnownTrouble[] = [];

  constructor(host: Pick<CheckHost, 'problems'>) {
    this.#host = host;
  }

  async of(account: string): Promise<readonly KnownTrouble[]> {
    if (account !== this.#account) {
      this.#account = account;
      this.#troubles = (await orUndefined(() => this.#host.problems.read(account))) ?? [];
    }
    return this.#troubles;
  }
}

/** What cannot be read is not known: others say so as a fault. */
async function orUndefined<Value>(task: () => Promise<Value | undefined>): Promise<Value | undefined> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof AutosslError) return undefined;
    throw error;
  }
}
