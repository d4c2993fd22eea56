import { ModuleProgram } from '../../../adapters/providers/module-program.js';
import type { Tree } from '../../../adapters/system/tree.js';
import { AcmeProtocolError, ConfigurationError } from '../../../core/domain/autossl-error.js';
import type { ProviderDescription } from '../../../core/provider/description.js';
import { parseModuleDescription } from '../../../core/provider/module-description.js';
import type { Settings } from '../../../runs/ports/settings.js';

/** What a third party's module says of itself. @throws ConfigurationError BROKEN_PROVIDER, UNSAFE_FILE, UNKNOWN_PROVIDER (its name is taken) */
export async function describeModule(
  tree: Tree,
  settings: Settings,
  name: string,
): Promise<ProviderDescription> {
  const program = new ModuleProgram(tree, name, settings.acme.timeoutMs);
  let fault: string;
  try {
    const answer = await program.call('describe', {});
    const provider =
      answer.state === 'absent'
        ? { fault: 'it exports no describe()' }
        : parseModuleDescription(name, answer.value);
    if (!('fault' in provider)) return provider;
    fault = `the provider ${name} cannot be used: ${provider.fault}`;
  } catch (error) {
    if (!(error instanceof AcmeProtocolError)) throw error;
    fault = error.message;
  }
  throw new ConfigurationError('BROKEN_PROVIDER', fault, {
    advice: 'Mend or remove its module; nothing else is touched by it.',
  });
}
