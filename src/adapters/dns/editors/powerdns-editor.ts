import { closestZone, parseDnsName } from '../../../core/domain/name/dns-name.js';
import { wordsOfCode } from '../../../core/domain/system-fault.js';
import type { ServerCheck } from '../../../core/plan/install/install-liveness.js';
import type { DnsEditorSettings } from '../../../runs/ports/settings.js';
import type { ZoneChange } from '../../../runs/ports/zones.js';
import { shownWords } from '../../system/process/command-words.js';
import { fieldOf, patchesFor, recordSetsOf } from './powerdns-records.js';
import type { ZoneBackend } from './zone-backend.js';

/** The list of 100,000 zones, or one zone of as many records where a server cannot give single sets. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** A server that could not say which zones it has is asked again after this, in ms: thousands of names want to know. */
const FAULT_KEPT_MS = 60_000;
/** Kinds of zones that are only copies. */
const COPIES: ReadonlySet<unknown> = new Set(['Slave', 'Secondary', 'Consumer']);
/** Kinds whose changes are told to other servers. */
const TOLD: ReadonlySet<unknown> = new Set(['Master', 'Primary', 'Producer']);

type PowerDnsSettings = Extract<DnsEditorSettings, { kind: 'powerdns' }>;
type ApiAnswer = { readonly status: number; readonly body: unknown } | { readonly fault: string };

/** Zones of a PowerDNS server by its HTTP API, version 1. */
export class PowerDnsEditor implements ZoneBackend {
  readonly describe: string;
  readonly #settings: PowerDnsSettings;
  #zones: Promise<readonly string[] | { readonly fault: string }> | undefined;
  #askAgainAt = 0;

  constructor(settings: PowerDnsSettings) {
    this.#settings = settings;
    this.describe = `PowerDNS at ${settings.url}`;
  }

  canEdit(): boolean {
    return true;
  }

  async zoneOf(name: string): Promise<string | undefined | { readonly fault: string }> {
    const { zones } = this.#settings;
    if (zones !== 'auto') return closestZone(name, zones);
    if (this.#zones === undefined || Date.now() >= this.#askAgainAt) {
      this.#askAgainAt = Number.POSITIVE_INFINITY;
      this.#zones = this.#listZones();
    }
    const listed = await this.#zones;
    return 'fault' in listed ? listed : closestZone(name, listed);
  }

  /** Reads the sets that the changes touch and sends them back changed: two writers at a time would undo each other. */
  async change(apex: string, changes: readonly ZoneChange[]): Promise<ServerCheck> {
    const path = `/zones/${apex}.`;
    const wanted = new Map(changes.map(({ name, type }) => [`${name} ${type}`, { name, type }]));
    const present = [];
    let kind: unknown;
    for (const { name, type } of wanted.values()) {
      const answer = await this.#ask('GET', `${path}?rrset_name=${name}.&rrset_type=${type}`);
      const refusal = refusalOf(answer);
      if (refusal !== null) return { ok: false, why: refusal };
      const body = 'fault' in answer ? null : answer.body;
      const sets = recordSetsOf(body);
      if (sets === null) return { ok: false, why: 'what it tells of the zone is not understood' };
      present.push(...sets);
      kind = fieldOf(body, 'kind');
    }
    const rrsets = patchesFor(changes, present);
    if (rrsets.length === 0) return { ok: true };
    const refusal = refusalOf(await this.#ask('PATCH', path, { rrsets }));
    if (refusal !== null) return { ok: false, why: refusal };
    // Else its secondaries hear of it within a minute; that it cannot be told now is no fault of the change.
    if (TOLD.has(kind)) await this.#ask('PUT', `${path}/notify`);
    return { ok: true };
  }

  async #listZones(): Promise<readonly string[] | { readonly fault: string }> {
    const answer = await this.#ask('GET', '/zones');
    const refusal = refusalOf(answer);
    if (refusal !== null || 'fault' in answer) {
      this.#askAgainAt = Date.now() + FAULT_KEPT_MS;
      return { fault: `${this.describe} does not list its zones: ${refusal}` };
    }
    const list = Array.isArray(answer.body) ? answer.body : [];
    return list.flatMap((zone: unknown) => {
      const name = fieldOf(zone, 'name');
      const apex = typeof name === 'string' ? parseDnsName(name) : null;
      return apex === null || COPIES.has(fieldOf(zone, 'kind')) ? [] : [apex];
    });
  }

  /** Never throws for what the server does. The key goes nowhere but into its header. */
  async #ask(method: 'GET' | 'PATCH' | 'PUT', path: string, content?: object): Promise<ApiAnswer> {
    const { url, serverId, apiKey, timeoutMs } = this.#settings;
    try {
      const answer = await fetch(`${url}/api/v1/servers/${serverId}${path}`, {
        method,
        headers: { 'X-API-Key': apiKey.reveal(), Accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
      });
      const text = await boundedText(answer);
      return text === null
        ? { fault: 'it answers without end' }
        : { status: answer.status, body: parsed(text) };
    } catch (error) {
      return { fault: faultOf(error) };
    }
  }
}

/** Why an answer is no success; null: it is one. Printable. */
function refusalOf(answer: ApiAnswer): string | null {
  if ('fault' in answer) return answer.fault;
  const { status, body } = answer;
  if (status >= 200 && status < 300) return null;
  const said = typeof body === 'string' ? body : fieldOf(body, 'error');
  const words = typeof said === 'string' && said.trim() !== '' ? `: ${shownWords(said.trim())}` : '';
  if (status === 401 || status === 403) return `it does not take our API key (${status})`;
  return status === 404
    ? `it does not know the zone or server (404)${words}`
    : `it answers ${status}${words}`;
}

async function boundedText(answer: Response): Promise<string | null> {
  if (answer.body === null) return '';
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body) {
    length += part.length;
    if (length > MAX_ANSWER_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function faultOf(error: unknown): string {
  const { name, cause } = error as { readonly name?: string; readonly cause?: { readonly code?: string } };
  if (name === 'TimeoutError') return 'it does not answer in time';
  return `it cannot be reached (${wordsOfCode(cause?.code ?? 'unknown')})`;
}
