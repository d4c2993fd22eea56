import { parseDnsServer } from '../../../core/domain/dns-server.js';
import { closestZone, isWithin, parseDnsName } from '../../../core/domain/name/dns-name.js';
import type { DnsEditorSettings } from '../../../runs/ports/settings.js';
import type { ZoneChange, ZoneCheck } from '../../../runs/ports/zones.js';
import { runCommand } from '../../system/exec.js';
import { endOf, lineOf, shownWords } from '../../system/process/command-words.js';
import { runMark } from '../../system/process/run-mark.js';
import type { DnsClient } from '../dns-client.js';
import { TTL_SECONDS, type ZoneBackend, zoneFileText } from './zone-backend.js';

const PROGRAM = 'nsupdate';
const MS_PER_SECOND = 1000;
/** What nsupdate prints when all is well is nothing. */
const MAX_OUTPUT_BYTES = 16 * 1024;
/** Names whose zones are remembered; the oldest goes first. */
const MAX_REMEMBERED = 10_000;

/** A wrong key is NOTAUTH (RFC 8945 section 5.2). */
const DENIED = /^update failed: REFUSED\b/;

type NsupdateSettings = Extract<DnsEditorSettings, { kind: 'nsupdate' }>;

/** Dynamic updates signed with TSIG (RFC 2136, RFC 8945), by nsupdate(1). */
export class NsupdateEditor implements ZoneBackend {
  readonly describe: string;
  readonly #settings: NsupdateSettings;
  readonly #client: DnsClient;
  readonly #zones = new Map<string, Promise<string | undefined | { readonly fault: string }>>();

  constructor(settings: NsupdateSettings, client: DnsClient) {
    this.#settings = settings;
    this.#client = client;
    this.describe = `nsupdate at ${settings.server}`;
  }

  canEdit(): boolean {
    return true;
  }

  async zoneOf(name: string): Promise<string | undefined | { readonly fault: string }> {
    const { zones } = this.#settings;
    if (zones !== 'auto') return closestZone(name, zones);
    const known = this.#zones.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.#zones.size >= MAX_REMEMBERED ? this.#zones.keys() : [];
    if (oldest !== undefined) this.#zones.delete(oldest);
    const found = this.#askForZone(name);
    this.#zones.set(name, found);
    return found;
  }

  async change(apex: string, changes: readonly ZoneChange[]): Promise<ZoneCheck> {
    const { server, keyFile, timeoutMs } = this.#settings;
    const { address, port } = parseDnsServer(server);
    const script = [`server ${address} ${port}`, `zone ${apex}.`, ...changes.map(lineFor), 'send', ''];
    const patience = String(Math.max(1, Math.floor(timeoutMs / MS_PER_SECOND)));
    const result = await runCommand([PROGRAM, '-t', patience, '-k', keyFile], {
      input: script.join('\n'),
      timeoutMs: timeoutMs + MS_PER_SECOND,
      cwd: '/',
      environment: runMark(),
      maxOutputBytes: MAX_OUTPUT_BYTES,
    });
    if (result.startFault !== null) {
      return {
        ok: false,
        why: `${PROGRAM} could not be started (${result.startFault}); on Debian it is in bind9-dnsutils`,
      };
    }
    if (result.exitCode === 0) return { ok: true };
    const said = lineOf(result.stderr, -1) || lineOf(result.stdout, -1);
    return {
      ok: false,
      why: said === '' ? `${PROGRAM} ${endOf(result, timeoutMs)}` : shownWords(said),
      ...(DENIED.test(said) ? { isDenied: true as const } : {}),
    };
  }

  /** The zone is what the server itself says, as the owner of the SOA record, with authority (RFC 2308 section 3). */
  async #askForZone(name: string): Promise<string | undefined | { readonly fault: string }> {
    const { server } = this.#settings;
    const reply = await this.#client.query(name, 'SOA', { recursionDesired: false, servers: [server] });
    if (reply.state === 'failed') return { fault: `the name server ${server} does not answer` };
    if (!reply.isAuthoritative) return undefined;
    const soa = [...reply.answers, ...reply.authorities].find(({ type }) => type === 'SOA');
    const apex = soa === undefined ? null : parseDnsName(soa.name);
    return apex !== null && isWithin(name, apex) ? apex : undefined;
  }
}

/** Names and values hold nothing that nsupdate could take for something else: `ZoneEditors` has looked. */
function lineFor(change: ZoneChange): string {
  const { op, name, type } = change;
  return op === 'add'
    ? `update add ${name}. ${TTL_SECONDS[type]} ${type} ${zoneFileText(change)}`
    : `update delete ${name}. ${type} ${zoneFileText(change)}`;
}
