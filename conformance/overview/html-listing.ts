/**
 * Listings in a page: all that can be opened, sorted and chosen is in the page, so it can be read without
 * a script, too. What addresses have in common stands once in a row, or they would be most of the page;
 * the script puts them together, and without it the text still names the line.
 * @module
 */
import { escapeHtml } from '../page/escape.ts';
import type { Detail, Listing, ListingColumn, ListingRow, Phrase } from './model.ts';

/** The table and its filters. @param prefix in front of the anchors of its rows */
export function listingHtml({ columns, rows }: Listing, prefix: string): string {
  if (rows.length === 0) return '';
  const choices = columns.flatMap((column, i) =>
    column.isChoice ? [choiceHtml(column.title, i, rows)] : [],
  );
  const heads = columns.map(headHtml).join('');
  const first = { title: '', isNumber: false, isChoice: false, isMinor: false };
  return `<div class="listing"><div class="controls">
<input type="search" placeholder="search" aria-label="search the rows">${choices.join('')}<span class="dim shown" aria-live="polite">${rows.length} rows</span>
</div>
<table><thead><tr>${headHtml({ ...first, title: 'name' })}${heads}</tr></thead><tbody>
${rows.map((row) => rowHtml(row, columns, prefix)).join('\n')}
</tbody></table></div>`;
}

function choiceHtml(title: string, column: number, rows: readonly ListingRow[]): string {
  const values = [...new Set(rows.map(({ cells }) => cells[column]))].sort();
  const options = values.map((value) => `<option>${escapeHtml(value)}</option>`).join('');
  const name = escapeHtml(title);
  return `<select data-column="${column}" aria-label="${name}"><option value="">any ${name}</option>${options}</select>`;
}

function headHtml(column: ListingColumn): string {
  return `<th scope="col" aria-sort="none"${classOf(column)}><button type="button">${escapeHtml(column.title)}</button></th>`;
}

function classOf({ isNumber, isMinor }: ListingColumn): string {
  const names = [...(isNumber ? ['n'] : []), ...(isMinor ? ['minor'] : [])];
  return names.length === 0 ? '' : ` class="${names.join(' ')}"`;
}

function rowHtml(
  { label, note, anchor, cells, base, details }: ListingRow,
  columns: readonly ListingColumn[],
  prefix: string,
): string {
  const id = anchor === null ? '' : ` id="${escapeHtml(prefix + anchor)}"`;
  const name = `<code>${escapeHtml(label)}</code>${note === '' ? '' : `<br><span class="dim">${escapeHtml(note)}</span>`}`;
  const values = columns.map(
    (column, i) => `<td${classOf(column)}>${escapeHtml(cells[i] ?? '')}</td>`,
  );
  const head =
    details.length === 0
      ? name
      : `<details><summary>${name}</summary><dl${attribute('data-base', base)}>${details.map((one) => detailHtml(one, base)).join('')}</dl></details>`;
  return `<tr${id}><td>${head}</td>${values.join('')}</tr>`;
}

function attribute(name: string, value: string): string {
  return value === '' ? '' : ` ${name}="${escapeHtml(value)}"`;
}

function detailHtml({ term, phrases }: Detail, base: string): string {
  const isList = phrases.some(({ note }) => note !== '');
  const texts = phrases.map((one) => phraseHtml(one, base)).join(isList ? '<br>' : ', ');
  return `<dt>${escapeHtml(term)}</dt><dd>${texts}</dd>`;
}

function phraseHtml({ text, href, note }: Phrase, base: string): string {
  const shown = escapeHtml(text);
  const name = base === '' ? 'href' : 'data-end';
  const link = href === null ? shown : `<a${attribute(name, href)}>${shown}</a>`;
  return note === '' ? link : `${link} <span class="dim">${escapeHtml(note)}</span>`;
}
