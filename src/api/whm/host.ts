import type { ExclusionsHost } from '../../runs/manage/exclusions.js';
import type { MetadataStore } from '../../runs/ports.js';

/** What the functions need of the world, each part opened when the first function asks for it; wired in cli/host. */
export interface WhmHost {
  openExclusions(): Promise<ExclusionsHost>;
  openMetadata(): Promise<MetadataStore>;
}
