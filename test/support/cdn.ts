import { request as httpRequest } from 'node:http';
import { type EmbeddedWeb, startEmbeddedWeb } from './embedded-web.js';

/** Where a website's own server is. */
export interface Origin {
  readonly address: string;
  readonly httpPort: number;
}

/** Somebody else's servers at an address of theirs, which hand every http request on to a website's own. */
export function startCdn(address: string, origin: Origin): Promise<EmbeddedWeb> {
  const nothing = (): string => '/nonexistent';
  const tree = { at: nothing, challenges: nothing, combined: nothing };
  return startEmbeddedWeb({ tree, address, httpPort: origin.httpPort }).then((web) => {
    web.behaviours.set('*', (incoming, outgoing) => {
      const { method, url: path, headers } = incoming;
      const onward = { host: origin.address, port: origin.httpPort, method, path, headers, agent: false };
      const passed = httpRequest(onward, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on('error', () => outgoing.destroy());
      passed.end();
    });
    return web;
  });
}
