/**
 * Draws the treemaps of a report in its page, as wide as it is, and again when something else is chosen.
 * The build bundles it into `treemap.bundle.js` beside it; nothing else imports it.
 * @module
 */
import type { Treemap } from './model.ts';
import { treemapSvg } from './treemap-svg.ts';

/** As much of a browser as is used here. */
interface PageElement {
  readonly dataset: {
    readonly treemap?: string;
    readonly prefix?: string;
    colouring?: string;
  };
  readonly clientWidth: number;
  readonly value: string;
  hidden: boolean;
  innerHTML: string;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  addEventListener(event: string, then: () => void): void;
}
declare const document: { querySelectorAll(selector: string): Iterable<PageElement> };
declare const addEventListener: (event: string, then: () => void) => void;

/** A window below this width gets a drawing that is higher than wide. */
const NARROW = 640;

function draw(figure: PageElement): void {
  const map = figure.querySelector('[data-treemap]');
  if (map === null) return;
  const measure = Number(figure.querySelector('[name=measure]')?.value ?? 0);
  const colouring = figure.querySelector('[name=colouring]')?.value ?? '0';
  const { treemap = '{}', prefix = '' } = map.dataset;
  const content: Treemap = JSON.parse(treemap);
  const width = map.clientWidth;
  const height = width < NARROW ? 640 : Math.round(width / 2);
  map.dataset.colouring = colouring;
  map.innerHTML = treemapSvg(content, { measure, width, height, prefix });
  for (const legend of figure.querySelectorAll('.legend')) {
    legend.hidden = legend.dataset.colouring !== colouring;
  }
}

for (const figure of document.querySelectorAll('.treemap')) {
  draw(figure);
  for (const select of figure.querySelectorAll('select')) {
    select.addEventListener('change', () => draw(figure));
  }
}
addEventListener('resize', () => {
  for (const figure of document.querySelectorAll('.treemap')) draw(figure);
});
