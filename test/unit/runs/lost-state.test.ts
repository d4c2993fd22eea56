import { describe, expect, test } from '@jest/globals';
import { hostWithCa, manySites, runCheck } from '../../support/check-run.js';

describe('certificates that are gone as a whole', () => {
  test('end a run before it takes a lock or opens a log, for all and for one user', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.stateMark.lost = '/var/cpanel/ssl/autossl/issued';
    for (const user of [undefined, 'alice']) {
      await expect(runCheck(host, user === undefined ? {} : { user })).rejects.toMatchObject({
        code: 'BRAKE',
      });
    }
    expect([host.journals, host.tidied, host.locks.held, ca.ordered]).toEqual([0, 0, [], []]);
    expect(await runCheck(host, { yesReally: true })).toMatchObject({
      exitCode: 0,
      counts: { installed: 1 },
    });
  });

  test('are looked for once there was one, and no more when there is none', async () => {
    const { host } = hostWithCa();
    await runCheck(host);
    expect(host.stateMark.isSet).toBe(false);
    host.account('alice', [['a.test']]);
    await runCheck(host);
    expect(host.stateMark.isSet).toBe(true);
    host.inventories.splice(0);
    await runCheck(host, { yesReally: true });
    expect(host.stateMark.isSet).toBe(false);
  });

  test('are not meant when the clock runs behind: then the clock is named', async () => {
    const { host } = hostWithCa();
    host.account('alice', manySites(30));
    for (const [name = ''] of manySites(30)) {
      host.certificate(name, [name], { flaws: ['CERTIFICATE_NOT_YET_VALID'] });
    }
    await runCheck(host);
    expect(host.ledger.health).toMatchObject({ oursCount: 30, unhealthy: [] });
  });
});

describe('what is served, from the second night on', () => {
  test('a server that is down is one fault, not one for each of its websites', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test'], ['b.test']]);
    for (const vhost of ['a.test', 'b.test']) {
      host.certificate(vhost, [vhost]);
      host.servedRecords.set(vhost, { account: 'alice', vhost, served: { state: 'not-served' } } as never);
    }
    host.isServerDown = true;
    expect(await runCheck(host)).toMatchObject({
      exitCode: 1,
      faults: [{ code: 'SERVER_NOT_RUNNING' }],
      problems: [],
    });
  });
});

describe('a server that cannot be tested for want of a file', () => {
  test('gets its placeholder, and then what was staged, in one run', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test'], ['b.test']]);
    host.configFault = 'broken by somebody';
    await runCheck(host);
    expect(host.published).toEqual([]);
    host.configFault = null;
    host.hasPlaceholders = true;
    host.missingFileFault = 'cannot load a.test';
    const report = await runCheck(host);
    expect(report.counts.installed).toBe(2);
    expect(ca.ordered).toHaveLength(2);
    expect(host.orders.records.size).toBe(0);
  });
});
