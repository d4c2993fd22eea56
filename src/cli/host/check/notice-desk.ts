import { readServerPolicy } from '../../../adapters/accounts/server-policy.js';
import { FileUserFiles } from '../../../adapters/accounts/user-files.js';
import { TemplateFolder } from '../../../adapters/notice-templates/template-folder.js';
import { FileMetadata } from '../../../adapters/store/choices/metadata.js';
import { FileNoticeMemory } from '../../../adapters/store/notices/told-notices.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { readHostName } from '../../../adapters/system/host-name.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { channelUnusable } from '../../../core/notice/delivery/delivery-summary.js';
import type { NoticeDesk } from '../../../runs/findings/notice-desk.js';
import { deliverAfterRun } from '../../../runs/notice/deliver-after-run.js';
import { type NoticeHost, tellFindings } from '../../../runs/notice/tell-findings.js';
import type { Outbox } from '../../../runs/ports/messages.js';
import type { Base } from '../base.js';
import { openDelivery, unusableWays } from '../notices.js';

/** Where runs hand in what they found; null where nothing reaches anybody: no channel is set up. */
export async function openNoticeDesk(base: Base): Promise<NoticeDesk | null> {
  const delivery = await openDelivery(base);
  if (delivery.channels.length === 0) return null;
  const host = await openNoticeHost(base, delivery.queue);
  return {
    tell: async (findings, scope) => [
      ...(await tellFindings(findings, scope, host)),
      ...(await deliverAfterRun(delivery)),
      ...unusableWays(base.settings.notices).map(channelUnusable),
    ],
  };
}

async function openNoticeHost({ tree, settings }: Base, outbox: Outbox): Promise<NoticeHost> {
  const { repeat, serviceNames } = settings.notices;
  return {
    memory: new FileNoticeMemory(tree),
    outbox,
    metadata: new FileMetadata(tree),
    userFiles: new FileUserFiles(tree),
    templates: new TemplateFolder(tree),
    locks: new FileLockKeeper(tree),
    clock: systemClock,
    hostname: await readHostName(tree),
    settings: {
      repeat,
      serviceNames,
      to: settings.mail.to,
      foreignExpiry: readServerPolicy(tree).tellsForeignExpiry,
    },
  };
}
