import { parseAccountName } from '../../core/domain/account/account-name.js';
import { parseHostName, printable } from '../../core/domain/name/names.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import {
  ALARM_CONDITIONS,
  type AlarmCondition,
  STATUS_CONDITIONS,
  type StatusCondition,
} from '../../core/report/status/status-condition.js';
import { StatusTally } from '../../core/report/status/status-counts.js';
import { renderStatusDetails } from '../../core/report/status/status-details.js';
import {
  brokenAccountRow,
  compareRows,
  renderStatusTable,
  type SortKeys,
  STATUS_SORTS,
  type StatusRow,
  type StatusSort,
  sortKeysOf,
  statusRow,
} from '../../core/report/status/status-table.js';
import {
  type LeftOutAccount,
  type ListFault,
  WebsiteListDocument,
} from '../../core/report/status/website-list.js';
import type { WebsiteStatus } from '../../core/report/status/website-status.js';
import { withAdvice } from '../../core/report/text/wording.js';
import type { WebsiteScope } from '../../runs/website-scope.js';
import { readStatuses } from '../../runs/website-status.js';
import { oneOf } from '../choice.js';
import { type OpenStatusHost, openStatusHost } from '../host/websites/status.js';
import { painter } from '../paint.js';
import { StandardOutput } from '../standard-output.js';

export interface StatusFlags {
  readonly user?: string;
  readonly json?: boolean;
  readonly sort?: string;
  readonly only?: readonly string[];
  readonly failOn?: readonly string[];
}

/** What was asked for. */
interface StatusQuestion {
  readonly scope: WebsiteScope;
  readonly sort: StatusSort;
  /** Empty = every website. */
  readonly only: readonly StatusCondition[];
  readonly failOn: readonly AlarmCondition[];
}

/** `autossl status`. Gives 1 when something could not be read, or a website is in a condition of `--fail-on`. */
export async function statusCommand(websites: readonly string[], flags: StatusFlags): Promise<number> {
  const question = questionOf(websites, flags);
  const host = await openStatusHost(process.env, process.getuid?.() ?? 0);
  const view = new StatusView(question, host);
  await (flags.json === true ? view.printJson() : view.printTable());
  return view.exitCode;
}

class StatusView {
  readonly #question: StatusQuestion;
  readonly #host: OpenStatusHost;
  readonly #out = new StandardOutput();
  readonly #tally = new StatusTally();
  readonly #leftOut: LeftOutAccount[] = [];
  readonly #faults: ListFault[] = [];

  constructor(question: StatusQuestion, host: OpenStatusHost) {
    this.#question = question;
    this.#host = host;
  }

  /** Of what was printed. */
  get exitCode(): number {
    const isUnread = this.#faults.length > 0 || this.#tally.hasUnread;
    return isUnread || this.#tally.has(this.#question.failOn) ? EXIT.failed : EXIT.done;
  }

  async printJson(): Promise<void> {
    const { sort } = this.#question;
    const at = this.#host.clock.now().toISOString();
    const document = new WebsiteListDocument({ at, provider: this.#host.provider });
    const later: { readonly keys: SortKeys; readonly again: () => Promise<WebsiteStatus> }[] = [];
    for await (const { status, again } of this.#websites()) {
      // In the order of the accounts nothing needs to be held; else only what it takes to look again.
      if (sort === 'account') await this.#out.write(document.website(status));
      else later.push({ keys: sortKeysOf(status), again });
    }
    const compare = compareRows(sort);
    for (const { again } of later.sort((a, b) => compare(a.keys, b.keys))) {
      await this.#out.write(document.website(await again()));
    }
    await this.#out.write(
      document.end({
        leftOut: this.#leftOut,
        faults: this.#faults,
        isComplete: !this.#leftOut.some(({ why }) => why === 'broken'),
        counts: this.#tally.counts(),
      }),
    );
    await this.#out.flush();
  }

  async printTable(): Promise<void> {
    const { scope, sort } = this.#question;
    const rows: StatusRow[] = [];
    const details: string[] = [];
    for await (const { status } of this.#websites()) {
      rows.push(statusRow(status, this.#host.clock.now()));
      if (scope.names.length > 0) details.push(`\n${renderStatusDetails(status)}`);
    }
    const broken = this.#leftOut.filter(({ why }) => why === 'broken');
    if (this.#isShown(['failing'])) rows.push(...broken.map(({ account }) => brokenAccountRow(account)));
    const compare = compareRows(sort);
    if (rows.length > 0) {
      const { stdout } = process;
      const width = stdout.isTTY === true ? stdout.columns : null;
      const sorted = rows.sort(compare);
      for (const line of renderStatusTable(sorted, width, await painter(stdout)))
        await this.#out.write(`${line}\n`);
    }
    for (const text of [...details, ...this.#notes().map((note) => `${note}\n`)]) await this.#out.write(text);
    await this.#out.write(`${this.#tally.summary()}\n`);
    await this.#out.flush();
  }

  /** The websites to be shown; all are counted, and what else comes up is kept aside. */
  async *#websites() {
    for await (const item of readStatuses(this.#question.scope, this.#host)) {
      if (item.kind === 'fault') this.#faults.push(item.fault);
      if (item.kind === 'left-out') {
        this.#leftOut.push(item.account);
        if (item.account.why === 'broken') this.#tally.addBrokenAccount();
      }
      if (item.kind !== 'website') continue;
      const isShown = this.#isShown(item.status.conditions);
      this.#tally.add(item.status, isShown);
      if (isShown) yield item;
    }
  }

  #isShown(conditions: readonly StatusCondition[]): boolean {
    const { only } = this.#question;
    return only.length === 0 || only.some((one) => conditions.includes(one));
  }

  #notes(): readonly string[] {
    return [
      ...this.#leftOut.map(({ account, why, message }) =>
        printable(`left out: ${account}: ${message ?? why}`),
      ),
      ...this.#faults.map(({ message, advice }) => printable(`fault: ${withAdvice(message, advice)}`)),
      ...(this.#host.provider === null
        ? ['No provider is active: nothing is ordered. To choose one: autossl provider list']
        : []),
    ];
  }
}

/** @throws UsageError */
function questionOf(websites: readonly string[], flags: StatusFlags): StatusQuestion {
  return {
    scope: {
      user: flags.user === undefined ? null : parseAccountName(flags.user),
      names: websites.map(parseHostName),
    },
    sort: oneOf('--sort', flags.sort ?? 'account', STATUS_SORTS),
    only: (flags.only ?? []).map((word) => oneOf('--only', word, STATUS_CONDITIONS)),
    failOn: (flags.failOn ?? []).map((word) => oneOf('--fail-on', word, ALARM_CONDITIONS)),
  };
}
