import { chooseKeyType, DEFAULT_KEY_TYPE, type KeyType } from '../../core/domain/key-type.js';
import type { Tree } from '../system/tree.js';
import { TreeReader } from '../system/tree-reader.js';
import { parseKeyValueLines } from './userdata/key-value-file.js';

/** What `cpanel.config` says of the server's own certificates. */
export interface ServerPolicy {
  /** `ssl_default_key_type`. */
  readonly keyType: KeyType;
  /** `autoupdate_certificate_on_hostname_mismatch`, documented default 1. */
  readonly followsHostname: boolean;
  /** `notify_expiring_certificates`, documented default 1. */
  readonly tellsForeignExpiry: boolean;
}

/** The documented defaults where the file is absent or cannot be read: a run of all accounts says why. */
export function readServerPolicy(tree: Tree): ServerPolicy {
  const reading = new TreeReader(tree).read(tree.cpanelConfig());
  const config = reading.state === 'read' ? parseKeyValueLines(reading.text) : undefined;
  return {
    keyType: chooseKeyType(config?.get('ssl_default_key_type'), DEFAULT_KEY_TYPE).keyType,
    followsHostname: (config?.get('autoupdate_certificate_on_hostname_mismatch') ?? '1') !== '0',
    tellsForeignExpiry: (config?.get('notify_expiring_certificates') ?? '1') !== '0',
  };
}
