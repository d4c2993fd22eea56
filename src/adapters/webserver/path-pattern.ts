import { posix } from 'node:path';
import { matchesWildcards } from '../../core/plan/served/server-name.js';

/**
 * Which of the known files an `include` means, sorted as the servers read them (glob(3): `*`, `?`, `[…]`, none of
 * them over a `/`, none at a leading dot).
 */
export class PathPatterns {
  readonly #known: ReadonlySet<string>;
  readonly #byFolder = new Map<string, string[]>();

  constructor(known: Iterable<string>) {
    this.#known = new Set(known);
    for (const path of [...this.#known].sort()) {
      const folder = posix.dirname(path);
      const files = this.#byFolder.get(folder) ?? [];
      files.push(path);
      this.#byFolder.set(folder, files);
    }
  }

  /** `pattern`: absolute. */
  matching(pattern: string): readonly string[] {
    const path = posix.normalize(pattern);
    if (this.#known.has(path)) return [path];
    if (!/[*?[]/.test(path)) return [];
    const wanted = path.split('/');
    const folder = posix.dirname(path);
    const folders = /[*?[]/.test(folder) ? [...this.#byFolder.keys()] : [folder];
    return folders
      .filter((one) => one === folder || fits(wanted.slice(0, -1), one.split('/')))
      .flatMap((one) => this.#byFolder.get(one) ?? [])
      .filter((one) => fitsPart(wanted.at(-1) ?? '', posix.basename(one)))
      .sort();
  }

  /** All in a folder and below it. */
  below(folder: string): readonly string[] {
    return [...this.#known].filter((path) => path.startsWith(`${folder}/`)).sort();
  }
}

function fits(patterns: readonly string[], parts: readonly string[]): boolean {
  return (
    patterns.length === parts.length && patterns.every((pattern, i) => fitsPart(pattern, parts[i] ?? ''))
  );
}

function fitsPart(pattern: string, part: string): boolean {
  if (part.startsWith('.') && !pattern.startsWith('.')) return false;
  return pattern.includes('[') ? asExpression(pattern).test(part) : matchesWildcards(pattern, part);
}

function asExpression(pattern: string): RegExp {
  const source = pattern.replace(/\[!?[^\]]+\]|\*+|./gs, (part) => {
    if (part.startsWith('*')) return '.*';
    if (part === '?') return '.';
    if (part.length === 1) return part.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
    const inside = part.replace(/^\[!?|\]$/g, '').replace(/[\\^[]/g, '\\$&');
    return `[${part.startsWith('[!') ? '^' : ''}${inside}]`;
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    return /^\b$/;
  }
}
