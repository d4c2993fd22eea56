import type { KeyTypeHost } from '../../../runs/manage/key-type.js';
import { type Base, openBase } from '../base.js';
import { openStatusHostOn } from '../websites/status.js';
import { usersIn } from './users.js';

/** The accounts and their files, with what judges certificates. @throws ConfigurationError */
export async function openKeyTypeHost(environment: NodeJS.ProcessEnv, uid: number): Promise<KeyTypeHost> {
  return openKeyTypeHostOn(await openBase(environment, uid));
}

/** The same of a tree whose settings were read already. */
export async function openKeyTypeHostOn(base: Base): Promise<KeyTypeHost> {
  return { ...(await usersIn(base.tree)), ...(await openStatusHostOn(base)) };
}
