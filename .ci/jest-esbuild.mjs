// Jest transformer: TypeScript to ES modules by esbuild; types are checked apart, by tsc.
import { createHash } from 'node:crypto';
import { transformSync, version } from 'esbuild';

const options = { loader: 'ts', format: 'esm', target: 'node20', sourcemap: 'inline', sourcesContent: true };
const salt = JSON.stringify([version, process.version, options]);
const run = (source, file) => ({ code: transformSync(source, { ...options, sourcefile: file }).code });

export default {
  getCacheKey: (source, file) => createHash('sha256').update(salt).update(file).update(source).digest('hex'),
  process: run,
  processAsync: async (source, file) => run(source, file),
};
