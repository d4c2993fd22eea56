import { describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { InstallError } from '../../../src/core/domain/autossl-error.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import type { ServerSite } from '../../../src/core/plan/served/server-site.js';
import type { RunEvent } from '../../../src/core/report/events/event.js';
import { installBatch } from '../../../src/runs/install/install-batch.js';
import type { InstallMember, InstallOutcome } from '../../../src/runs/install/install-ports.js';
import { fakeChainOf, fakeKeyPem } from '../../support/fake-certificate.js';
import { FakeHost } from '../../support/fake-host.js';
import { FakeServer } from '../../support/fake-server.js';
import { runningClock } from '../../support/running-clock.js';

const NOW = new Date('2026-06-01T00:00:00.000Z');
const LATER = new Date('2026-08-30T00:00:00.000Z');

/** Websites with a former certificate each, whose new ones a batch installs on these servers. */
class Batch {
  readonly host = new FakeHost();
  readonly servers: FakeServer[] = [];
  readonly events: RunEvent[] = [];
  readonly members: InstallMember[] = [];

  website(vhost: string, more: { readonly isNew?: boolean } = {}): this {
    if (more.isNew !== true) this.host.certificate(vhost, [vhost], { fingerprint: `former-${vhost}` });
    const fingerprint = `new-${vhost}`;
    const chainPem = fakeChainOf({ names: [vhost], notBefore: NOW, notAfter: LATER, fingerprint });
    this.members.push({
      website: { account: parseAccountName('alice'), vhost: parseHostName(vhost) },
      keyPem: fakeKeyPem(),
      chainPem,
      leaf: { fingerprint, notAfter: LATER, dnsNames: [vhost] },
      wanted: [vhost],
      lock: {
        signal: new AbortController().signal,
        assertHeld: async () => undefined,
        release: async () => undefined,
      },
    });
    return this;
  }

  /** A server with a site for each of these websites. */
  server(vhosts: readonly string[], over: Partial<FakeServer> = {}): FakeServer {
    const sites = vhosts.map((vhost, index) => siteOf(vhost, this.servers.length, index));
    const server = Object.assign(new FakeServer(sites, (vhost) => this.lying(vhost)), over);
    this.servers.push(server);
    return server;
  }

  /** Fingerprint of what lies at the website's `combined`. */
  lying(vhost: string): string | undefined {
    return this.host.present.get(vhost)?.fingerprint;
  }

  async install(members = this.members): Promise<Record<string, string>> {
    const outcomes = await installBatch(
      members,
      {
        ...this.host.install,
        clock: runningClock(NOW.toISOString()),
        webServers: () => this.servers,
        hooks: { ...this.host.install.hooks, ...this.hooks },
        tls: {
          handshake: async ({ address, serverName }) => {
            const server = this.servers[Number(address.split('.')[3]) - 1];
            return server?.answer(serverName ?? '') ?? FakeServer.refusing;
          },
        },
      },
      (...events) => {
        this.events.push(...events);
      },
      new AbortController().signal,
    );
    return Object.fromEntries([...outcomes].map(([vhost, outcome]) => [vhost, wordOf(outcome)]));
  }

  hooks: Partial<FakeHost['install']['hooks']> = {};

  get told(): readonly string[] {
    return this.events.map(({ code }) => code);
  }
}

const wordOf = (outcome: InstallOutcome): string =>
  'code' in outcome ? `${outcome.state} ${outcome.code}` : outcome.state;

/** Each server is at an address of its own, so that a handshake shows whom it asked. */
function siteOf(vhost: string, server: number, index: number): ServerSite {
  const combined = `/var/cpanel/ssl/apache_tls/${vhost}/combined`;
  return {
    server: 'nginx',
    names: [vhost],
    isDefault: index === 0,
    listens: [
      {
        address: `192.0.2.${server + 1}`,
        port: 443,
        isTls: true,
        isDefault: index === 0,
        wantsProxyHeader: false,
      },
    ],
    certificates: [{ certificateFile: combined, keyFile: combined, isVariable: false }],
    documentRoot: null,
    file: '/etc/nginx/nginx.conf',
    line: index + 1,
  };
}

describe('a batch on a server that takes everything', () => {
  test('is published, loaded by one reload, and served', async () => {
    const batch = new Batch().website('a.test').website('b.test', { isNew: true });
    const server = batch.server(['a.test', 'b.test']);
    expect(await batch.install()).toEqual({ 'a.test': 'served', 'b.test': 'served' });
    expect(server.calls).toEqual(['test', 'test', 'reload']);
    expect(batch.host.servedRecords.get('a.test')).toMatchObject({
      wanted: ['a.test'],
      issued: { fingerprint: 'new-a.test' },
      served: { state: 'served', places: [{ address: '192.0.2.1', fingerprint: 'new-a.test' }] },
    });
    expect(batch.host.isReloadOwed).toBe(false);
  });

  test('each of two servers is reloaded once', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    const servers = [batch.server(['a.test']), batch.server(['b.test'])];
    expect(await batch.install()).toEqual({ 'a.test': 'served', 'b.test': 'served' });
    expect(servers.map(({ reloads }) => reloads)).toEqual([1, 1]);
  });

  test('without a web server it is published, and that is said', async () => {
    const batch = new Batch().website('a.test');
    expect(await batch.install()).toEqual({ 'a.test': 'published' });
    expect(batch.told).toEqual(['NO_WEB_SERVER']);
    expect(batch.host.servedRecords.get('a.test')).toMatchObject({
      served: { state: 'unknown', places: [] },
    });
  });

  test('an empty batch touches nothing, unless a reload is owed', async () => {
    const batch = new Batch();
    const server = batch.server([]);
    await batch.install();
    expect(server.calls).toEqual([]);
    batch.host.isReloadOwed = true;
    await batch.install();
    expect(server.calls).toEqual(['test', 'test', 'reload']);
    expect(batch.host.isReloadOwed).toBe(false);
  });
});

describe('what is served', () => {
  test('a website without a site: published, not served, told what answers', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    batch.server(['a.test']);
    expect(await batch.install()).toEqual({ 'a.test': 'served', 'b.test': 'published-not-served' });
    expect(batch.lying('b.test')).toBe('new-b.test');
    expect(batch.host.servedRecords.get('b.test')?.served).toMatchObject({
      state: 'not-served',
      code: 'OTHER_WEBSITES_CERTIFICATE',
      message:
        'no site has this name with TLS; the default site at 192.0.2.1:443 answers with the certificate of a.test',
    });
  });

  test('a website that answered before and answers no more gets its former certificate back', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    const server = batch.server(['a.test', 'b.test'], { unanswered: new Set(['new-b.test']) });
    expect(await batch.install()).toEqual({ 'a.test': 'served', 'b.test': 'restored HANDSHAKE_BROKEN' });
    expect(batch.lying('b.test')).toBe('former-b.test');
    expect(server.answer('b.test').fingerprint).toBe('former-b.test');
  });
});

describe('a server whose configuration is broken as found', () => {
  test('nothing is published, everything waits', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    const server = batch.server(['a.test', 'b.test'], { configFault: 'nginx.conf:7: unknown directive' });
    expect(await batch.install()).toEqual({
      'a.test': 'held CONFIG_BROKEN_BEFORE',
      'b.test': 'held CONFIG_BROKEN_BEFORE',
    });
    expect(batch.host.published).toEqual([]);
    expect(server.reloads).toBe(0);
    expect(batch.told).toEqual(['SERVER_CONFIG_BROKEN']);
    expect(batch.events[0]?.contents).toContain(
      'nginx.conf:7: unknown directive. 2 certificates wait, staged.',
    );
  });

  test('what another server has goes on', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    batch.server(['a.test'], { configFault: 'broken' });
    batch.server(['b.test']);
    expect(await batch.install()).toEqual({ 'a.test': 'held CONFIG_BROKEN_BEFORE', 'b.test': 'served' });
  });

  test('a pair that a killed run left there is put back first: it may be what breaks it', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    const server = batch.server(['a.test', 'b.test'], { refused: new Set(['new-a.test']) });
    batch.host.formerAfterCrash.set('a.test', batch.host.present.get('a.test'));
    batch.host.certificate('a.test', ['a.test'], { fingerprint: 'new-a.test' });
    expect(await batch.install()).toEqual({ 'a.test': 'restored CONFIG_TEST_FAILED', 'b.test': 'served' });
    expect(batch.lying('a.test')).toBe('former-a.test');
    expect(server.reloads).toBe(1);
  });
});

describe('pairs that a server refuses', () => {
  const names = Array.from({ length: 32 }, (_, index) => `s${index}.test`);

  test.each([
    ['the refusal names the file', true],
    ['the refusal names nothing', false],
  ])('one of 32 is put back, the others are served by one reload (%s)', async (_, isNaming) => {
    const batch = new Batch();
    for (const name of names) batch.website(name);
    const server = batch.server(names, { refused: new Set(['new-s17.test']), isNaming });
    const outcomes = await batch.install();
    expect(outcomes['s17.test']).toBe('restored CONFIG_TEST_FAILED');
    expect(Object.values(outcomes).filter((word) => word === 'served')).toHaveLength(31);
    expect(batch.lying('s17.test')).toBe('former-s17.test');
    expect(server.reloads).toBe(1);
    expect(server.calls.filter((call) => call === 'test').length).toBeLessThan(isNaming ? 12 : 30);
  });

  test('a fault that comes from elsewhere meanwhile makes nobody guilty', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    const server = batch.server(['a.test', 'b.test'], { faultFromTestOn: 2 });
    expect(await batch.install()).toEqual({
      'a.test': 'held CONFIG_BROKEN_BEFORE',
      'b.test': 'held CONFIG_BROKEN_BEFORE',
    });
    expect(batch.lying('a.test')).toBe('former-a.test');
    expect(server.reloads).toBe(0);
    expect(batch.told).toEqual(['SERVER_CONFIG_BROKEN']);
  });

  test('one that comes while a guilty one is looked for keeps the server from a reload', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    // As found, published, without both, then the good half passes: broken from the fifth test on.
    const server = batch.server(['a.test', 'b.test'], {
      refused: new Set(['new-b.test']),
      isNaming: false,
      faultFromTestOn: 5,
    });
    expect(await batch.install()).toEqual({
      'a.test': 'held CONFIG_BROKEN_BEFORE',
      'b.test': 'held CONFIG_BROKEN_BEFORE',
    });
    expect([batch.lying('a.test'), batch.lying('b.test')]).toEqual(['former-a.test', 'former-b.test']);
    expect(server.reloads).toBe(0);
  });

  test('where nothing can be installed, a reload that is owed is made all the same', async () => {
    const batch = new Batch().website('a.test');
    const server = batch.server(['a.test']);
    batch.host.unpublishable.set('a.test', new InstallError('PUBLISH_FAILED', 'no space left'));
    await batch.install();
    expect(server.reloads).toBe(0);
    batch.host.isReloadOwed = true;
    await batch.install();
    expect(server.reloads).toBe(1);
    expect(batch.host.isReloadOwed).toBe(false);
  });

  test('a pair that cannot be written is left out', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    batch.server(['a.test', 'b.test']);
    batch.host.unpublishable.set('a.test', new InstallError('PUBLISH_FAILED', 'no space left'));
    expect(await batch.install()).toEqual({ 'a.test': 'held PUBLISH_FAILED', 'b.test': 'served' });
  });
});

describe('a reload that goes wrong', () => {
  test('a server that goes on with what it had: everything is put back', async () => {
    const batch = new Batch().website('a.test');
    const server = batch.server(['a.test'], { reloadFault: 'the command timed out' });
    expect(await batch.install()).toEqual({ 'a.test': 'restored RELOAD_FAILED' });
    expect(batch.lying('a.test')).toBe('former-a.test');
    expect(server.reloads).toBe(1);
    expect(batch.told).toEqual(['RELOAD_FAILED']);
  });

  test('a server that dies is started again with what it had', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    const dying = batch.server(['a.test'], { diesOfReload: true });
    batch.server(['b.test']);
    expect(await batch.install()).toEqual({ 'a.test': 'restored SERVER_DIED', 'b.test': 'served' });
    expect(dying.calls.at(-1)).toBe('start');
    expect(dying.answer('a.test').fingerprint).toBe('former-a.test');
    expect(batch.events[0]?.contents).toContain('it was started again');
  });

  test('a server that dies and names its reason gets the others without that one', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    const server = batch.server(['a.test', 'b.test'], { diesOf: new Set(['new-a.test']) });
    expect(await batch.install()).toEqual({ 'a.test': 'restored SERVER_DIED_OF_IT', 'b.test': 'served' });
    expect(server.calls).toEqual(['test', 'test', 'reload', 'start', 'test', 'reload']);
    expect(batch.told).toEqual(['SERVER_RELOADED']);
  });

  test('a server that loaded the new ones and then fails loads the former ones again', async () => {
    const batch = new Batch().website('a.test');
    const first = batch.server(['a.test']);
    batch.server(['a.test'], { reloadFault: 'no' });
    expect(await batch.install()).toEqual({ 'a.test': 'restored RELOAD_FAILED' });
    expect(first.reloads).toBe(2);
    expect(first.answer('a.test').fingerprint).toBe('former-a.test');
  });

  test('a server that somebody stopped is not started; the files are in place', async () => {
    const batch = new Batch().website('a.test');
    const server = batch.server(['a.test'], { isAlive: false });
    expect(await batch.install()).toEqual({ 'a.test': 'published-not-served' });
    expect(server.reloads).toBe(0);
    expect(batch.told).toEqual(['SERVER_NOT_RUNNING']);
  });
});

describe('hooks', () => {
  test('a veto keeps the former certificate, of that website alone', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    batch.server(['a.test', 'b.test']);
    const after: string[] = [];
    batch.hooks = {
      pre: async ({ website }) => (website.vhost === 'a.test' ? { ok: false, why: 'frozen' } : { ok: true }),
      post: async ({ website }) => {
        after.push(website.vhost);
        return { ok: false, why: 'no mail' };
      },
    };
    expect(await batch.install()).toEqual({ 'a.test': 'held VETOED', 'b.test': 'served' });
    expect(batch.lying('a.test')).toBe('former-a.test');
    expect(after).toEqual(['b.test']);
    expect(batch.told).toEqual(['SERVER_RELOADED', 'POST_HOOK_FAILED']);
  });

  test('the rebuild command runs once for each account; where it fails the account is put back', async () => {
    const batch = new Batch().website('a.test').website('b.test');
    batch.server(['a.test', 'b.test']);
    const calls: string[] = [];
    batch.hooks = {
      rebuild: async (account, vhosts) => {
        calls.push(`${account} ${vhosts.join(' ')}`);
        return { ok: false, why: 'exit code 1' };
      },
    };
    expect(await batch.install()).toEqual({
      'a.test': 'restored REBUILD_FAILED',
      'b.test': 'restored REBUILD_FAILED',
    });
    // Once more for what lies there again.
    expect(calls).toEqual(['alice a.test b.test', 'alice a.test b.test']);
    expect(batch.lying('a.test')).toBe('former-a.test');
  });
});
