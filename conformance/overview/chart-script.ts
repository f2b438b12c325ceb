/**
 * Draws the charts of a report in its page. The build bundles this file with Observable Plot into
 * `charts.js` beside it, which a report carries; nothing else imports it.
 * @module
 */
import { dot, gridX, gridY, line, plot, ruleX, ruleY } from '@observablehq/plot';
import type { Curves } from './model.ts';

/** As much of a browser as is used here. */
interface PageElement {
  readonly dataset: Readonly<Record<string, string | undefined>>;
  readonly clientWidth: number;
  replaceChildren(...children: readonly unknown[]): void;
}
declare const document: { querySelectorAll(selector: string): Iterable<PageElement> };
declare const addEventListener: (event: string, then: () => void) => void;

/** Okabe and Ito's colours that are seen on light and dark ground; each line has a symbol and a dash too. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#8c8c8c'];
const MOST_WIDTH = 720;

interface Dot {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  readonly series: string;
}

function draw(element: PageElement): void {
  const { chart = '{}' } = element.dataset;
  const { series, x, y, log }: Curves = JSON.parse(chart);
  const dots: Dot[] = series.flatMap(({ label, points }) =>
    points.map((point) => ({
      ...{ x: point.x, y: point.y, series: label },
      ...{ low: point.low ?? point.y, high: point.high ?? point.y },
    })),
  );
  const type = log ? 'log' : 'linear';
  const names = series.map(({ label }) => label);
  // Results are counted: there is no tick between two of them, and a figure that is always 0 has an axis.
  const places = [...new Set(dots.map((one) => one.x))];
  const most = Math.max(...dots.map(({ high }) => high)) || 1;
  const spread = dots.filter(({ low, high }) => high > low);
  element.replaceChildren(
    plot({
      width: Math.min(element.clientWidth, MOST_WIDTH),
      ...{ height: log ? 300 : 200, marginLeft: 64, marginBottom: 44 },
      style: { background: 'none', color: 'inherit', fontSize: '12px' },
      x: { type, label: x, labelOffset: 38, ...(log ? {} : { ticks: places, tickFormat: 'd' }) },
      y: { type, label: y, nice: true, ...(log ? {} : { domain: [0, most] }) },
      color: { domain: names, range: COLOURS },
      symbol: { domain: names, legend: names.length > 1 },
      marks: [
        log ? gridX({ strokeOpacity: 0.15 }) : gridX(places, { strokeOpacity: 0.15 }),
        gridY({ strokeOpacity: 0.15 }),
        log ? null : ruleY([0]),
        ruleX(spread, { x: 'x', y1: 'low', y2: 'high', stroke: 'series' }),
        line(dots, { x: 'x', y: 'y', z: 'series', stroke: 'series' }),
        dot(dots, { x: 'x', y: 'y', stroke: 'series', fill: 'series', symbol: 'series', r: 4 }),
      ],
    }),
  );
}

function drawAll(): void {
  for (const element of document.querySelectorAll('[data-chart]')) draw(element);
}

drawAll();
addEventListener('resize', drawAll);
