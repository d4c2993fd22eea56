import https from 'node:https';

/** The body of a GET (with the User-Agent that newer Pebbles insist on) on a test server, trusting only its CA. @throws Error for any other status than 200 */
export function httpsGet(url: string, caPem: string): Promise<string> {
  return new Promise((resolve, reject) => {
    https
      .get(
        url,
        { ca: caPem, agent: false, timeout: 5_000, headers: { 'user-agent': 'autossl-test/0' } },
        (answer) => {
          let body = '';
          answer.setEncoding('utf8').on('data', (part: string) => {
            body += part;
          });
          answer.on('end', () =>
            answer.statusCode === 200 ? resolve(body) : reject(new Error(`${url}: ${answer.statusCode}`)),
          );
        },
      )
      .on('error', reject);
  });
}
