/**
 * A treemap as text of an SVG. It runs in the page, which knows how wide it is.
 * @module
 */
import { escapeHtml } from '../page/escape.ts';
import type { Treemap, TreemapItem } from './model.ts';
import { layOut, type Rect } from './treemap.ts';

/** Height of the name of a group. */
const CAPTION = 16;
/** Width of one letter of a label. */
const LETTER = 6.7;
/** Letters of a label that are worth being shown. */
const LEAST = 5;
/** Room between two groups. */
const GAP = 3;

/** What is shown, and where. */
export interface TreemapView {
  readonly measure: number;
  readonly width: number;
  readonly height: number;
  /** In front of the anchors of its section. */
  readonly prefix: string;
}

/** The drawing. Tiles have a class for each colouring, and lead to their rows. */
export function treemapSvg({ title, measures, items }: Treemap, view: TreemapView): string {
  const { measure, width, height } = view;
  const names = [...new Set(items.map(({ group }) => group))];
  const groups = names.map((name) => {
    const members = items.filter(({ group }) => group === name);
    return { name, members, total: members.reduce((sum, item) => sum + item.sizes[measure], 0) };
  });
  const frame: Rect = { x: 0, y: 0, width, height };
  const drawn = layOut(groups, ({ total }) => total, frame).map(({ item, rect }) =>
    groupSvg(item.name, item.members, rect, view),
  );
  const label = escapeHtml(`${title}: ${measures[measure]}`);
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${label}">${drawn.join('')}</svg>`;
}

function groupSvg(
  name: string,
  items: readonly TreemapItem[],
  rect: Rect,
  view: TreemapView,
): string {
  const hasCaption = rect.height > 3 * CAPTION && rect.width > name.length * LETTER;
  const top = hasCaption ? CAPTION : 0;
  const inner: Rect = {
    ...{ x: rect.x, y: rect.y + top },
    ...{ width: Math.max(rect.width - GAP, 0), height: Math.max(rect.height - top - GAP, 0) },
  };
  const caption = hasCaption
    ? `<text class="group" x="${short(rect.x)}" y="${short(rect.y + 12)}">${escapeHtml(name)}</text>`
    : '';
  const tiles = layOut(items, ({ sizes }) => sizes[view.measure], inner);
  return caption + tiles.map(({ item, rect: place }) => tileSvg(item, place, view)).join('');
}

function tileSvg(item: TreemapItem, rect: Rect, { prefix }: TreemapView): string {
  const { x, y, width, height } = rect;
  const name = labelOf(item.label, rect);
  const label =
    name === ''
      ? ''
      : `<text x="${short(x + 4)}" y="${short(y + 13)}" aria-hidden="true">${escapeHtml(name)}</text>`;
  const classes = item.classes.map((value, colouring) => `c${colouring}-${value}`).join(' ');
  const tile = `<rect class="tile ${classes}" x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"><title>${escapeHtml(item.text)}</title></rect>${label}`;
  if (item.anchor === null) return tile;
  // Half a surrogate pair has no encoding; the file has a replacement character in its place.
  const anchor = item.anchor.replace(/\p{Cs}/gu, '\ufffd');
  const href = escapeHtml(`#${prefix}${encodeURIComponent(anchor)}`);
  return `<a href="${href}" aria-label="${escapeHtml(item.text)}">${tile}</a>`;
}

/** The label, cut to the tile; nothing when too little of it would remain. */
function labelOf(label: string, { width, height }: Rect): string {
  const letters = Math.floor((width - 6) / LETTER);
  if (height < CAPTION || letters < Math.min(LEAST, label.length)) return '';
  return label.length <= letters ? label : `${label.slice(0, letters - 1)}\u2026`;
}

function short(value: number): string {
  return value.toFixed(1);
}
