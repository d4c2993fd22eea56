import { Chalk } from 'chalk';
import type { EventType } from '../core/report/events/event.js';

/** Colour on terminals only; NO_COLOR (no-color.org) and TERM=dumb switch it off. */
export function painter(stream: NodeJS.WriteStream): (type: EventType, text: string) => string {
  const isColoured = stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  const chalk = new Chalk({ level: isColoured ? 1 : 0 });
  return (type, text) => {
    switch (type) {
      case 'success':
        return chalk.green(text);
      case 'warn':
        return chalk.yellow(text);
      case 'error':
        return chalk.red(text);
      case 'out':
        return text;
    }
  };
}
