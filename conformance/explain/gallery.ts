/**
 * A gallery of the conversions: each template on one case that is right, its scatterlist code beside its
 * iov_iter code, one page each, and an index.
 *
 * The case of a template is the first of its simplest algorithm, over generic drivers, that both sides
 * finish without error, on lists that are cut across blocks and pages. So it is the same in every run.
 * @module
 */
import { cryptoApiInit as convertedInit } from '../../converted/init.ts';
import { cryptoApiInit as legacyInit } from '../../legacy/init.ts';
import { Machine } from '../../src/machine/machine.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import { type Driver, driversOf } from '../algorithms/drivers.ts';
import { ALGORITHMS } from '../algorithms.ts';
import {
  bytesLength,
  type Case,
  type Layout,
  type MemoryKind,
  type Segment,
  sourceLength,
  targetLength,
} from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { htmlDocument } from '../page/document.ts';
import { escapeHtml } from '../page/escape.ts';
import { type Explanation, explainCase } from './explain.ts';
import { explainHtml } from './page.ts';
import type { Step, StepKind } from './step.ts';

/** One template, shown. */
export interface Exhibit {
  readonly template: string;
  readonly driver: string;
  readonly explanation: Explanation;
}

/** A file of the gallery. */
export interface GalleryFile {
  readonly name: string;
  readonly page: string;
}

/** Cases that are looked at to find one for a template. */
const TRIED = 1000;
/** Of which so many are walked, at most. */
const WALKED = 40;
/** Text of an exhibit: enough for several blocks, little enough to be stepped through. */
const TEXT = { least: 33, most: 130 } as const;
const MOST_AD = 64;
const SEED = 1;
/** What the operations of the pages are: the forward ones. */
const SHOWN: readonly Case['op'][] = ['encrypt', 'digest', 'sign', 'generate'];
const SOURCE: readonly MemoryKind[] = ['page', 'slab', 'user'];
const TARGET: readonly MemoryKind[] = ['user', 'page', 'cache'];

/** What is counted of each side in the index. */
const COUNTED: readonly (readonly [string, readonly StepKind[]])[] = [
  ['byte kernels', ['cipher']],
  ['copies', ['copy']],
  ['taken', ['take']],
  ['queued', ['queue']],
];

/** Names of the templates that both APIs have, in alphabetical order. */
export function galleryTemplates(): string[] {
  const machine = new Machine({ memory: 1 << 20 });
  const converted = convertedInit(machine).registry.templateNames();
  const names = legacyInit(machine).registry.templateNames();
  // What ends in _base is the template of a shorter name, asked for with its parts.
  return names.filter((name) => converted.includes(name) && !name.endsWith('_base')).sort();
}

/** A template on its case. @returns null when no case of it ends well on both sides */
export function exhibitOf(template: string): Exhibit | null {
  const found = driverUnder(template);
  if (found === null) return null;
  const generator = new CaseGenerator([found.alg]);
  const drawn = Array.from({ length: TRIED }, (_, i) => generator.at(SEED, i));
  const fit = drawn.filter((c) => isShown(c, found));
  // An AEAD is shown with associated data where it takes any.
  const hasAd = ({ ad }: Case): boolean => bytesLength(ad) > 0 && bytesLength(ad) <= MOST_AD;
  const inOrder = [...fit.filter(hasAd), ...fit];
  for (const c of inOrder.slice(0, WALKED)) {
    const explanation = explainCase(tidied(c));
    const { trial, violations } = explanation;
    if (violations.length === 0 && trial.observations.every(({ result }) => result === 0)) {
      return { template, driver: found.driver, explanation };
    }
  }
  return null;
}

/** The first driver in the table that is an instance of it, on both sides. */
function driverUnder(template: string): Driver | null {
  const names = [`${template}(`, `${template}_base(`];
  for (const { name } of ALGORITHMS) {
    const found = driversOf(name).find(
      ({ driver, legacy, converted }) =>
        legacy && converted && names.some((start) => driver.startsWith(start)),
    );
    if (found !== undefined) return found;
  }
  return null;
}

function isShown(c: Case, { driver, kind }: Driver): boolean {
  const length = bytesLength(c.text);
  const isPlain = c.program === undefined && c.tamper === null && c.key !== null;
  // A key is generated from nothing.
  const least = kind === 'kpp' ? 0 : kind === 'akcipher' ? 1 : TEXT.least;
  const isFit = length >= least && length <= TEXT.most;
  return c.driver === driver && isPlain && SHOWN.includes(c.op) && isFit;
}

/** The same request in a plain context, on lists of three kinds of memory. */
function tidied(c: Case): Case {
  const plain = { ...c.context, sleep: true, atomic: false, reuse: false, fault: 0, gather: 0 };
  const layout: Layout = {
    inplace: 'no',
    src: cut(sourceLength(c), SOURCE),
    dst: cut(targetLength(c), TARGET),
    chain: 0,
  };
  return { ...c, context: { ...plain, backlog: false, forbidWeak: false }, layout };
}

/** Odd pieces, the second kind of page over its end. */
function cut(length: number, kinds: readonly MemoryKind[]): Segment[] {
  const third = Math.floor(length / 3) | 1;
  let left = length;
  return kinds.flatMap((kind, i) => {
    const len = i === kinds.length - 1 ? left : Math.min(third, left);
    left -= len;
    if (len === 0) return [];
    return [{ kind, offset: kind === 'page' ? PAGE_SIZE - 5 : 3 + 4 * i, len }];
  });
}

/** The pages of exhibits and their index, `index.html`. */
export function galleryFiles(exhibits: readonly Exhibit[]): GalleryFile[] {
  const file = (at: number): string => `${exhibits[at].template}.html`;
  const pages = exhibits.map(({ explanation, template }, at) => {
    const links = [{ text: 'all templates', href: 'index.html' }];
    if (at > 0) links.push({ text: `before: ${exhibits[at - 1].template}`, href: file(at - 1) });
    if (at + 1 < exhibits.length) {
      links.push({ text: `next: ${exhibits[at + 1].template}`, href: file(at + 1) });
    }
    return { name: `${template}.html`, page: explainHtml(explanation, 'converted', links) };
  });
  return [{ name: 'index.html', page: indexHtml(exhibits) }, ...pages];
}

function indexHtml(exhibits: readonly Exhibit[]): string {
  const heads = ['steps', ...COUNTED.map(([name]) => name)];
  const rows = exhibits.map(({ template, driver, explanation }) => {
    const [old, converted] = explanation.sides.map(({ steps }) => countsOf(steps));
    const cells = heads.map(
      (_, i) => `<td class="n">${old[i]}</td><td class="n">${converted[i]}</td>`,
    );
    const name = escapeHtml(template);
    return `<tr><th scope="row"><a href="${name}.html">${name}</a><br><code>${escapeHtml(driver)}</code></th>${cells.join('')}</tr>`;
  });
  const groups = heads.map((head) => `<th scope="colgroup" colspan="2">${head}</th>`);
  const sides = heads.map(() => '<th scope="col">sg</th><th scope="col">iter</th>');
  return htmlDocument({
    title: 'Templates, by scatterlists and by iov_iter',
    style: INDEX_STYLE,
    script: '',
    body: `<main>
<h1>Templates, by scatterlists and by iov_iter</h1>
<p>Each template encrypts, or hashes, or signs, one message in pieces of three kinds of memory, on both sides. Its page shows every step over that memory: the scatterlist code (sg) beside the code over iov_iter and bio_vec (iter).</p>
<div class="scroll" tabindex="0" role="region" aria-label="templates"><table><thead><tr><td rowspan="2"></td>${groups.join('')}</tr><tr>${sides.join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>
<p class="dim">Steps of the operation alone. Byte kernels: calls that read and write data; copies: between memory and memory; taken: pages, objects, mappings and references; queued: work for later.</p>
</main>`,
  });
}

function countsOf(steps: readonly Step[]): number[] {
  const own = steps.filter(({ phase }) => phase === 'operation');
  return [
    own.length,
    ...COUNTED.map(([, kinds]) => own.filter(({ kind }) => kinds.includes(kind)).length),
  ];
}

const INDEX_STYLE = `
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:14px}
th,td{padding:4px 10px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
thead th{font-size:12px;color:var(--dim);font-weight:400}
tbody th{font-weight:600}
tbody th code{font-weight:400;color:var(--dim);font-size:12px}
.n{text-align:right;font-variant-numeric:tabular-nums}
`;
