import type { MetadataKey } from '../../src/core/domain/metadata-key.js';
import type { NoticeFinding, NoticeKind, NoticeName } from '../../src/core/notice/finding.js';
import type { OutgoingMessage } from '../../src/core/notice/outgoing-message.js';
import type { TemplateTexts } from '../../src/core/notice/template/template-name.js';
import type { ToldAccount } from '../../src/core/notice/told/told-record.js';
import type { RunEvent } from '../../src/core/report/events/event.js';
import type { NoticeScope } from '../../src/runs/notice/notice-scope.js';
import { type NoticeHost, tellFindings } from '../../src/runs/notice/tell-findings.js';
import type { Outbox, OutboxAddition } from '../../src/runs/ports/messages.js';
import type { NoticeMemory } from '../../src/runs/ports/notices.js';
import { fixedClock } from './fixed-clock.js';
import { MemoryLocks } from './memory-stores.js';

export const NOON = '2026-06-15T12:00:00.000Z';
const DAY_MS = 86_400_000;

/** The instant so many days after noon of the fixed day. */
export function day(days: number): Date {
  return new Date(Date.parse(NOON) + days * DAY_MS);
}

export function aName(name: string, given: Partial<NoticeName> = {}): NoticeName {
  return {
    name,
    code: 'NXDOMAIN',
    why: `${name} has no address: DNS says that the name does not exist`,
    advice: `Create an A (or AAAA) record for ${name}, or exclude the name if it is no longer used.`,
    isServiceName: false,
    wasCovered: true,
    failingSince: day(-2),
    ...given,
  };
}

/** A finding of a website whose certificate has 90 days, of which so many are left. */
export function aFinding(
  kind: NoticeKind,
  given: Partial<NoticeFinding> & { readonly daysLeft?: number } = {},
): NoticeFinding {
  const { daysLeft = 20, ...rest } = given;
  return {
    kind,
    account: 'alice',
    vhost: 'shop.test',
    certificate: {
      serial: '0A1B2C',
      notBefore: day(daysLeft - 90),
      notAfter: day(daysLeft),
      isSelfSigned: false,
    },
    names: [],
    because: { code: 'NO_NAME_PASSED', text: 'none of its names passed validation' },
    deadlineAt: null,
    nextAttemptAt: day(1),
    ...rest,
  };
}

export class MemoryNoticeMemory implements NoticeMemory {
  readonly records = new Map<string, ToldAccount>();
  /** What the next writes throw. */
  fault: Error | null = null;

  async accounts(): Promise<readonly string[]> {
    return [...this.records.keys()].sort();
  }
  async read(account: string): Promise<ToldAccount | undefined> {
    return structuredClone(this.records.get(account));
  }
  async write(account: string, told: ToldAccount | null): Promise<void> {
    if (this.fault !== null) throw this.fault;
    if (told === null) this.records.delete(account);
    else this.records.set(account, structuredClone(told));
  }
}

/** Keeps ids for ever, as the real one does lately. */
export class MemoryOutbox implements Outbox {
  readonly messages: OutgoingMessage[] = [];
  readonly #ids = new Set<string>();
  /** Whose messages `add` refuses. */
  refuses: (to: string) => boolean = () => false;

  async add(messages: readonly OutgoingMessage[]): Promise<OutboxAddition> {
    const added: string[] = [];
    const known: string[] = [];
    const refused: { id: string; why: string }[] = [];
    for (const message of messages) {
      const { id, to } = message;
      if (this.refuses(to)) refused.push({ id, why: 'there is no room' });
      else if (this.#ids.has(id)) known.push(id);
      else {
        this.#ids.add(id);
        this.messages.push(message);
        added.push(id);
      }
    }
    return { added, known, refused };
  }
}

export interface RigOptions {
  readonly users?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly chosen?: Readonly<Partial<Record<MetadataKey, boolean>>>;
  readonly repeat?: 'weekly' | 'every-run' | 'never';
  readonly serviceNames?: boolean;
  readonly foreignExpiry?: boolean;
  readonly templates?: TemplateTexts;
}

const ALL: NoticeScope = { kind: 'all', except: new Set(), unsettled: new Set() };

/** The run step over memory, with a clock that is set. */
export function noticeRig(options: RigOptions = {}) {
  const memory = new MemoryNoticeMemory();
  const outbox = new MemoryOutbox();
  const clock = fixedClock(NOON);
  const chosen: Partial<Record<MetadataKey, boolean>> = { ...options.chosen };
  const users = new Map(
    Object.entries(options.users ?? { alice: { CONTACTEMAIL: 'alice@shop.test' } }).map(([name, values]) => [
      name,
      new Map(Object.entries(values)),
    ]),
  );
  const host: NoticeHost = {
    memory,
    outbox,
    metadata: { readChosen: async () => new Map(Object.entries(chosen)) as Map<MetadataKey, boolean> },
    userFiles: { read: async (account) => users.get(account) },
    templates: { read: async () => ({ texts: options.templates ?? {}, refused: [] }) },
    locks: new MemoryLocks(),
    clock,
    hostname: 'host.example.net',
    settings: {
      repeat: options.repeat ?? 'weekly',
      serviceNames: options.serviceNames ?? false,
      foreignExpiry: options.foreignExpiry ?? true,
      to: 'root',
    },
  };
  const events: RunEvent[] = [];
  /** One run; gives what it put into the outbox. */
  const run = async (
    findings: readonly NoticeFinding[],
    scope: NoticeScope = ALL,
  ): Promise<readonly OutgoingMessage[]> => {
    const before = outbox.messages.length;
    events.splice(0, events.length, ...(await tellFindings(findings, scope, host)));
    return outbox.messages.slice(before);
  };
  /** `events`: of the last run. */
  return { memory, outbox, clock, host, users, chosen, events, run };
}
