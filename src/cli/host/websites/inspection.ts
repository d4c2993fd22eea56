import { systemClock } from '../../../adapters/system/clock.js';
import { readBytes, readTextFile } from '../../../adapters/system/files/files.js';
import { openTree, type Tree } from '../../../adapters/system/tree.js';
import { readTrustAnchors } from '../../../adapters/system/trust-anchors.js';
import type { TrustAnchors } from '../../../core/certificate/chain/trust-anchors.js';
import type { InspectionPorts } from '../../../runs/inspect-files.js';

/** What inspecting files needs; works without any tree of ours. */
export function openInspectionHost(environment: NodeJS.ProcessEnv, uid: number): InspectionPorts {
  let anchors: Promise<TrustAnchors> | null = null;
  return {
    readBytes,
    anchors: () => {
      anchors ??= readAnchors(openTree(environment, uid));
      return anchors;
    },
    now: () => systemClock.now(),
  };
}

/** The machine's roots and, for whoever may read it, that of the local CA. */
async function readAnchors(tree: Tree): Promise<TrustAnchors> {
  const local = tree.localCaRoot();
  const isReadable = await readTextFile(local).then(
    (text) => text !== undefined,
    () => false,
  );
  return readTrustAnchors({ extraFiles: isReadable ? [local] : [] });
}
