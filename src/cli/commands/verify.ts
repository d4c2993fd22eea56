import { parseAccountName } from '../../core/domain/account/account-name.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { parseHostName } from '../../core/domain/name/names.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import {
  type LeftOutAccount,
  type ListFault,
  WebsiteListDocument,
} from '../../core/report/status/website-list.js';
import { VerificationTally } from '../../core/report/verification.js';
import { verifyWebsites } from '../../runs/verify-websites.js';
import type { WebsiteScope } from '../../runs/website-scope.js';
import { openVerifyHost } from '../host/websites/verification.js';
import { painter } from '../paint.js';
import { openCounter } from '../progress.js';
import { StandardOutput } from '../standard-output.js';
import { stopSignal } from '../stop-signal.js';

export interface VerifyFlags {
  readonly user?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `autossl verify`. Gives 1 unless every website in scope that has a certificate is known to be served. */
export async function verifyCommand(websites: readonly string[], flags: VerifyFlags): Promise<number> {
  const scope = scopeOf(websites, flags);
  const host = await openVerifyHost(process.env, process.getuid?.() ?? 0);
  const isJson = flags.json === true;
  const document = new WebsiteListDocument({ at: host.clock.now().toISOString() });
  const out = new StandardOutput();
  const tally = new VerificationTally();
  const leftOut: LeftOutAccount[] = [];
  const faults: ListFault[] = [];
  const paint = await painter(process.stdout);
  const counter = openCounter('websites asked for');
  for await (const item of verifyWebsites(scope, host, stopSignal())) {
    if (item.kind === 'left-out') leftOut.push(item.account);
    if (item.kind === 'fault') faults.push(item.fault);
    if (item.kind !== 'website') continue;
    counter.increment();
    const said = tally.add(item.verification);
    if (isJson) await out.write(document.website(item.verification));
    else if (said !== null) await out.write(`${paint(said.tone, said.line)}\n`);
  }
  counter.close();
  const isComplete = !leftOut.some(({ why }) => why === 'broken');
  if (isJson) await out.write(document.end({ leftOut, faults, isComplete, counts: tally.counts() }));
  else for (const line of tally.closing(leftOut, faults)) await out.write(`${line}\n`);
  await out.flush();
  return tally.isAllServed && isComplete && faults.length === 0 ? EXIT.done : EXIT.failed;
}

/** @throws UsageError */
function scopeOf(websites: readonly string[], flags: VerifyFlags): WebsiteScope {
  const isNamed = websites.length > 0 || flags.user !== undefined;
  if (flags.all === true && isNamed) {
    throw new UsageError('BAD_ARGUMENT', 'give either --all, or websites or --user NAME, not both');
  }
  if (flags.all !== true && !isNamed) {
    throw new UsageError('NO_SCOPE', 'nothing to verify: give websites, --user NAME or --all');
  }
  return {
    user: flags.user === undefined ? null : parseAccountName(flags.user),
    names: websites.map(parseHostName),
  };
}
