import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestCertificate } from '../support/pki.js';

/** A folder for `certbot renew --config-dir`, with one lineage per certificate, as certbot itself lays them out. */
export class CertbotLineages {
  readonly #folder: string;
  /** Keys and chains that many lineages share are one file with many links: path by contents. */
  readonly #shared = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
    for (const name of ['renewal', 'live', 'archive']) mkdirSync(join(folder, name), { recursive: true });
  }

  add(name: string, certificate: TestCertificate): void {
    const archive = join(this.#folder, 'archive', name);
    const live = join(this.#folder, 'live', name);
    mkdirSync(archive);
    mkdirSync(live);
    const contents = {
      cert: certificate.certPem,
      chain: certificate.chainPem.slice(certificate.certPem.length),
      fullchain: certificate.chainPem,
      privkey: certificate.keyPem,
    };
    for (const [kind, pem] of Object.entries(contents)) {
      this.#write(join(archive, `${kind}1.pem`), pem);
      symlinkSync(`../../archive/${name}/${kind}1.pem`, join(live, `${kind}.pem`));
    }
    const lines = [
      'version = 2.1.0',
      `archive_dir = ${archive}`,
      ...Object.keys(contents).map((kind) => `${kind} = ${join(live, `${kind}.pem`)}`),
      '[renewalparams]',
      'account = 00000000000000000000000000000000',
      'authenticator = webroot',
      'server = https://acme-v02.api.letsencrypt.org/directory',
      'key_type = rsa',
      'webroot_path = /nonexistent,',
    ];
    writeFileSync(join(this.#folder, 'renewal', `${name}.conf`), `${lines.join('\n')}\n`);
  }

  #write(path: string, pem: string): void {
    const same = this.#shared.get(pem);
    if (same === undefined) {
      writeFileSync(path, pem, { mode: 0o600 });
      this.#shared.set(pem, path);
    } else linkSync(same, path);
  }
}
