import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { HttpResponderDialogue } from '../../../src/adapters/revocation/responder-dialogue.js';
import type { CertificateFacts } from '../../../src/core/certificate/facts.js';
import { responderQuestion } from '../../../src/core/certificate/revocation/responder-question.js';
import type { DomainName } from '../../../src/core/domain/name/names.js';
import type { RunEvent } from '../../../src/core/report/events/event.js';
import { describeWithParts } from '../../support/needs.js';
import { OpensslAuthority } from '../../support/openssl-authority.js';
import { freePort } from '../../support/ports.js';
import { askAsOneRun } from '../../support/revocation-asking.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

const HOUR_MS = 3_600_000;
const P256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

let built: BuiltTree;
let now: Date;
let events: RunEvent[];
beforeEach(() => {
  built = aTree().build();
  now = new Date();
  events = [];
});
afterEach(() => built.cleanUp());

const ask = (
  certificates: readonly CertificateFacts[],
  { facts: issuer }: OpensslAuthority,
  isAnywhereAllowed = true,
) => {
  const record = (...all: readonly RunEvent[]) => void events.push(...all);
  return askAsOneRun({ certificates, issuer, tree: built.tree, now, isAnywhereAllowed, record });
};
const warnings = (): readonly string[] =>
  events.filter(({ type }) => type === 'warn').map(({ contents }) => contents);
const answersFile = (): string => join(built.tree.index(), 'ocsp.json');

/** `openssl ocsp` as a server; gone with `stop`. */
class OpensslResponder {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async start(authority: OpensslAuthority, signer: string, port: number): Promise<OpensslResponder> {
    const words = authority.answering(signer, '-port', `${port}`, '-nmin', '60');
    const child = spawn('openssl', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const responder = new OpensslResponder(child);
    // A connection that asks nothing would keep it from answering others: it says by itself when it listens.
    await new Promise<void>((resolve, reject) => {
      let said = '';
      const hear = (part: Buffer): void => {
        said += part.toString();
        if (said.includes('waiting for OCSP client')) resolve();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('exit', () => reject(new Error(`openssl ocsp: ${said}`)));
    });
    return responder;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}

describeWithParts('openssl as a responder', ['openssl'], () => {
  describe.each([
    ['P-384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['RSA', ['rsa:2048']],
  ])('of an authority with %s', (_, keyOptions) => {
    let authority: OpensslAuthority;
    let port: number;
    let responder: OpensslResponder | null = null;
    let all: readonly CertificateFacts[];
    beforeAll(async () => {
      port = await freePort();
      authority = new OpensslAuthority('', keyOptions, `http://127.0.0.1:${port}/ocsp`);
      all = ['good', 'compromised', 'old'].map((name) => authority.issue(name));
      authority.issue('delegate', 'responder');
      authority.issue('website');
      authority.revoke('compromised', '-crl_reason', 'keyCompromise');
      authority.revoke('old', '-crl_reason', 'superseded');
    });
    afterEach(async () => {
      await responder?.stop();
      responder = null;
    });
    afterAll(() => authority?.remove());

    test.each(['ca', 'delegate'])('signed by %s: says what is revoked, and why', async (signer) => {
      responder = await OpensslResponder.start(authority, signer, port);
      const says = await ask(all, authority);
      expect(warnings()).toEqual([]);
      expect(all.map((one) => says(one.fingerprint))).toEqual([null, 'keyCompromise', 'superseded']);
      expect(statSync(answersFile()).mode & 0o777).toBe(0o600);
      await responder.stop();
      rmSync(join(built.tree.index(), 'revoked.json'));

      // Nobody is there any more: within the hour none is asked for, and later what was said stands in.
      const again = await ask(all, authority);
      expect(all.map((one) => again(one.fingerprint))).toEqual([null, 'keyCompromise', 'superseded']);
      expect(warnings()).toEqual([]);
      now = new Date(now.getTime() + 2 * HOUR_MS);
      await ask(all, authority);
      expect(warnings()).toEqual([
        expect.stringContaining('Whether 3 certificates are revoked cannot be learnt'),
      ]);
    });

    test('signed by a certificate of the same authority that is for websites: says nothing', async () => {
      responder = await OpensslResponder.start(authority, 'website', port);
      const says = await ask(all, authority);
      expect(all.map((one) => says(one.fingerprint))).toEqual([null, null, null]);
      expect(warnings()).toEqual([expect.stringContaining('whom the issuer does not let answer')]);
      expect(existsSync(answersFile())).toBe(false);
    });
  });

  describe('and what a web server may say instead', () => {
    let server: Server;
    let authority: OpensslAuthority;
    let other: OpensslAuthority;
    let leaf: CertificateFacts;
    let answer: (response: ServerResponse, question: Buffer) => void;
    const requests: string[] = [];
    beforeAll(async () => {
      server = createServer((request, response) => void serve(request, response));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}/ocsp`;
      authority = new OpensslAuthority('', P256, url);
      other = new OpensslAuthority('', P256, url);
      leaf = authority.issue('web');
      authority.revoke('web');
    });
    afterAll(async () => {
      for (const one of [authority, other]) one?.remove();
      server?.closeAllConnections();
      server?.close();
    });
    beforeEach(() => {
      requests.length = 0;
    });

    async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
      requests.push(`${request.method} ${request.url} ${request.headers['content-type']}`);
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      answer(response, Buffer.concat(parts));
    }

    /** What openssl makes of the question as it came. */
    function answeredBy(by: OpensslAuthority, question: Buffer, ...words: readonly string[]): Buffer {
      const folder = mkdtempSync(join(tmpdir(), 'autossl-ocsp-'));
      const [asked, said] = [join(folder, 'question'), join(folder, 'answer')];
      writeFileSync(asked, question);
      execFileSync('openssl', by.answering('ca', '-reqin', asked, '-respout', said, ...words), {
        stdio: 'pipe',
      });
      const bytes = readFileSync(said);
      rmSync(folder, { recursive: true });
      return bytes;
    }

    const aboutAnother = (): Buffer => Buffer.from(responderQuestion(authority.facts, '7c0ffeef'));

    test('a genuine answer to a POST is believed', async () => {
      answer = (response, question) => response.end(answeredBy(authority, question, '-nmin', '60'));
      expect((await ask([leaf], authority))(leaf.fingerprint)).toBe('unspecified');
      expect(requests).toEqual(['POST /ocsp application/ocsp-request']);
    });

    test.each<[string, (response: ServerResponse, question: Buffer) => void, string]>([
      ['an error', (response) => response.writeHead(500).end(), 'it answers 500'],
      ['nothing of the kind', (response) => response.writeHead(404).end('no'), 'it answers 404'],
      [
        'a page',
        (response) => response.end(`<!DOCTYPE html>${' '.repeat(200)}`),
        'the answer cannot be read',
      ],
      ['nothing at all', (response) => response.end(), 'the answer cannot be read'],
      ['a redirect', (response) => response.writeHead(307, { location: '/ocsp' }).end(), 'it answers 307'],
      [
        'a size beyond all measure',
        (response) => response.writeHead(200, { 'content-length': 2 ** 30 }).write('x'),
        'its answer is too large',
      ],
      [
        'more than was announced',
        (response) => response.end(Buffer.alloc(101 * 1024)),
        'its answer is too large',
      ],
      [
        'half of it',
        (response) => {
          response.writeHead(200, { 'content-length': 1000 });
          response.write('x', () => response.destroy());
        },
        'the connection was broken off',
      ],
      [
        'the answer of an authority of the same name',
        (response, question) => response.end(answeredBy(other, question, '-nmin', '60')),
        'the answer is of somebody whom the issuer does not let answer',
      ],
      [
        'the answer to another question',
        (response) => response.end(answeredBy(authority, aboutAnother(), '-nmin', '60')),
        'the answer speaks of another certificate',
      ],
    ])('%s: nothing is known, nothing is kept', async (_, how, why) => {
      answer = how;
      const says = await ask([leaf], authority);
      expect(says(leaf.fingerprint)).toBe(null);
      expect(warnings()).toEqual([expect.stringContaining(why)]);
      expect(existsSync(answersFile())).toBe(false);
    });

    test('at an address of this server’s own network: nobody is asked unless the settings say so', async () => {
      answer = (response, question) => response.end(answeredBy(authority, question, '-nmin', '60'));
      expect((await ask([leaf], authority, false))(leaf.fingerprint)).toBe(null);
      expect(requests).toEqual([]);
      expect(warnings()).toEqual([expect.stringContaining('it lies at 127.0.0.1, which is not an address')]);
    });
  });
});

describe('a responder’s host', () => {
  const asked = (url: string, ipv4: readonly string[] = []) => {
    const names: DomainName[] = [];
    const resolver = {
      addressesOf: async (name: DomainName) => {
        names.push(name);
        return { ipv4, ipv6: [], ipv4Error: null, ipv6Error: 'ENODATA' };
      },
    };
    const request = { url, question: Buffer.of(0), signal: new AbortController().signal };
    return new HttpResponderDialogue(resolver).ask(request);
  };

  test.each([
    ['http://ocsp.test/', ['169.254.169.254']],
    ['http://ocsp.test/', ['192.0.2.1', '10.0.0.1']],
    ['http://127.0.0.1/', []],
    ['http://[::ffff:127.0.0.1]/', []],
    ['http://localhost/', []],
    ['file:///etc/passwd', []],
  ])('%s at %p is not asked', async (url, addresses) => {
    expect(await asked(url, addresses)).toMatchObject({ state: 'failed', isHostDown: false });
  });
});
