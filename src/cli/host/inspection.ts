import { systemClock } from '../../adapters/system/clock.js';
import { readBytes } from '../../adapters/system/files.js';
import { readTrustAnchors } from '../../adapters/system/trust-anchors.js';
import type { TrustAnchors } from '../../core/certificate/trust-anchors.js';
import type { InspectionPorts } from '../../runs/inspect-files.js';

/** What inspecting files needs; works without any tree of ours. */
export function openInspectionHost(): InspectionPorts {
  let anchors: Promise<TrustAnchors> | null = null;
  return {
    readBytes,
    anchors: () => {
      anchors ??= readTrustAnchors();
      return anchors;
    },
    now: () => systemClock.now(),
  };
}
