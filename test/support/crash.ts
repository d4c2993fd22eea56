/** What a simulated `kill -9` throws; from then on nothing of the dead process reaches the world. */
export class Crash extends Error {}

/** A process that dies at its nth touch of the world: each call of a port has a point before and one after it. */
export class CrashPlan {
  #left: number;
  isDead = false;
  /** The call at which it died, for the message of a failing test. */
  where = '';

  /** @param points 1 = before the first call, 2 = after it … */
  constructor(points: number) {
    this.#left = points;
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
    this.#left -= 1;
    if (this.#left > 0) return;
    this.isDead = true;
    this.where = where;
    throw new Crash(where);
  }
}
