/** Draws the treemap of files: four fixed drawings, one of which the page shows. */

import { escapeHtml } from '../../page/escape.ts';
import type { Census, CensusFile } from '../census.ts';
import { sumBy, touchingFiles } from '../groups.ts';
import { layOut, type Rect } from './treemap.ts';

const WIDE: Rect = { x: 0, y: 0, width: 1200, height: 620 };
const TALL: Rect = { x: 0, y: 0, width: 376, height: 640 };
/** Height of the name of a group. */
const CAPTION = 16;
/** Width of one letter of a label. */
const LETTER = 6.7;

/** Both measures, each for wide and for narrow windows. */
export function renderTreemap(census: Census): string {
  const files = touchingFiles(census);
  const hours = (f: CensusFile): number => f.hours;
  const sites = (f: CensusFile): number => f.sites;
  return [
    drawing('hours wide', files, hours, WIDE),
    drawing('hours tall', files, hours, TALL),
    drawing('sites wide', files, sites, WIDE),
    drawing('sites tall', files, sites, TALL),
  ].join('\n');
}

function drawing(
  name: string,
  files: readonly CensusFile[],
  value: (f: CensusFile) => number,
  frame: Rect,
): string {
  const roles = [...sumBy(files, (f) => f.role).keys()].map((role) => {
    const members = files.filter((f) => f.role === role);
    return { role, members, total: members.reduce((s, f) => s + value(f), 0) };
  });
  const groups = layOut(roles, (r) => r.total, frame).map(({ item, rect }) =>
    group(item.role, item.members, value, rect),
  );
  return `<svg class="${name}" viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="treemap of files by ${name.split(' ')[0]}">${groups.join('')}</svg>`;
}

function group(
  role: string,
  files: readonly CensusFile[],
  value: (f: CensusFile) => number,
  rect: Rect,
): string {
  const hasCaption = rect.height > 3 * CAPTION && rect.width > role.length * LETTER;
  const top = hasCaption ? CAPTION : 0;
  const inner = { ...rect, y: rect.y + top, width: rect.width - 3, height: rect.height - top - 3 };
  const caption = hasCaption
    ? `<text class="group" x="${rect.x.toFixed(1)}" y="${(rect.y + 12).toFixed(1)}">${role}</text>`
    : '';
  return (
    caption +
    layOut(files, value, inner)
      .map(({ item, rect: r }) => tile(item, r))
      .join('')
  );
}

function tile(file: CensusFile, rect: Rect): string {
  const name = labelOf(file.path, rect);
  const label =
    name === ''
      ? ''
      : `<text x="${(rect.x + 4).toFixed(1)}" y="${(rect.y + 13).toFixed(1)}">${escapeHtml(name)}</text>`;
  const title = `${file.path}: ${file.sites} sites, ${file.hours} h, ${file.handling}, ${file.mode}`;
  return `<a href="#${encodeURIComponent(file.path)}"><rect class="tile" data-handling="${file.handling}" data-mode="${file.mode}" x="${rect.x.toFixed(1)}" y="${rect.y.toFixed(1)}" width="${rect.width.toFixed(1)}" height="${rect.height.toFixed(1)}"><title>${escapeHtml(title)}</title></rect>${label}</a>`;
}

/** The file name, cut to the tile; nothing when less than five letters would remain. */
function labelOf(path: string, rect: Rect): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const letters = Math.floor((rect.width - 6) / LETTER);
  if (rect.height < 16 || letters < Math.min(5, name.length)) return '';
  return name.length <= letters ? name : `${name.slice(0, letters - 1)}\u2026`;
}
