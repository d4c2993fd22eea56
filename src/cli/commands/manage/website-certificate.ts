import { ApiRefusal } from '../../../api/refusal.js';
import { installOne } from '../../../api/whm/certificates.js';
import { UsageError } from '../../../core/domain/autossl-error.js';
import { parseHostName, printable } from '../../../core/domain/name/names.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import { renderJsonDocument } from '../../../core/report/text/json-lines.js';
import { withAdvice } from '../../../core/report/text/wording.js';
import { readOffered } from '../../host/services/services-manage.js';
import { openCertificatesHost } from '../../host/websites/website-certificates.js';
import { stopSignal } from '../../stop-signal.js';
import { printLines } from '../../table-output.js';

export interface InstallWebsiteFlags {
  readonly certificate: string;
  readonly key?: string;
  readonly bundle?: string;
  readonly json?: boolean;
}

/** `autossl website install`: what `installssl` does, of files. Gives 1 when the certificate was refused or did not stay. */
export async function installWebsiteCommand(name: string, flags: InstallWebsiteFlags): Promise<number> {
  const domain = parseHostName(name);
  const { certificate, key = null, bundle = null } = flags;
  if ([certificate, key, bundle].filter((path) => path === '-').length > 1)
    throw new UsageError('BAD_ARGUMENT', 'only one of the files can be standard input');
  const { files, warnings } = await readOffered({ certificate, key, bundle });
  const host = await openCertificatesHost(process.env, process.getuid?.() ?? 0);
  const call = { host, listen: () => undefined, signal: stopSignal() };
  try {
    const answer = await installOne({ domain, account: null, files, address: null }, call);
    const remarks = [
      ...warnings.map(({ message, advice }) => withAdvice(message, advice)),
      ...(answer.warnings ?? []),
    ];
    for (const remark of remarks) complain('warning', remark);
    const document = { schemaVersion: 1, ...answer.data, warnings: remarks };
    await printLines(flags.json === true ? renderJsonDocument(document) : (answer.messages ?? []));
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    complain('refused', error.message);
    return EXIT.failed;
  }
}

function complain(what: 'warning' | 'refused', said: string): void {
  process.stderr.write(`autossl: ${what}: ${printable(said)}\n`);
}
