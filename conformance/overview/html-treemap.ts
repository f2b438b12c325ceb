/**
 * Treemaps in a page: what is chosen, the place of the drawing with its data, and what colours mean.
 * @module
 */
import { escapeHtml } from '../page/escape.ts';
import type { Treemap } from './model.ts';

/** Grounds on which white letters have a contrast of 5.5, and which stand out of both page colours. */
const COLOURS = [
  ...['#b93a0b', '#2563a8', '#0b7560', '#7d620d', '#8352ad'],
  ...['#4b6584', '#994a00', '#b4235a', '#5f6a75'],
];
/** Colourings that a treemap may have. */
const MOST_COLOURINGS = 3;

/** Fills of the tiles, by the number of the value in the colouring that is shown. */
export const TREEMAP_STYLE: string = Array.from({ length: MOST_COLOURINGS }, (_, colouring) =>
  COLOURS.map(
    (colour, value) => `[data-colouring="${colouring}"] .c${colouring}-${value}{--c:${colour}}`,
  ).join('\n'),
).join('\n');

/** The figure. @param prefix in front of the anchors of its section */
export function treemapHtml(treemap: Treemap, prefix: string): string {
  if (treemap.items.length === 0) return '';
  const { measures, colourings, title } = treemap;
  const titles = colourings.map((colouring) => colouring.title);
  const legends = colourings.map(({ values }, colouring) => {
    const items = values.map(
      (value, i) =>
        `<span><i style="--c:${COLOURS[i % COLOURS.length]}"></i>${escapeHtml(value)}</span>`,
    );
    const hidden = colouring === 0 ? '' : ' hidden';
    return `<div class="legend" data-colouring="${colouring}"${hidden}>${items.join('')}</div>`;
  });
  // In single quotes: as double quotes, those of the data would be six letters each.
  const data = escapeHtml(JSON.stringify(treemap))
    .replaceAll('&quot;', '"')
    .replaceAll("'", '&#39;');
  return `<div class="treemap"><div class="controls">${selectHtml('measure', 'Area', measures)}${selectHtml('colouring', 'Colour', titles)}</div>
<div class="map" role="figure" aria-label="${escapeHtml(title)}" data-prefix="${escapeHtml(prefix)}" data-colouring="0" data-treemap='${data}'></div>
${legends.join('')}</div>`;
}

function selectHtml(name: string, label: string, values: readonly string[]): string {
  const options = values.map((value, i) => `<option value="${i}">${escapeHtml(value)}</option>`);
  return `<label>${label} <select name="${name}">${options.join('')}</select></label>`;
}
