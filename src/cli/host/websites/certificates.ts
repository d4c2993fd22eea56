import { FileCertificateStore } from '../../../adapters/store/publication/certificates.js';
import { systemClock } from '../../../adapters/system/clock.js';
import type { Base } from '../base.js';

/** The certificates of this tree, with what its settings say about who may read them. The one way to open them. */
export function openCertificates({ tree, settings }: Base): FileCertificateStore {
  return new FileCertificateStore({ tree, clock: systemClock, keyGroup: settings.keyGroup });
}
