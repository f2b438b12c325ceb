/**
 * A report as data: sections of facts and blocks, one section for each result. Whatever reads a result
 * makes this of it, and whatever shows a report starts from it.
 * @module
 */

/** Findings and the like that a page shows: some hundred KiB. */
const MOST_SHOWN = 100;

/** Good, bad, or neither. */
export type Tone = 'good' | 'bad' | 'plain';

/** One figure with its name. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly tone: Tone;
}

/** One cell of a matrix. Its text says all; the value only shades it. */
export interface Cell {
  readonly text: string;
  /** null is not shaded. */
  readonly value: number | null;
  readonly tone: Tone;
}

export interface MatrixRow {
  readonly label: string;
  readonly cells: readonly Cell[];
}

/** A matrix, shaded by the logarithm of its values. Without columns each row has cells of its own. */
export interface Matrix {
  readonly kind: 'matrix';
  readonly title: string;
  readonly note: string;
  readonly columns: readonly string[];
  readonly rows: readonly MatrixRow[];
}

/** A value with its spread. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly text: string;
}

/** Bars from zero, or with `log` from the least power of ten; `mark` is where a line is drawn. */
export interface Bars {
  readonly kind: 'bars';
  readonly title: string;
  readonly note: string;
  readonly log: boolean;
  readonly mark: number | null;
  readonly items: readonly Bar[];
}

/** One figure over several results, in the order in which they were given. */
export interface Trend {
  readonly kind: 'trend';
  readonly title: string;
  readonly points: readonly { readonly label: string; readonly value: number }[];
}

/** A point of a curve, with its spread where there is one. */
interface Point {
  readonly x: number;
  readonly y: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Several figures over one quantity, in both directions logarithmic or not; `x` and `y` are named. */
export interface Curves {
  readonly kind: 'curves';
  readonly title: string;
  readonly note: string;
  readonly x: string;
  readonly y: string;
  readonly log: boolean;
  readonly series: readonly { readonly label: string; readonly points: readonly Point[] }[];
}

/** Lines as they are, a finding with its picture. */
export interface Verbatim {
  readonly kind: 'verbatim';
  readonly title: string;
  readonly tone: Tone;
  readonly lines: readonly string[];
}

/** Sentences. Each may begin with what it answers. */
export interface Prose {
  readonly kind: 'prose';
  readonly title: string;
  readonly items: readonly { readonly lead: string; readonly text: string }[];
}

/** Text that may lead to a page outside, and what is said behind it. */
export interface Phrase {
  readonly text: string;
  /** An address of the web, or what follows the base of its row; null leads nowhere. */
  readonly href: string | null;
  readonly note: string;
}

/** What a row of a listing says when it is opened. */
export interface Detail {
  readonly term: string;
  readonly phrases: readonly Phrase[];
}

export interface ListingRow {
  readonly label: string;
  readonly note: string;
  /** Where a drawing of the same section leads to; null for nowhere. */
  readonly anchor: string | null;
  readonly cells: readonly string[];
  /** What all addresses in its details begin with; empty where each is whole. */
  readonly base: string;
  readonly details: readonly Detail[];
}

export interface ListingColumn {
  readonly title: string;
  readonly isNumber: boolean;
  /** True where rows can be chosen by their value. */
  readonly isChoice: boolean;
  /** True for what a narrow window leaves out. */
  readonly isMinor: boolean;
}

/** A table whose rows open, to be sorted, searched and chosen from. */
export interface Listing {
  readonly kind: 'listing';
  readonly title: string;
  readonly note: string;
  readonly columns: readonly ListingColumn[];
  readonly rows: readonly ListingRow[];
}

/** Shares as areas, in groups. */
export interface Treemap {
  readonly kind: 'treemap';
  readonly title: string;
  readonly note: string;
  /** What an area can stand for; the first one is shown. */
  readonly measures: readonly string[];
  /** What a colour can stand for, with all values; the first one is shown. */
  readonly colourings: readonly { readonly title: string; readonly values: readonly string[] }[];
  readonly items: readonly TreemapItem[];
}

export interface TreemapItem {
  readonly label: string;
  readonly group: string;
  /** All that is said of it. */
  readonly text: string;
  /** A row of the same section; null leads nowhere. */
  readonly anchor: string | null;
  /** By measure. */
  readonly sizes: readonly number[];
  /** By colouring, the number of its value. */
  readonly classes: readonly number[];
}

export type Block = Matrix | Bars | Curves | Trend | Verbatim | Prose | Listing | Treemap;

/** What one result says. */
export interface Section {
  readonly title: string;
  /** The file that it was read from. */
  readonly source: string;
  readonly facts: readonly Fact[];
  readonly blocks: readonly Block[];
  /** Figures that make a trend when there are several results of this kind, by their names. */
  readonly figures: Readonly<Record<string, number>>;
}

export function fact(label: string, value: string | number, tone: Tone = 'plain'): Fact {
  return { label, value: typeof value === 'number' ? grouped(value) : value, tone };
}

/** Blocks that are shown one by one, findings for example; what is beyond has its number and no place. */
export function firstBlocks(blocks: readonly Block[], most: number = MOST_SHOWN): Block[] {
  const more = blocks.length - most;
  if (more <= 0) return [...blocks];
  const lines = [`${grouped(more)} more are in the JSON and not in this page`];
  return [...blocks.slice(0, most), { kind: 'verbatim', title: 'And more', tone: 'bad', lines }];
}

/** A count of which none is good and any is bad. */
export function faults(label: string, count: number): Fact {
  return fact(label, count, count === 0 ? 'good' : 'bad');
}

/** A cell with a count: not shaded when it is 0. */
export function counted(count: number, tone: Tone = 'plain'): Cell {
  return { text: count === 0 ? '-' : grouped(count), value: count, tone };
}

/** A cell that is only text. */
export function said(text: string, tone: Tone = 'plain'): Cell {
  return { text, value: null, tone };
}

/** A number with thousands set apart, at most two places behind the point. */
export function grouped(value: number): string {
  const [whole = '', rest] = String(Math.round(value * 100) / 100).split('.');
  const set = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return rest === undefined ? set : `${set}.${rest}`;
}
