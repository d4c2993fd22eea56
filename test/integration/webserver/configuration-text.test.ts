import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Tree } from '../../../src/adapters/system/tree.js';
import { detectWebServers } from '../../../src/adapters/webserver/detection.js';
import type { NamedPlaces } from '../../../src/core/plan/served/named-places.js';
import { readNamedPlaces } from '../../../src/runs/check/server-names.js';
import type { WebServer } from '../../../src/runs/ports/installation.js';
import { describeWithParts } from '../../support/needs.js';
import { aCertificate } from '../../support/pki.js';
import { freePorts } from '../../support/ports.js';
import { ApacheRig, NginxRig } from '../../support/server-rigs.js';

/** What a configuration may say of our files without a site that offers them. */
const HIDDEN = {
  nginx: (name: string): string =>
    `map $host $unused_pair { default /var/cpanel/ssl/apache_tls/${name}/combined; }\n`,
  apache: (name: string): string =>
    `<IfModule never_loaded>\nSSLCACertificateFile /var/cpanel/ssl/apache_tls/${name}/combined\n</IfModule>\n`,
};
const MACRO_MODULE = '/usr/lib/apache2/modules/mod_macro.so';

describe.each(['nginx', 'apache'] as const)('all that the configuration names, of %s', (kind) => {
  describeWithParts(`a ${kind}`, [kind], () => {
    let rig: NginxRig | ApacheRig;
    let pair: string;
    const servers = (): readonly WebServer[] => detectWebServers([rig.settings()], new Tree('/'));
    const named = async (): Promise<NamedPlaces> => {
      const places = await readNamedPlaces(servers());
      if ('unknown' in places) throw new Error(places.unknown);
      return places;
    };
    beforeAll(async () => {
      const [port = 0] = await freePorts(1);
      rig = kind === 'nginx' ? new NginxRig() : new ApacheRig([`127.0.0.1:${port}`]);
      pair = rig.write('tls/a.test', aCertificate({ names: ['a.test'] }).combined);
      rig.site('a.test', kind === 'nginx' ? `127.0.0.1:${port} ssl` : `*:${port}`, pair);
      await rig.start(port);
    });
    afterAll(() => rig?.stop());

    test('are the files of its sites, and ours wherever they are mentioned', async () => {
      rig.write(`${rig.sitesFolder}/hidden.conf`, HIDDEN[kind]('old.test'));
      expect(await named()).toEqual({
        files: new Set([pair]),
        folders: new Set(),
        mentions: new Set(['apache_tls/old.test']),
      });
      rig.remove(`${rig.sitesFolder}/hidden.conf`);
      expect((await named()).mentions).toEqual(new Set());
    });

    test('cannot be told of a broken one', async () => {
      rig.write(`${rig.sitesFolder}/zz-broken.conf`, 'nonsense\n');
      expect(await readNamedPlaces(servers())).toEqual({
        unknown: expect.stringContaining('cannot be read: '),
      });
      rig.remove(`${rig.sitesFolder}/zz-broken.conf`);
    });

    if (kind === 'nginx') return;
    test('are any at all where a macro makes their paths', async () => {
      const macro = 'SSLCertificateFile /var/cpanel/ssl/apache_tls/$domain/combined';
      rig.write(
        `${rig.sitesFolder}/0-macro.conf`,
        `LoadModule macro_module ${MACRO_MODULE}\n<Macro Site $domain>\n<VirtualHost *:1>\nServerName $domain\n${macro}\n</VirtualHost>\n</Macro>\nUse Site old.test\n`,
      );
      expect((await named()).mentions).toEqual(new Set(['apache_tls/']));
      rig.remove(`${rig.sitesFolder}/0-macro.conf`);
    });
  });
});
