/** The burn-down as a line chart: remaining hours and sites over a series of trees. */

import { escapeHtml } from '../../page/escape.ts';
import type { BurnDownRow } from '../compare/burn-down.ts';
import { formatNumber as n } from './table.ts';

const WIDTH = 720;
const HEIGHT = 220;
const MARGIN = 70;

/** The section, or nothing when there are fewer than two trees. */
export function renderBurnDownChart(rows: readonly BurnDownRow[]): string {
  if (rows.length < 2) return '';
  return `<h2>Burn-down</h2>\n${chart('sites', rows, (r) => r.sites)}\n${chart('hours', rows, (r) => r.hours)}`;
}

function chart(
  what: string,
  rows: readonly BurnDownRow[],
  value: (row: BurnDownRow) => number,
): string {
  const most = Math.max(...rows.map(value), 1);
  const x = (i: number): number => MARGIN + (i * (WIDTH - 2 * MARGIN)) / (rows.length - 1);
  const y = (v: number): number => HEIGHT - 30 - (v * (HEIGHT - 60)) / most;
  const points = rows.map((row, i) => `${x(i).toFixed(1)},${y(value(row)).toFixed(1)}`);
  const marks = rows.map((row, i) => {
    const at = x(i).toFixed(1);
    const v = value(row);
    const anchor = i === 0 ? 'start' : i === rows.length - 1 ? 'end' : 'middle';
    return `<circle cx="${at}" cy="${y(v).toFixed(1)}" r="3"></circle><text x="${at}" y="${(y(v) - 8).toFixed(1)}" text-anchor="middle">${n(v)}</text><text x="${at}" y="${HEIGHT - 8}" text-anchor="${anchor}">${escapeHtml(row.version)}</text>`;
  });
  return `<figure class="burn" style="margin:0 0 8px"><figcaption class="dim">${what} left</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${what} left over ${rows.length} trees" style="max-width:${WIDTH}px"><line x1="${MARGIN}" y1="${y(0)}" x2="${WIDTH - MARGIN}" y2="${y(0)}"></line><polyline points="${points.join(' ')}"></polyline>${marks.join('')}</svg></figure>`;
}
