/** What a simulated `kill -9` throws; from then on nothing of the dead process reaches the world. */
export class Crash extends Error {}

/**
 * A process that dies at a named point: each call of a port has one before and one after it. Points have names and no
 * numbers of their own, because how often a CA is asked differs from run to run.
 */
export class CrashPlan {
  readonly #at: string | null;
  readonly #counts = new Map<string, number>();
  /** The points that it passed, each as `before store.read 2`: before the second call of that method. */
  readonly passed: string[] = [];
  isDead = false;
  /** The call at which it died, for the message of a failing test. */
  where = '';

  /** @param at one of what another plan passed; null = it lives */
  constructor(at: string | null) {
    this.#at = at;
  }

  /** The port with every method under the plan. */
  wrap<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          this.#pass(`before ${name}.${String(member)}`);
          const result: unknown = await value.apply(target, args);
          this.#pass(`after ${name}.${String(member)}`);
          return result;
        };
      },
    });
  }

  #pass(where: string): void {
    if (this.isDead) throw new Crash(`dead since ${this.where}`);
    const count = (this.#counts.get(where) ?? 0) + 1;
    this.#counts.set(where, count);
    const point = `${where} ${count}`;
    this.passed.push(point);
    if (this.#at !== point) return;
    this.isDead = true;
    this.where = where;
    throw new Crash(where);
  }
}
