import { join } from 'node:path';
import { SERVICE_NAMES } from '../../core/domain/service/service-name.js';
import type { Tree } from '../system/tree.js';
import { TreeReader } from '../system/tree-reader.js';

const LEAF_END = '-----END CERTIFICATE-----';
/** Key and chain of one website take a few kilobytes. */
const MAX_BYTES = 256 * 1024;

/**
 * What stands after the leaf of each certificate file of ours, services first, each text once: issuers, and no keys. Files
 * that cannot be read are passed over.
 */
export async function* issuersOnDisk(tree: Tree): AsyncGenerator<string> {
  const reader = new TreeReader(tree);
  const seen = new Set<string>();
  for (const path of filesOf(tree, reader)) {
    const reading = reader.read(path, MAX_BYTES);
    if (reading.state !== 'read') continue;
    const leafEnd = reading.text.indexOf(LEAF_END);
    const rest = leafEnd === -1 ? '' : reading.text.slice(leafEnd + LEAF_END.length);
    if (!rest.includes('-----BEGIN ') || seen.has(rest)) continue;
    seen.add(rest);
    yield rest;
  }
}

function* filesOf(tree: Tree, reader: TreeReader): Generator<string> {
  for (const service of SERVICE_NAMES) yield join(tree.serviceTls(service), 'combined');
  const websites = tree.websitesTls();
  let folders: readonly string[] = [];
  try {
    folders = reader.list(websites);
  } catch {
    // No website has a certificate.
  }
  for (const folder of folders) yield join(websites, folder, 'certificates');
}
