import { lifeWord } from './rehearsal-table.js';
import type { RehearsalResult } from './tally.js';

const WIDTH = 960;
const PANEL_HEIGHT = 150;
const LEFT = 60;
const RIGHT = 20;
const TOP = 30;
const BOTTOM = 25;

/** Orders of each day as bars, a panel for each life, with their mean from the third cycle on: an SVG document. */
export function renderPlot(results: readonly RehearsalResult[]): string {
  const height = results.length * PANEL_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11">`,
    '<title>Orders a day, by life of certificates</title>',
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    ...results.flatMap((result, index) => panel(result, index * PANEL_HEIGHT)),
    '</svg>',
    '',
  ].join('\n');
}

/** Orders of each day, a column for each life. */
export function renderCsv(results: readonly RehearsalResult[]): string {
  const days = Math.max(0, ...results.map(({ daily }) => daily.length));
  const rows = Array.from({ length: days }, (_, day) => [
    day,
    ...results.map(({ daily }) => daily[day] ?? 0),
  ]);
  const title = ['day', ...results.map(({ lifeMs }) => lifeWord(lifeMs))];
  return `${[title, ...rows].map((cells) => cells.join(',')).join('\n')}\n`;
}

function panel({ lifeMs, daily, mean, steadyFromDay }: RehearsalResult, y: number): string[] {
  const most = Math.max(1, ...daily);
  const floor = y + PANEL_HEIGHT - BOTTOM;
  const room = PANEL_HEIGHT - TOP - BOTTOM;
  const xOf = (day: number): string =>
    (LEFT + ((WIDTH - LEFT - RIGHT) * day) / Math.max(1, daily.length)).toFixed(1);
  const heightOf = (orders: number): number => (room * orders) / most;
  const barWidth = ((WIDTH - LEFT - RIGHT) / Math.max(1, daily.length)).toFixed(2);
  const bars = daily.flatMap((orders, day) =>
    orders === 0
      ? []
      : [
          `<rect x="${xOf(day)}" y="${(floor - heightOf(orders)).toFixed(1)}" width="${barWidth}" height="${heightOf(orders).toFixed(1)}"/>`,
        ],
  );
  const line =
    mean === null || steadyFromDay === null
      ? []
      : [
          `<line x1="${xOf(steadyFromDay)}" x2="${WIDTH - RIGHT}" y1="${(floor - heightOf(mean)).toFixed(1)}" y2="${(floor - heightOf(mean)).toFixed(1)}" stroke="#c00"/>`,
        ];
  return [
    `<text x="${LEFT}" y="${y + TOP - 10}">life ${lifeWord(lifeMs)}: orders a day</text>`,
    `<text x="${LEFT - 6}" y="${y + TOP + 4}" text-anchor="end">${most}</text>`,
    `<text x="${LEFT - 6}" y="${floor}" text-anchor="end">0</text>`,
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${floor}" y2="${floor}" stroke="#888"/>`,
    `<text x="${LEFT}" y="${floor + 14}">day 0</text>`,
    `<text x="${WIDTH - RIGHT}" y="${floor + 14}" text-anchor="end">day ${daily.length}</text>`,
    `<g fill="#47a">`,
    ...bars,
    '</g>',
    ...line,
  ];
}
