import type { NoticeFinding, NoticeKind } from '../../src/core/notice/finding.js';
import type { RunEvent } from '../../src/core/report/events/event.js';
import type { NoticeDesk } from '../../src/runs/findings/notice-desk.js';
import type { NoticeScope } from '../../src/runs/notice/notice-scope.js';

/** A desk that remembers what the runs handed in, the last run's last. */
export class NotedFindings implements NoticeDesk {
  readonly runs: { readonly findings: readonly NoticeFinding[]; readonly scope: NoticeScope }[] = [];
  /** What it has to say for the log. */
  warnings: readonly RunEvent[] = [];

  async tell(findings: readonly NoticeFinding[], scope: NoticeScope): Promise<readonly RunEvent[]> {
    this.runs.push({ findings, scope });
    return this.warnings;
  }

  /** Of the last run, in short: kind, website, names that it is about, and why. */
  get told(): readonly string[] {
    return (this.runs.at(-1)?.findings ?? []).map(inShort);
  }

  get scope(): NoticeScope | undefined {
    return this.runs.at(-1)?.scope;
  }

  find(kind: NoticeKind): NoticeFinding | undefined {
    return this.runs.at(-1)?.findings.find((one) => one.kind === kind);
  }
}

function inShort({ kind, vhost, names, because }: NoticeFinding): string {
  const about = names.map(({ name, code }) => (code === 'SECURED' ? name : `${name}:${code}`)).sort();
  return [kind.replace(/^notify_(?:autossl_)?/, ''), vhost, because.code, ...about].join(' ');
}
