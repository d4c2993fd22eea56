import http from 'node:http';
import https from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { VisitedSite } from '../visitors.js';

// Asks websites for their page, by http and https in turn, each request over a connection of its own, until told to stop
// and so many requests were made. Prints how many came through.
const [sitesJson = '[]', visitors = '1'] = process.argv.slice(2);
const sites = JSON.parse(sitesJson) as readonly VisitedSite[];
/** Longer than any server needs that has not dropped the connection. */
const PATIENCE_MS = 30_000;
const PAGE_STATUS = 200;
/** Between two requests of one visitor: the machine is there for the servers. */
const PAUSE_MS = 8;

let ok = 0;
let lost = 0;
let begun = 0;
let leastRequests = Number.POSITIVE_INFINITY;
const reasons: Record<string, number> = {};

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [word, count] = line.split(' ');
    if (word === 'count') process.stdout.write(`${JSON.stringify({ ok, lost, reasons })}\n`);
    else if (word === 'stop') leastRequests = Number(count);
  })
  // Whoever started this is gone.
  .on('close', () => process.exit(1));

/** What went wrong; undefined when the page came. */
function visit(
  { name, address, httpPort, httpsPort }: VisitedSite,
  isSecure: boolean,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { host: address, path: '/', headers: { host: name }, agent: false, timeout: PATIENCE_MS };
    const request = isSecure
      ? https.request({ ...options, port: httpsPort, servername: name, rejectUnauthorized: false })
      : http.request({ ...options, port: httpPort });
    request.on('response', (response) => {
      response.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      response.on('end', () =>
        resolve(response.statusCode === PAGE_STATUS ? undefined : `status ${response.statusCode}`),
      );
      response.resume();
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.end();
  });
}

async function visitOnAndOn(): Promise<void> {
  while (begun < leastRequests) {
    const turn = begun;
    begun += 1;
    await pause(PAUSE_MS);
    const site = sites[Math.floor(turn / 2) % sites.length];
    if (site === undefined) throw new Error('there is no site to visit');
    const reason = await visit(site, turn % 2 === 1);
    if (reason === undefined) ok += 1;
    else {
      lost += 1;
      const what = `${turn % 2 === 1 ? 'https' : 'http'} ${site.name}: ${reason}`;
      reasons[what] = (reasons[what] ?? 0) + 1;
    }
  }
}

process.stdout.write('visiting\n');
await Promise.all(Array.from({ length: Number(visitors) }, visitOnAndOn));
process.stdout.write(`${JSON.stringify({ ok, lost, reasons })}\n`);
process.exit(0);
