import { InstallError } from '../../../core/domain/autossl-error.js';

/** What is written for a website, cut from one key and one chain. */
export interface CombinedText {
  readonly keyPem: string;
  readonly leafDer: Uint8Array;
  /** Leaf, then the rest as the CA sent it; no key. */
  readonly certificates: string;
  /** Key, leaf, chain: the contents of `combined`. */
  readonly combined: string;
}

/** A PEM block without headers (RFC 7468); an encrypted key of the old kind has headers and does not match. */
const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;
const BOUNDARY = /-----[A-Z ]*-----/g;
/** RFC 7468 section 2: lines of 64 characters. */
const LINE = /.{1,64}/g;

/**
 * Key, leaf and chain in one normal form: nothing but the blocks, 64 characters a line, LF. Whether key and leaf belong
 * together is not judged here. @throws InstallError PAIR_MISMATCH without exactly one key and at least one certificate
 */
export function combineText(keyPem: string, chainPem: string): CombinedText {
  const keys = privateKeyBlocks(keyPem);
  const certificates = certificateBlocks(chainPem);
  const [key] = keys;
  const [leaf] = certificates;
  if (key === undefined || keys.length > 1) {
    throw new InstallError(
      'PAIR_MISMATCH',
      `there are ${keys.length} readable private keys where one belongs`,
    );
  }
  if (leaf === undefined) throw new InstallError('PAIR_MISMATCH', 'there is no certificate in the chain');
  const chain = certificates.join('');
  return { keyPem: key, leafDer: derOfBlock(leaf), certificates: chain, combined: key + chain };
}

/** The DER bytes of one block in normal form. */
export function derOfBlock(block: string): Uint8Array {
  return Buffer.from(block.replace(BOUNDARY, ''), 'base64');
}

/** The certificates of a PEM text, in file order, each in normal form. */
export function certificateBlocks(text: string): readonly string[] {
  return pemBlocks(text)
    .filter((block) => block.label === 'CERTIFICATE')
    .map((block) => block.text);
}

/** The private keys of a PEM text, in file order, each in normal form; keys with headers (the old encrypted kind) are none. */
export function privateKeyBlocks(text: string): readonly string[] {
  return pemBlocks(text)
    .filter((block) => block.label.endsWith('PRIVATE KEY'))
    .map((block) => block.text);
}

function pemBlocks(text: string): readonly { readonly label: string; readonly text: string }[] {
  return [...text.matchAll(PEM_BLOCK)].map(([, label = '', base64 = '']) => {
    const lines = base64.replace(/\s+/g, '').match(LINE) ?? [];
    return { label, text: `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n` };
  });
}
