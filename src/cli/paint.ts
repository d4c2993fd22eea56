import type { EventType } from '../core/report/events/event.js';

type Paint = (type: EventType, text: string) => string;

/** Colour on terminals only; NO_COLOR (no-color.org) and TERM=dumb switch it off. */
export async function painter(stream: NodeJS.WriteStream): Promise<Paint> {
  const isColoured = stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  if (!isColoured) return (_, text) => text;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
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
