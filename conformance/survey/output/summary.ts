/** The terminal report: answers first, then the tables they rest on. */
import { WAVES } from '../assess/wave.ts';
import type { Census, CensusFile } from '../census.ts';
import { HAZARDS } from '../data/hazards.ts';
import {
  areaOf,
  filesOfWave,
  hoursRange,
  sumBy,
  sumOf,
  touchingFiles,
  waveNumbers,
} from '../groups.ts';
import { ROLES } from '../role.ts';
import { formatNumber as n, renderTable } from './table.ts';

/** Files in the table of the largest ones. */
const LARGEST = 15;

function percent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${Math.round((100 * part) / whole)} %`;
}

/** The whole terminal report. */
export function renderSummary(census: Census): string {
  const blocks = [
    headline(census),
    answers(census),
    hardCore(census),
    byRole(census),
    byArea(census),
    byHandling(census),
    algorithms(census),
    consumers(census),
    waves(census),
    hazards(census),
    largest(census),
    selfCheck(census),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function headline({ tree, totals }: Census): string {
  return (
    `Linux ${tree.version}: ${n(totals.files)} files, ${n(totals.functions)} functions and` +
    ` ${n(totals.sites)} call sites touch scatterlists for crypto;` +
    ` about ${n(totals.hours)} h (${hoursRange(totals.hours)})\n` +
    `(${n(totals.inScope)} of ${n(tree.sources)} source files in scope,` +
    ` ${n(totals.lines)} lines; files in scope ${tree.fileHash})`
  );
}

/** The two sentences of the public discussion, answered. */
function answers(census: Census): string {
  const { totals } = census;
  const files = touchingFiles(census);
  const roles = sumBy(files, (f) => f.role);
  const drivers = sumOf(roles, 'hw-driver');
  const glue = files.filter((f) => f.role === 'sw-arch');
  const walkOnly = glue.filter((f) => f.handling === 'walk-only').length;
  const callers = files.filter((f) => f.role === 'consumer');
  const pipelined = callers.filter((f) => f.mode === 'pipelined').length;
  const async = totals.asyncFlagged + totals.asyncByEvidence;
  return [
    '"Lots of places in the crypto subsystem need the changes, and not all of it in C"',
    `  Lots of places: ${n(totals.files)} files, ${n(totals.sites)} sites. But C only:` +
      ` ${n(totals.assemblyHits)} lines in ${n(totals.assemblyFiles)} assembly files name a list` +
      ` or a walker; their boundary are ${glue.length} glue files in C, ${walkOnly} of them walk-only.`,
    '"The async part is actually not that much"',
    `  True of callers: ${pipelined} of ${callers.length} go on while a request is in flight.` +
      ` Not of providers: ${n(async)} of ${n(totals.listAlgorithms)} list-taking algorithms are` +
      ` async (${totals.asyncByEvidence} without the flag); drivers are ${drivers.files} of` +
      ` ${n(totals.files)} files, ${percent(drivers.sites, totals.sites)} of the sites,` +
      ` ${percent(drivers.hours, totals.hours)} of the hours.`,
  ].join('\n');
}

/** What no script will do. */
function hardCore(census: Census): string {
  const inFiles = (pattern: RegExp): string => {
    const sites = census.sites.filter((s) => pattern.test(s.name));
    return `${sites.length} in ${new Set(sites.map((s) => s.path)).size} files`;
  };
  const mechanical = new Map<string, number>();
  for (const s of census.sites)
    mechanical.set(s.mechanical, (mechanical.get(s.mechanical) ?? 0) + 1);
  const shares = [...mechanical].sort((a, b) => b[1] - a[1]).map(([k, v]) => `${k} ${n(v)}`);
  return [
    'The hard core',
    `  chains ${inFiles(/^(?:sg_chain|scatterwalk_crypto_chain)$/)},` +
      ` scatterwalk_ffwd ${inFiles(/^scatterwalk_ffwd$/)},` +
      ` in-place by list identity ${census.totals.identity} (+${census.totals.reversed} reversed)`,
    `  sites by how far a tool gets: ${shares.join(', ')}`,
  ].join('\n');
}

function sumRows(
  files: readonly CensusFile[],
  key: (f: CensusFile) => string,
  order: readonly string[],
): (readonly (string | number)[])[] {
  const sums = sumBy(files, key);
  const names = [
    ...order.filter((k) => sums.has(k)),
    ...[...sums.keys()].filter((k) => !order.includes(k)),
  ];
  return names.map((name) => {
    const sum = sumOf(sums, name);
    return [name, sum.files, sum.sites, Math.round(sum.hours)];
  });
}

function byRole(census: Census): string {
  return renderTable(
    ['role', 'files', 'sites', 'hours'],
    sumRows(touchingFiles(census), (f) => f.role, ROLES),
  );
}

function byArea(census: Census): string {
  return renderTable(
    ['area', 'files', 'sites', 'hours'],
    sumRows(touchingFiles(census), (f) => areaOf(f.path), [
      'crypto',
      'arch/*/crypto',
      'drivers/crypto',
    ]),
  );
}

function byHandling(census: Census): string {
  const order = ['walk-only', 'walk+pass', 'pass-through', 'dma', 'walks', 'builds', 'copies'];
  return renderTable(
    ['handling', 'files', 'sites', 'hours'],
    sumRows(touchingFiles(census), (f) => f.handling, order),
  );
}

function algorithms(census: Census): string {
  const types = ['skcipher', 'aead', 'ahash', 'akcipher', 'kpp', 'acomp'];
  const count = (type: string, mode: string): number =>
    census.algs.filter((a) => a.type === type && a.mode === mode).length;
  const rows = types.map((type) => [type, count(type, 'async'), count(type, 'sync')]);
  const units = census.totals;
  return (
    `${renderTable(['algorithms', 'async', 'sync'], rows)}\n` +
    `${units.templates} files define a template; ${units.driverUnits} driver units,` +
    ` ${units.driverUnitsTouching} touch lists, ${units.driverUnitsMapping} map them for DMA`
  );
}

function consumers(census: Census): string {
  const callers = touchingFiles(census).filter((f) => f.role === 'consumer');
  const rows = ['pipelined', 'own-wait', 'wait', 'sync', 'unknown', 'alloc-only'].map((mode) => {
    const files = callers.filter((f) => f.mode === mode);
    return [
      mode,
      files.length,
      files
        .map((f) => f.path)
        .slice(0, 3)
        .join(' '),
    ];
  });
  return renderTable(['callers wait', 'files', 'for example'], rows);
}

function waves(census: Census): string {
  const rows = waveNumbers().map((wave) => {
    const files = filesOfWave(census, wave);
    const blockers = new Set(files.flatMap((f) => f.blockedBy));
    return [
      `wave ${wave}`,
      files.length,
      files.reduce((s, f) => s + f.sites, 0),
      Math.round(files.reduce((s, f) => s + f.hours, 0)),
      WAVES[wave],
      [...blockers].sort().join(', ') || '-',
    ];
  });
  return renderTable(['wave', 'files', 'sites', 'hours', 'what', 'waits for'], rows);
}

function hazards(census: Census): string {
  const rows = HAZARDS.map((rule) => {
    const found = census.hazards.filter((h) => h.flag === rule.flag);
    const files = new Set(found.map((h) => h.path)).size;
    const first = found[0] === undefined ? '-' : `${found[0].path}:${found[0].line}`;
    return [rule.id, rule.flag, found.length, files, first];
  });
  return renderTable(['rule', 'hazard', 'places', 'files', 'first'], rows);
}

function largest(census: Census): string {
  const rows = touchingFiles(census)
    .sort((a, b) => b.hours - a.hours)
    .slice(0, LARGEST)
    .map((f) => [
      f.path,
      f.sites,
      hoursRange(f.hours),
      f.handling,
      f.mode,
      f.maintainers[0] ?? '-',
    ]);
  return renderTable(['largest files', 'sites', 'hours', 'handling', 'mode', 'MAINTAINERS'], rows);
}

function selfCheck(census: Census): string {
  const calls = Object.values(census.names).reduce((sum, count) => sum + count, 0);
  const differences = census.errors.filter((e) => /: parser \d+, scan \d+$/.test(e.what));
  const parse = census.errors.length - differences.length;
  return [
    `Self-check: parser and token scan agree on ${n(calls)} catalogued calls,` +
      ` ${differences.length} differences; ${n(parse)} parse errors reported`,
    ...differences.map((e) => `  ${e.path}: ${e.what}`),
    `List functions of the headers that are not catalogued: ${
      census.uncatalogued.map((u) => u.name).join(' ') || 'none'
    }`,
    'Limits',
    ...census.limits.map((limit) => `  ${limit}`),
  ].join('\n');
}
