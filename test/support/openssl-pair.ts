import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A throw-away folder with one self-signed pair, made by the openssl command: nothing of ours is its own judge. */
export class TestPki {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Key and certificate in one PEM, as `apache_tls/<vhost>/combined` holds them. */
  get combined(): string {
    return join(this.folder, 'combined');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  static make(name: string): TestPki {
    const folder = mkdtempSync(join(tmpdir(), 'autossl-test-pki-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    execFileSync('openssl', [...request, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    writeFileSync(join(folder, 'combined'), readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'));
    return new TestPki(folder);
  }
}
