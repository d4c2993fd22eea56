import { UsageError } from '../../../core/domain/autossl-error.js';
import { printable } from '../../../core/domain/name/names.js';
import {
  parseCount,
  parseDays,
  parseIncident,
  parseLife,
  parseOutage,
  parseSeed,
  USUAL_LIVES,
} from '../../../core/rehearsal/command-words.js';
import { renderCsv, renderPlot } from '../../../core/rehearsal/rehearsal-plot.js';
import { lifeWord, renderRehearsal } from '../../../core/rehearsal/rehearsal-table.js';
import { rehearse } from '../../../core/rehearsal/rehearse.js';
import { DAY_MS, type Scenario, syntheticWebsites } from '../../../core/rehearsal/scenario.js';
import type { RehearsalResult } from '../../../core/rehearsal/tally.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import { renderJsonDocument } from '../../../core/report/text/json-lines.js';
import { counted, withAdvice } from '../../../core/report/text/wording.js';
import { readOwnWebsites } from '../../../runs/rehearse-year.js';
import { openRehearsalHost, type RehearsalHost } from '../../host/manage/rehearsal.js';
import { printLines, terminalWidth } from '../../table-output.js';

export interface RehearseFlags {
  readonly days: string;
  readonly lifetime?: readonly string[];
  readonly websites?: string;
  readonly ariIncident?: readonly string[];
  readonly outage?: readonly string[];
  readonly withoutAri?: boolean;
  readonly seed: string;
  readonly plot?: string;
  readonly json?: boolean;
}

/** `autossl rehearse`. Gives 1 when a certificate expired that a CA could have renewed, or a website cannot be read. */
export async function rehearseCommand(flags: RehearseFlags): Promise<number> {
  const lives = (flags.lifetime ?? USUAL_LIVES).map(parseLife);
  const days = parseDays(flags.days);
  const common = {
    days,
    incidents: (flags.ariIncident ?? []).map((word) => parseIncident(word, days)),
    outages: (flags.outage ?? []).map((word) => parseOutage(word, days)),
    seed: parseSeed(flags.seed),
  };
  const count = flags.websites === undefined ? null : parseCount(flags.websites);
  const here = await openRehearsalHost(process.env, process.getuid?.() ?? 0);
  const host = flags.withoutAri === true ? { ...here, hasRenewalInfo: false } : here;
  const plots = flags.plot === undefined ? null : plotFilesOf(flags.plot);
  for (const path of Object.values(plots ?? {})) await here.assertPlot(path);
  const own = count === null ? await readOwnWebsites(await host.openWebsites()) : null;
  if (own?.websites.length === 0) {
    throw new UsageError('NO_SCOPE', 'no website of this server is renewed by AutoSSL', {
      advice: 'Rehearse with made-up ones: --websites 1000',
    });
  }
  const beginsAt = beginOfDay(host.clock.now());
  const results = lives.map((lifeMs) =>
    rehearse({
      ...common,
      ...conditionsOf(host),
      beginsAt,
      lifeMs,
      websites: own?.websites ?? syntheticWebsites(count ?? 0, lifeMs, beginsAt),
    }),
  );
  const foreign = own?.foreign ?? 0;
  const notes = [
    `As ${printable(host.provider)} has it, ${host.hasRenewalInfo ? 'with' : 'without'} renewal information.`,
    ...(foreign === 0 ? [] : [`${counted(foreign, 'website')} left out: the certificate is not ours.`]),
  ];
  if (flags.json === true) {
    await printLines(renderJsonDocument(documentOf(results, common.days, foreign)));
  } else await printLines(renderRehearsal(results, common.days, notes, terminalWidth()));
  for (const { message, advice } of own?.faults ?? []) {
    await printLines([`fault: ${printable(withAdvice(message, advice))}`]);
  }
  if (plots !== null) {
    await host.writePlot(plots.svg, renderPlot(results));
    await host.writePlot(plots.csv, renderCsv(results));
  }
  const isLost = results.some(({ expired, expiredInOutage }) => expired > expiredInOutage);
  return isLost || (own?.faults ?? []).length > 0 ? EXIT.failed : EXIT.done;
}

function conditionsOf(
  host: RehearsalHost,
): Pick<Scenario, 'daysToReplace' | 'runIntervalMs' | 'newOrdersCap' | 'hasRenewalInfo'> {
  const { daysToReplace, runIntervalMs, newOrdersCap, hasRenewalInfo } = host;
  // Where runs are as seldom as cron lets them, `run.intervalHours: 0` means that the poller does all.
  return {
    daysToReplace,
    runIntervalMs: runIntervalMs === 0 ? DAY_MS : runIntervalMs,
    newOrdersCap,
    hasRenewalInfo,
  };
}

function plotFilesOf(path: string): { readonly svg: string; readonly csv: string } {
  return { svg: path, csv: `${path.replace(/\.svg$/i, '')}.csv` };
}

function documentOf(results: readonly RehearsalResult[], days: number, foreign: number): object {
  return {
    schemaVersion: 1,
    days,
    foreignWebsites: foreign,
    lifetimes: results.map((one) => ({ lifetime: lifeWord(one.lifeMs), ...one })),
  };
}

function beginOfDay(now: Date): number {
  return Math.floor(now.getTime() / DAY_MS) * DAY_MS;
}
