import { basename, dirname, extname, join } from 'node:path';
import type { TrustAnchors } from '../core/certificate/chain/trust-anchors.js';
import type { CertificateEvidence } from '../core/certificate/facts.js';
import { isPrivateKeyLabel } from '../core/certificate/key/private-key.js';
import { isSameKey } from '../core/certificate/key/public-key.js';
import { readKeys, takeCombinedApart, takeDerApart } from '../core/certificate/pem/combined.js';
import { isBareDer, pemTextOf } from '../core/certificate/pem/file-text.js';
import { splitPem } from '../core/certificate/pem/pem.js';
import { AutosslError } from '../core/domain/autossl-error.js';
import { DEFAULT_KEY_TYPE } from '../core/domain/key-type.js';
import { reasonOf } from '../core/domain/system-fault.js';
import { evaluate } from '../core/evaluation/evaluate.js';
import { looseFileChecks } from '../core/evaluation/lists.js';
import type { EvaluationPolicy } from '../core/evaluation/policy.js';
import { failedInspection, type Inspection, inspectionOf } from '../core/report/inspection.js';

/** What inspecting needs of the world. */
export interface InspectionPorts {
  /** A whole regular file. MUST reject for anything else (folder, FIFO, too large), and MUST NOT block. */
  readBytes(path: string): Promise<Uint8Array>;
  anchors(): Promise<TrustAnchors>;
  now(): Date;
}

/** Names under which tools put a key into the folder of its certificate. */
const CUSTOMARY_KEY_FILES: readonly string[] = ['privkey.pem', 'key.pem'];

/** What one file holds. A file that cannot be read gives an inspection with `error`; nothing about it is thrown. */
export async function inspectFile(path: string, ports: InspectionPorts): Promise<Inspection> {
  let bytes: Uint8Array;
  try {
    bytes = await ports.readBytes(path);
  } catch (error) {
    return failedInspection(path, whyUnread(error));
  }
  const evidence = await withKeyBeside(evidenceOf(bytes, path), ports);
  const { defects } = evaluate(evidence, looseFileChecks, await loosePolicy(ports), ports.now());
  return inspectionOf(evidence, defects);
}

function evidenceOf(bytes: Uint8Array, path: string): CertificateEvidence {
  const text = pemTextOf(bytes);
  return isBareDer(bytes, text) ? takeDerApart(bytes, path) : takeCombinedApart(text, path);
}

/** A key that lies beside the file, where the file has none itself. */
async function withKeyBeside(
  evidence: CertificateEvidence,
  ports: InspectionPorts,
): Promise<CertificateEvidence> {
  if (evidence.kind !== 'present' || evidence.keySpki !== null) return evidence;
  const { path, leaf } = evidence;
  const folder = dirname(path);
  const named = [`${path}.key`, join(folder, `${basename(path, extname(path))}.key`)];
  const customary = CUSTOMARY_KEY_FILES.map((name) => join(folder, name));
  let mismatch: Uint8Array | undefined;
  for (const candidate of [...named, ...customary]) {
    for (const keySpki of candidate === path ? [] : await keysIn(candidate, ports)) {
      if (isSameKey(keySpki, leaf.key.spki)) return { ...evidence, keySpki, keyFault: null };
      // A customary name beside an authority's certificate is the key of another certificate there.
      if (named.includes(candidate) || !leaf.isCa) mismatch ??= keySpki;
    }
  }
  return mismatch ? { ...evidence, keySpki: mismatch, keyFault: null } : evidence;
}

async function keysIn(path: string, ports: InspectionPorts): Promise<readonly Uint8Array[]> {
  try {
    const blocks = splitPem(pemTextOf(await ports.readBytes(path)));
    return readKeys(blocks.filter(({ label }) => isPrivateKeyLabel(label))).spkis;
  } catch {
    return [];
  }
}

/** No website is behind the file: nothing is wanted of it, and it is nobody's. */
async function loosePolicy(ports: InspectionPorts): Promise<EvaluationPolicy> {
  return {
    wantedNames: [],
    keyType: DEFAULT_KEY_TYPE,
    anchors: await ports.anchors(),
    isRecordedAsOurs: () => false,
    issuerOrganizations: [],
    kind: 'website',
    daysToReplace: 0,
    ari: null,
  };
}

function whyUnread(error: unknown): string {
  if (error instanceof AutosslError) return error.message;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'we are not permitted to read it';
    default:
      return `it cannot be read: ${reasonOf(error)}`;
  }
}
