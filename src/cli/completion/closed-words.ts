import { KEY_TYPES } from '../../core/domain/key-type.js';
import { METADATA_DEFAULTS } from '../../core/domain/metadata-key.js';
import { SERVICE_NAMES } from '../../core/domain/service/service-name.js';
import { PROVIDERS } from '../../core/provider/registry.js';
import { ALARM_CONDITIONS, STATUS_CONDITIONS } from '../../core/report/status/status-condition.js';
import { STATUS_SORTS } from '../../core/report/status/status-table.js';
import { LOG_SORTS, LOG_STATES } from '../../core/report/tables/logs-table.js';
import { QUEUE_SORTS, QUEUE_STATES } from '../../core/report/tables/queue-table.js';
import { SHELLS } from './shells.js';

/** Third parties' are not among them: nobody starts their programs for a word. */
const PROVIDER_NAMES = PROVIDERS.map(({ name }) => name);
const OPTION_KEYS = ['administrator-notices', 'user-notices', ...METADATA_DEFAULTS.keys()];
/** Levels of notices; a documented key is 0 or 1. */
const OPTION_VALUES = ['0', '1', '2', '3', '4'];

/** Words of closed lists, by the command and the name of its option (`--only`) or argument (`name`). */
export const CLOSED_WORDS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['autossl adopt --from', ['nginx', 'apache']],
  ['autossl completion shell', SHELLS],
  ['autossl logs --sort', LOG_SORTS],
  ['autossl logs --state', LOG_STATES],
  ['autossl log start', ['latest']],
  ['autossl options set key', OPTION_KEYS],
  ['autossl options set value', OPTION_VALUES],
  ...['use', 'register', 'reset', 'show'].map(
    (one) => [`autossl provider ${one} name`, PROVIDER_NAMES] as const,
  ),
  ['autossl provider use --fallback', [...PROVIDER_NAMES, 'none']],
  ['autossl queue --provider', PROVIDER_NAMES],
  ['autossl queue --sort', QUEUE_SORTS],
  ['autossl queue --state', QUEUE_STATES],
  ['autossl services list --details', SERVICE_NAMES],
  ...['install', 'reset', 'rollback', 'restart'].map(
    (one) => [`autossl services ${one} service`, SERVICE_NAMES] as const,
  ),
  ['autossl services apply from', SERVICE_NAMES],
  ['autossl services apply to', SERVICE_NAMES],
  ['autossl status --fail-on', ALARM_CONDITIONS],
  ['autossl status --only', STATUS_CONDITIONS],
  ['autossl status --sort', STATUS_SORTS],
  ['autossl users key-type user-and-type', [...KEY_TYPES, 'system']],
]);
