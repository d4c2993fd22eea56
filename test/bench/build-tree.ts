// Builds what `npm run bench` measures. Words: folder to make, number of websites, number of certbot lineages.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aTree } from '../support/tree-builder.js';
import { CertbotLineages } from './certbot-lineages.js';
import { benchRootPem, issueFor } from './certificates.js';
import { benchAccounts, websitesOf } from './websites.js';

const [folder = '', websites = '', lineages = ''] = process.argv.slice(2);
const now = new Date();
const certbot = new CertbotLineages(join(folder, 'certbot'));
const builder = aTree()
  .withoutDocumentRoots()
  .featureList('default', { autossl: '1' })
  .autosslJson({ _schema_version: 1, provider: 'LocalCA', provider_properties: {}, metadata: {} })
  .file('/etc/ssl/certs/ca-certificates.crt', benchRootPem());

let index = 0;
for (const [name, spec] of benchAccounts(Number(websites))) {
  builder.account(name, spec);
  for (const website of websitesOf(name, spec)) {
    const { certificate, record } = issueFor(website, index, now);
    builder.combined(website.vhost, certificate.combined);
    builder.file(
      `/var/cpanel/ssl/autossl/issued/${website.vhost}.json`,
      JSON.stringify({ schemaVersion: 1, vhost: website.vhost, records: [record] }),
      0o600,
    );
    if (index < Number(lineages)) certbot.add(website.vhost, certificate);
    index++;
  }
}
const built = builder.build();
renameSync(built.root, join(folder, 'tree'));
writeFileSync(join(folder, 'complete.json'), JSON.stringify({ builtAt: now.getTime(), websites: index }));
