/**
 * The blocks of a survey: where the work is, in which order, what goes wrong, and every file.
 * @module
 */
import type { Census, CensusFile, CensusHazard } from '../survey/census.ts';
import { answers, hazardsByRule, waveFigures } from '../survey/figures.ts';
import { hoursRange, sumBy, touchingFiles } from '../survey/groups.ts';
import {
  type Bars,
  type Block,
  type Detail,
  grouped,
  type Listing,
  type ListingColumn,
  type ListingRow,
  type Phrase,
  type Treemap,
} from './model.ts';

/** Sightings of how a file completes or waits that are named. */
const NAMED = 6;

/** All blocks. @param sourceUrl prefix of links to source lines; `<prefix><path>#L<line>` */
export function surveyBlocks(census: Census, sourceUrl: string): Block[] {
  const files = touchingFiles(census).sort((a, b) => b.hours - a.hours);
  return [
    { kind: 'prose', title: 'What is said, and what is so', items: answers(census) },
    treemapOf(files),
    hoursBars('Hours by role', files, (file) => file.role),
    hoursBars('Hours by what is done with lists', files, (file) => file.handling),
    hoursBars('Hours by mode', files, (file) => file.mode),
    waveBars(census),
    hazardListing(census, sourceUrl),
    fileListing(census, files, sourceUrl),
    {
      kind: 'prose',
      title: 'What the survey cannot see',
      items: census.limits.map((text) => ({ lead: '', text })),
    },
  ];
}

function treemapOf(files: readonly CensusFile[]): Treemap {
  const handlings = [...sumBy(files, (file) => file.handling).keys()];
  const modes = [...sumBy(files, (file) => file.mode).keys()];
  return {
    kind: 'treemap',
    title: 'Where the work is',
    note: 'One rectangle a file, grouped by role. Select one to see its row below.',
    measures: ['hours', 'sites'],
    colourings: [
      { title: 'what it does with lists', values: handlings },
      { title: 'sync or async', values: modes },
    ],
    items: files.map(({ path, role, sites, hours, handling, mode }) => ({
      label: path.slice(path.lastIndexOf('/') + 1),
      group: role,
      text: `${path}: ${sites} sites, ${hours} h, ${handling}, ${mode}`,
      anchor: path,
      sizes: [hours, sites],
      classes: [handlings.indexOf(handling), modes.indexOf(mode)],
    })),
  };
}

function hoursBars(
  title: string,
  files: readonly CensusFile[],
  of: (file: CensusFile) => string,
): Bars {
  const items = [...sumBy(files, of)].map(([label, sum]) => ({
    label,
    value: sum.hours,
    low: null,
    high: null,
    text: `${grouped(Math.round(sum.hours))} hours, ${grouped(sum.files)} files`,
  }));
  items.sort((a, b) => b.value - a.value);
  return { kind: 'bars', title, note: '', log: false, mark: null, items };
}

function waveBars(census: Census): Bars {
  return {
    kind: 'bars',
    title: 'Order',
    note: 'Hours by wave; a wave begins when what it waits for is in.',
    log: false,
    mark: null,
    items: waveFigures(census).map(({ wave, what, blockers, files, sites, hours }) => ({
      label: `${wave}: ${what}; waits for ${blockers.join(', ') || 'nothing'}`,
      value: hours,
      low: null,
      high: null,
      text: `${grouped(Math.round(hours))} hours, ${grouped(files)} files, ${grouped(sites)} sites`,
    })),
  };
}

function column(title: string, kind: 'number' | 'choice' | 'minor choice'): ListingColumn {
  return {
    title,
    isNumber: kind === 'number' || title === 'wave',
    isChoice: kind !== 'number',
    isMinor: kind === 'minor choice',
  };
}

/** One row a rule, which opens to the lines where it is broken. */
function hazardListing(census: Census, sourceUrl: string): Listing {
  return {
    kind: 'listing',
    title: 'Hazards',
    note: 'What a mechanical conversion gets wrong. Each opens to its places.',
    columns: [column('places', 'number'), column('files', 'number')],
    rows: hazardsByRule(census).map(({ rule, found }) => ({
      label: rule.flag,
      note: `${rule.id}: ${rule.text}`,
      anchor: null,
      cells: [grouped(found.length), grouped(new Set(found.map(({ path }) => path)).size)],
      base: '',
      details: [
        {
          term: 'places',
          phrases: found.map(({ path, line, what }) => ({
            text: `${path}:${line}`,
            href: `${sourceUrl}${path}#L${line}`,
            note: what,
          })),
        },
      ],
    })),
  };
}

function fileListing(census: Census, files: readonly CensusFile[], sourceUrl: string): Listing {
  const hazards = new Map<string, CensusHazard[]>();
  for (const one of census.hazards) hazards.set(one.path, [...(hazards.get(one.path) ?? []), one]);
  return {
    kind: 'listing',
    title: 'Files',
    note: 'The one with the most hours first; hours are half to double.',
    columns: [
      column('role', 'minor choice'),
      column('handling', 'minor choice'),
      column('mode', 'minor choice'),
      column('wave', 'choice'),
      column('sites', 'number'),
      column('hours', 'number'),
    ],
    rows: files.map((file) => fileRow(file, hazards.get(file.path) ?? [], sourceUrl)),
  };
}

function fileRow(
  file: CensusFile,
  hazards: readonly CensusHazard[],
  sourceUrl: string,
): ListingRow {
  const { path, role, handling, mode, wave, sites, hours } = file;
  return {
    label: path,
    note: '',
    anchor: path,
    cells: [role, handling, mode, String(wave ?? '-'), grouped(sites), hoursRange(hours)],
    base: `${sourceUrl}${path}#L`,
    details: fileDetails(file, hazards),
  };
}

function fileDetails(file: CensusFile, hazards: readonly CensusHazard[]): Detail[] {
  const { groups, hours, hoursTerms, blockedBy, asyncEvidence, patches, maintainers } = file;
  const link = (line: number, text: string): Phrase => ({ ...plain(text), href: String(line) });
  const terms = Object.entries(hoursTerms).map(([term, value]) => `${value} ${term}`);
  const evidence = asyncEvidence.slice(0, NAMED).map(({ kind, text, path, line }) => {
    const what = [kind, text, `${path ?? ''}:${line}`].filter(Boolean).join(' ');
    return path === undefined ? link(line, what) : plain(what);
  });
  const flags = [...new Set(hazards.map(({ flag }) => flag))];
  const details: Detail[] = [
    { term: 'source', phrases: [link(1, 'open')] },
    {
      term: 'what',
      phrases: [file.role, file.handling, file.mode].map(plain),
    },
    {
      term: 'sites',
      phrases: Object.entries(groups).map(([group, count]) => plain(`${group} ${count}`)),
    },
    { term: 'hours', phrases: [plain(`${terms.join(' + ')} = ${hours}`)] },
    { term: 'waits for', phrases: blockedBy.map(plain) },
    { term: 'because', phrases: evidence },
    ...flags.map((flag) => ({
      term: flag,
      phrases: hazards.flatMap((one) =>
        one.flag === flag ? [link(one.line, `line ${one.line}`)] : [],
      ),
    })),
    {
      term: 'patches',
      phrases: Object.entries(patches).map(([id, count]) => plain(`${id} x${count}`)),
    },
    { term: 'who must ack', phrases: maintainers.map(plain) },
  ];
  return details.filter(({ phrases }) => phrases.length > 0);
}

function plain(text: string): Phrase {
  return { text, href: null, note: '' };
}
