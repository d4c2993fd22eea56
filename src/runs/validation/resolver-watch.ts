import type { AddressObservation } from '../../core/dcv/outcome.js';
import { isSilence } from '../../core/dcv/silence.js';
import type { DomainName } from '../../core/domain/name/names.js';
import type { NameResolver } from '../ports/looks.js';

/** Passes lookups on and notes whether anything was ever answered: a run whose name servers are dead must blame nobody. */
export class ResolverWatch implements NameResolver {
  readonly #resolver: NameResolver;
  #hasAnswered = false;
  #hasBeenSilent = false;
  #check: Promise<boolean> | null = null;

  constructor(resolver: NameResolver) {
    this.#resolver = resolver;
  }

  get servers(): readonly string[] {
    return this.#resolver.servers;
  }

  async addressesOf(name: DomainName): Promise<AddressObservation> {
    const addresses = await this.#resolver.addressesOf(name);
    if (isSilence(addresses)) this.#hasBeenSilent = true;
    else this.#hasAnswered = true;
    return addresses;
  }

  isAnswering(): Promise<boolean> {
    return this.#resolver.isAnswering();
  }

  /** True when lookups met silence, none was ever answered, and the control question is not answered either (asked once). */
  async isDown(): Promise<boolean> {
    if (this.#hasAnswered || !this.#hasBeenSilent) return false;
    this.#check ??= this.isAnswering();
    const isAnswering = await this.#check;
    return !isAnswering && !this.#hasAnswered;
  }
}
