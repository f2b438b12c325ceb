/**
 * The memory of a case as HTML: each page a strip of its segments, with what they are for, and the red
 * zones between them. Widths grow with the root of a length, so that a tag is seen beside a page of text;
 * every piece carries its length in words.
 * @module
 */
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { PAGE_SHIFT, PAGE_SIZE } from '../../src/units.ts';
import type { MemoryKind } from '../case/case.ts';
import { escapeHtml } from '../page/escape.ts';
import type { Operation } from '../subjects/operation.ts';
import type { SideTrace } from './divergence.ts';
import type { Area, MemoryMap, Role } from './memory-map.ts';

/** Whose pages they are, for people. */
const OWNERS: Readonly<Record<Exclude<MemoryKind, 'next'>, string>> = {
  page: 'pages of the kernel',
  slab: 'slab, a kmalloc object',
  cache: 'page cache',
  vmalloc: 'vmalloc, physically scattered',
  user: 'user memory, pinned by the caller',
};

/** Pages that are drawn of one case. */
const MOST_PAGES = 64;

/** A piece of a page: bytes of one segment that are for one thing. */
interface Piece {
  readonly area: Area;
  readonly role: Role;
  readonly from: number;
  readonly to: number;
}

/** A page with pieces of the case in it. */
interface PageOfCase {
  readonly html: string;
  readonly group: 'source' | 'destination' | 'source and destination';
}

/** Strips of all pages that have a segment of the case in them, those of the source first. */
export function memoryHtml({ map, ops }: SideTrace): string {
  const pieces = map.areas.flatMap((area) => piecesOf(map, area));
  const frames = [...new Set(pieces.map(({ from }) => from >>> PAGE_SHIFT))];
  const pages = frames.slice(0, MOST_PAGES).map((frame): PageOfCase => {
    const own = pieces
      .filter(({ from }) => from >>> PAGE_SHIFT === frame)
      .sort((a, b) => a.from - b.from || a.to - b.to);
    const kinds = own.map(
      ({ area: { request, list, segment } }) => OWNERS[ops[request][list][segment].kind],
    );
    const names = own.map(({ area }) => map.segmentName(area));
    const html = pageHtml(frame, [...new Set(kinds)].join('; '), own, kinds, names);
    return { html, group: groupOf(own, ops) };
  });
  const groups = [...new Set(pages.map(({ group }) => group))].map((group) => {
    const own = pages.filter((page) => page.group === group).map(({ html }) => html);
    return `<div class="group ${group.replaceAll(' ', '-')}"><h3>${group}</h3>${own.join('\n')}</div>`;
  });
  const more = frames.length - pages.length;
  if (more > 0) groups.push(`<p class="dim">${more} more pages are not drawn.</p>`);
  return `<div class="groups">${groups.join('\n')}</div>`;
}

function groupOf(pieces: readonly Piece[], ops: readonly Operation[]): PageOfCase['group'] {
  const isInPlace = pieces.some(({ area }) => ops[area.request].c.layout.inplace !== 'no');
  const lists = new Set(pieces.map(({ area }) => area.list));
  if (isInPlace || lists.size > 1) return 'source and destination';
  return lists.has('src') ? 'source' : 'destination';
}

function pageHtml(
  frame: number,
  owner: string,
  pieces: readonly Piece[],
  kinds: readonly string[],
  names: readonly string[],
): string {
  const start = frame * PAGE_SIZE;
  let at = start;
  const parts: string[] = [];
  for (const [i, piece] of pieces.entries()) {
    parts.push(gapHtml(piece.from - at), pieceHtml(piece, kinds[i], names[i]));
    at = Math.max(at, piece.to);
  }
  parts.push(gapHtml(start + PAGE_SIZE - at));
  const address = (PHYS_BASE + start).toString(16);
  return `<figure class="page"><figcaption><code>0x${address}</code> ${escapeHtml(owner)}</figcaption><div class="strip">${parts.join('')}</div></figure>`;
}

function gapHtml(len: number): string {
  if (len <= 0) return '';
  const title = `${len} bytes that are not the request's: red zone`;
  return `<span class="gap" title="${title}">${len}</span>`;
}

function pieceHtml({ area, role, from, to }: Piece, kind: string, name: string): string {
  const offset = area.inSegment + from - area.from;
  const title = `${name} bytes ${offset}..${offset + to - from}: ${role}; ${kind}`;
  const grow = Math.sqrt(to - from).toFixed(2);
  return `<span class="piece ${role}" data-at="${from}" data-len="${to - from}" style="flex-grow:${grow}" title="${title}"><b>${role}</b> ${to - from}<br><small>${name}+${offset}</small></span>`;
}

/** Cut where the page or the role changes. */
function piecesOf(map: MemoryMap, area: Area): Piece[] {
  const pieces: Piece[] = [];
  const { ad, text, tag } = map.partsOf(area);
  const edges = [ad, ad + text, ad + text + tag].map((place) => area.from + place - area.inList);
  for (let from = area.from; from < area.to; ) {
    const page = (Math.floor(from / PAGE_SIZE) + 1) * PAGE_SIZE;
    const to = Math.min(area.to, page, ...edges.filter((edge) => edge > from));
    pieces.push({ area, role: map.roleAt(area, from), from, to });
    from = to;
  }
  return pieces;
}
