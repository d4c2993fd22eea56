import { describe, expect, test } from '@jest/globals';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import type { NameSight } from '../../../src/core/report/why/name-sight.js';
import { lookAtName } from '../../../src/runs/why-domain/look-at-name.js';
import type { NameView } from '../../../src/runs/why-domain/why-host.js';
import { aWebsite, FakeHost } from '../../support/fake-host.js';

const WEBSITE = aWebsite(['a.test', '*.a.test'], 'alice');

function aView(host: FakeHost, over: Partial<NameView> = {}): NameView & { readonly done: string[] } {
  const done: string[] = [];
  return {
    preflight: host.preflight,
    openSolver: async () => {
      const solver = await host.openSolver();
      return {
        ...solver,
        present: async (challenge) => {
          done.push('present');
          return solver.present(challenge);
        },
        cleanUp: async (challenge) => {
          done.push('cleanUp');
          return solver.cleanUp(challenge);
        },
        close: async () => {
          done.push('close');
        },
      };
    },
    cannotPlace: null,
    ...over,
    done,
  };
}
const look = (view: NameView, name = 'a.test', signal = new AbortController().signal): Promise<NameSight> =>
  lookAtName(parseHostName(name), WEBSITE, null, view, signal);

describe('looking at a name', () => {
  test('says of a wildcard that its domain is another account’s', async () => {
    const host = new FakeHost();
    host.account('victim', [['ok.test']]);
    const website = { ...WEBSITE, account: 'mallory' as typeof WEBSITE.account };
    const { signal } = new AbortController();
    const sight = await lookAtName(
      parseHostName('*.ok.test'),
      website,
      null,
      aView(host),
      signal,
      host.accounts,
    );
    expect(sight).toMatchObject({ outcome: { passed: false, code: 'DOMAIN_OF_ANOTHER_ACCOUNT' } });
  });

  test('places a test file, fetches it at each address, and takes it away', async () => {
    const view = aView(new FakeHost());
    expect(await look(view)).toMatchObject({
      state: 'looked',
      method: 'http-01',
      whyNotTried: null,
      addresses: [{ address: '192.0.2.1', isOurs: true }],
      places: [{ address: '192.0.2.1', result: 'passed' }],
      outcome: { passed: true },
    });
    expect(view.done).toEqual(['present', 'cleanUp', 'close']);
  });

  test('of what does not exist places nothing', async () => {
    const host = new FakeHost();
    host.unknownNames.add('a.test');
    const view = aView(host);
    expect(await look(view)).toMatchObject({
      addresses: [],
      lookupError: 'ENOTFOUND',
      outcome: { passed: false, code: 'NXDOMAIN' },
    });
    expect(view.done).toEqual(['close']);
  });

  test('says which address does not answer', async () => {
    const host = new FakeHost();
    host.fetchErrors.set('a.test', 'ECONNREFUSED');
    expect(await look(aView(host))).toMatchObject({
      places: [{ result: 'failed', code: 'CONNECTION_REFUSED', message: 'refused the connection' }],
      outcome: { passed: false, code: 'CONNECTION_REFUSED' },
    });
  });

  test('where the customer is in the way of the file, it is theirs to mend', async () => {
    const host = new FakeHost();
    host.placementFault = { why: 'the quota is full', fault: 'owner' };
    const view = aView(host);
    expect(await look(view)).toMatchObject({
      outcome: { passed: false, code: 'CHALLENGE_NOT_PLACED', fault: 'owner' },
    });
    expect(view.done).toEqual(['present', 'cleanUp', 'close']);
  });

  test('by who is not root only asks DNS, and says so', async () => {
    const view = aView(new FakeHost(), { cannotPlace: 'only root may place a test file' });
    expect(await look(view)).toMatchObject({
      method: null,
      whyNotTried: 'only root may place a test file',
      addresses: [{ address: '192.0.2.1' }],
      places: [],
      outcome: null,
    });
    expect(view.done).toEqual([]);
  });

  test('goes on without a test where this server cannot write', async () => {
    const view = aView(new FakeHost(), {
      openSolver: async () => ({
        present: async () => {
          throw new StateError('NO_SPACE', 'the disk is full');
        },
        cleanUp: async () => undefined,
        sweep: async () => undefined,
        close: async () => undefined,
      }),
    });
    expect(await look(view)).toMatchObject({ whyNotTried: 'the disk is full', outcome: null });
  });

  test('blames nobody’s name when this server’s name servers are silent', async () => {
    const host = new FakeHost();
    host.lookupError = 'ETIMEOUT';
    host.isResolverAnswering = false;
    expect(await look(aView(host))).toMatchObject({ state: 'not-looked', isOurFault: true });
  });

  test('of a wildcard asks for no address', async () => {
    const host = new FakeHost();
    expect(await look(aView(host), '*.a.test')).toMatchObject({
      addresses: null,
      outcome: { passed: false },
    });
    expect(host.looked).toEqual([]);
  });

  test('that is told to stop takes its file away', async () => {
    const host = new FakeHost();
    const controller = new AbortController();
    const view = aView(host);
    const solver = await view.openSolver();
    const stopping: NameView = {
      ...view,
      openSolver: async () => ({
        ...solver,
        present: async (challenge) => {
          controller.abort(new Error('stopped by SIGINT'));
          return solver.present(challenge);
        },
      }),
    };
    expect(await look(stopping, 'a.test', controller.signal)).toMatchObject({
      whyNotTried: 'it was stopped',
    });
    expect(view.done).toEqual(['present', 'cleanUp', 'close']);
  });

  test('that fails over HTTP is tried by DNS, where that can be done', async () => {
    const host = new FakeHost();
    host.fetchErrors.set('a.test', 'ECONNREFUSED');
    const view = aView(host, {
      tryByDns: async (outcomes) =>
        outcomes.map(({ name }) => ({ name, passed: true, method: 'dns-01', warnings: [] })),
    });
    expect(await look(view)).toMatchObject({
      method: 'dns-01',
      places: [{ result: 'failed' }],
      outcome: { passed: true },
    });
  });

  test('that no website has only asks DNS', async () => {
    const view = aView(new FakeHost());
    const sight = await lookAtName(
      parseHostName('a.test'),
      null,
      'it is excluded',
      view,
      new AbortController().signal,
    );
    expect(sight).toMatchObject({ addresses: [{ address: '192.0.2.1' }], whyNotTried: 'it is excluded' });
    expect(view.done).toEqual([]);
  });
});
