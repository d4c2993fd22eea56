import type { HostingCa } from '../hosting-ca.js';
import type { CrashSubject } from './crash-stories.js';
import { crashedWebsites } from './crashed-server.js';
import { crashedServices } from './crashed-services.js';

interface NamedSubject {
  readonly name: string;
  readonly open: (ca: HostingCa) => CrashSubject;
  /** Points of the short form. */
  readonly sample: number;
  /** Fewer points are a hook that does not see. */
  readonly leastPoints: number;
}

/** Whose every change of the world may be its last, or be refused. */
export const CRASH_SUBJECTS: readonly NamedSubject[] = [
  { name: 'nginx', open: (ca) => crashedWebsites(ca, 'nginx', 'first'), sample: 3, leastPoints: 60 },
  { name: 'apache', open: (ca) => crashedWebsites(ca, 'apache', 'first'), sample: 3, leastPoints: 60 },
  {
    name: 'a renewal, nginx',
    open: (ca) => crashedWebsites(ca, 'nginx', 'renewal'),
    sample: 2,
    leastPoints: 60,
  },
  { name: 'checkallsslcerts', open: crashedServices, sample: 2, leastPoints: 40 },
];
