/** What a page about a census shows beside its files: answers, headline, waves, hazards by their rule. */
import { WAVES } from './assess/wave.ts';
import type { Census, CensusHazard } from './census.ts';
import { HAZARDS, type HazardRule } from './data/hazards.ts';
import { filesOfWave, hoursRange, sumBy, sumOf, touchingFiles, waveNumbers } from './groups.ts';
import { formatNumber as n } from './output/table.ts';

/** Prefix of links to source lines online; `<prefix><path>#L<line>`. */
export function onlineSource({ tree }: Census): string {
  return `https://elixir.bootlin.com/linux/v${tree.version}/source/`;
}

/** The figures that a reader wants first: name, value. */
export function headline({ totals, tree }: Census): [label: string, value: string][] {
  return [
    ['files that touch lists', `${n(totals.files)} of ${n(totals.inScope)}`],
    ['functions', n(totals.functions)],
    ['call sites', n(totals.sites)],
    ['hours', `${n(totals.hours)} (${hoursRange(totals.hours)})`],
    [
      'algorithms async',
      `${n(totals.asyncFlagged + totals.asyncByEvidence)} of ${n(totals.listAlgorithms)}`,
    ],
    [
      'lists in assembly',
      `${n(totals.assemblyHits)} in ${n(totals.assemblyFiles)} ${totals.assemblyFiles === 1 ? 'file' : 'files'}`,
    ],
    ['digest of the files', tree.fileHash],
  ];
}

/** The two sentences of the public discussion, and what the tree says to them. */
export function answers(census: Census): { readonly lead: string; readonly text: string }[] {
  const { totals } = census;
  const files = touchingFiles(census);
  const drivers = sumOf(
    sumBy(files, (f) => f.role),
    'hw-driver',
  );
  const callers = files.filter((f) => f.role === 'consumer');
  const pipelined = callers.filter((f) => f.mode === 'pipelined').length;
  const share = Math.round((100 * drivers.hours) / Math.max(totals.hours, 1));
  const hits = totals.assemblyHits === 0 ? '' : ` except ${totals.assemblyHits}`;
  return [
    {
      lead: 'Lots of places in the crypto subsystem need the changes, and not all of it in C.',
      text: `Lots of places: yes. Not in C: no line of assembly names a scatterlist or a walker${hits}; assembly gets a pointer and a length from glue in C.`,
    },
    {
      lead: 'The async part is actually not that much.',
      text: `True of callers: ${pipelined} of ${callers.length} go on while a request is in flight. Not of providers: drivers are ${n(drivers.files)} files and ${share} % of the hours.`,
    },
  ];
}

/** One step of the order in which the work is done. */
export interface WaveFigures {
  readonly wave: number;
  readonly what: string;
  readonly blockers: readonly string[];
  readonly files: number;
  readonly sites: number;
  readonly hours: number;
}

/** All waves, those without a file too. */
export function waveFigures(census: Census): WaveFigures[] {
  return waveNumbers().map((wave) => {
    const files = filesOfWave(census, wave);
    return {
      wave,
      what: WAVES[wave],
      blockers: [...new Set(files.flatMap((f) => f.blockedBy))].sort(),
      files: files.length,
      sites: files.reduce((sum, f) => sum + f.sites, 0),
      hours: files.reduce((sum, f) => sum + f.hours, 0),
    };
  });
}

/** The rules that something broke, each with all its places. */
export function hazardsByRule({
  hazards,
}: Census): { readonly rule: HazardRule; readonly found: readonly CensusHazard[] }[] {
  return HAZARDS.flatMap((rule) => {
    const found = hazards.filter(({ flag }) => flag === rule.flag);
    return found.length === 0 ? [] : [{ rule, found }];
  });
}
