import { describe, expect, test } from '@jest/globals';
import type { ChannelDelivery } from '../../../src/core/notice/delivery/delivery.js';
import {
  type ListedMessage,
  type NotifyList,
  renderMessages,
} from '../../../src/core/notice/delivery/messages-table.js';
import { expectGolden } from '../../support/golden.js';

const NOW = new Date('2026-11-22T12:00:00.000Z');
const delivery = (more: Partial<ChannelDelivery> = {}): ChannelDelivery => ({
  ...{ state: 'waiting', attempts: 3, unanswered: 0, firstAt: '2026-11-22T09:00:00.000Z' },
  ...{ nextAt: '2026-11-22T12:40:00.000Z', answer: 'the connection is refused' },
  answeredAt: '2026-11-22T11:40:00.000Z',
  ...more,
});
const message = (more: Partial<ListedMessage> = {}): ListedMessage => ({
  ...{ id: 'told-1', audience: 'administrator', account: null, to: 'root' },
  ...{ subject: 'Two certificates of example.com', createdAt: '2026-11-22T09:00:00.000Z', channels: {} },
  ...more,
});
const LIST: NotifyList = {
  schemaVersion: 1,
  unusable: [],
  at: NOW.toISOString(),
  waiting: [
    message({ channels: { mail: delivery(), webhook: delivery({ state: 'delivered' }) } }),
    message({
      ...{ to: 'somebody-with-a-long-name@a-long-domain.example.com', account: 'alice', audience: 'user' },
      subject: 'evil\u001b[31m\u202ered, and a subject that is longer than any line of a terminal may be',
      channels: {
        mail: delivery({ nextAt: '2026-11-22T11:59:00.000Z', answer: '451 try \u001b[2Jagain later' }),
        webhook: delivery({ attempts: 12, answer: 'it answered with status 500' }),
      },
    }),
    message({ to: 'bob', createdAt: '2026-11-22T12:00:00.000Z' }),
  ],
  givenUp: [
    message({
      ...{ to: 'gone@example.com', createdAt: '2026-11-15T09:00:00.000Z' },
      channels: { mail: delivery({ state: 'given-up', attempts: 1, answer: '550 no such user here' }) },
    }),
  ],
  damaged: ['bad\u001b.json.damaged'],
};
const text = (list: NotifyList, width: number | null): string =>
  `${[...renderMessages(list, NOW, width)].join('\n')}\n`;

describe('autossl notify list', () => {
  test.each([
    ['80', 80],
    ['160', 160],
    ['pipe', null],
  ])('at %s columns', (name, width) => {
    const shown = text(LIST, width);
    expectGolden(`report/notify-list-${name}.txt`, shown);
    expect(shown).not.toContain('\u001b');
    expect(shown).not.toContain('\u202e');
    const [table = ''] = shown.split('3 messages');
    if (width !== null) for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  });

  test('of nothing', () => {
    expect(text({ ...LIST, waiting: [], givenUp: [], damaged: [] }, 80)).toBe(
      '0 messages wait, 0 messages were given up.\n',
    );
  });
});
