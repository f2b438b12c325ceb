/** One row per tree: what is left, over a series of reports. */
import type { Census } from '../census.ts';
import { sumBy, sumOf, touchingFiles } from '../groups.ts';
import { type Cell, renderTable } from '../output/table.ts';

/** Names whose counts show the progress of a conversion. */
const WATCHED = [
  'sg_chain',
  'scatterwalk_ffwd',
  'scatterwalk_map_and_copy',
  'memcpy_from_sglist',
  'memcpy_to_sglist',
  'skcipher_walk_virt',
  'dma_map_sg',
  'skcipher_request_set_crypt',
  'aead_request_set_crypt',
  'ahash_request_set_crypt',
  'ahash_request_set_virt',
  'crypto_wait_req',
  'sg_init_one',
  'skb_to_sgvec',
  'crypto_alloc_ahash',
  'crypto_alloc_shash',
  'crypto_alloc_skcipher',
  'crypto_alloc_aead',
  'crypto_alloc_sync_skcipher',
] as const;

/** What is left in one tree. */
export interface BurnDownRow {
  readonly version: string;
  readonly files: number;
  readonly sites: number;
  readonly hours: number;
  /** Files, sites and hours of the three roles that matter most. */
  readonly drivers: string;
  readonly callers: string;
  readonly glue: string;
  /** Callers with a callback of their own, waiting, synchronous. */
  readonly waits: string;
  readonly dmaFiles: number;
  readonly walkOnlyFiles: number;
  readonly identity: number;
  readonly names: Readonly<Record<string, number>>;
  /** Caller files, to see which came and went. */
  readonly callerFiles: readonly string[];
}

/** Condenses reports, oldest first. Trees of one version are told apart by their digest. */
export function burnDownRows(reports: readonly Census[]): BurnDownRow[] {
  const versions = reports.map((r) => r.tree.version);
  return reports.map((report) => {
    const { version, fileHash } = report.tree;
    const isUnique = versions.filter((v) => v === version).length === 1;
    return rowOf(report, isUnique ? version : `${version}-${fileHash.slice(0, 7)}`);
  });
}

function rowOf(census: Census, version: string): BurnDownRow {
  const files = touchingFiles(census);
  const roles = sumBy(files, (f) => f.role);
  const triple = (role: string): string => {
    const sum = sumOf(roles, role);
    return `${sum.files}/${sum.sites}/${Math.round(sum.hours)}`;
  };
  const callers = files.filter((f) => f.role === 'consumer');
  const waiting = (modes: readonly string[]): number =>
    callers.filter((f) => modes.includes(f.mode)).length;
  return {
    version,
    files: census.totals.files,
    sites: census.totals.sites,
    hours: census.totals.hours,
    drivers: triple('hw-driver'),
    callers: triple('consumer'),
    glue: triple('sw-arch'),
    waits: `${waiting(['pipelined', 'own-wait'])}/${waiting(['wait'])}/${waiting(['sync'])}`,
    dmaFiles: files.filter((f) => f.handling === 'dma').length,
    walkOnlyFiles: files.filter((f) => f.handling === 'walk-only').length,
    identity: census.totals.identity,
    names: Object.fromEntries(WATCHED.map((name) => [name, census.names[name] ?? 0])),
    callerFiles: callers.map((f) => f.path),
  };
}

/** The table, and the caller files that came and went between neighbours. */
export function renderBurnDown(rows: readonly BurnDownRow[]): string {
  const header = [
    'tree',
    'files',
    'sites',
    'hours',
    'hw-driver f/s/h',
    'consumer f/s/h',
    'sw-arch f/s/h',
    'own callback/wait/sync',
    'dma files',
    'walk-only',
    'identity',
  ];
  const table = rows.map((r): Cell[] => [
    r.version,
    r.files,
    r.sites,
    r.hours,
    r.drivers,
    r.callers,
    r.glue,
    r.waits,
    r.dmaFiles,
    r.walkOnlyFiles,
    r.identity,
  ]);
  const names = WATCHED.map((name): Cell[] => [name, ...rows.map((r) => r.names[name] ?? 0)]);
  const blocks = [
    renderTable(header, table),
    renderTable(['calls', ...rows.map((r) => r.version)], names),
    ...rows.slice(1).flatMap((row, i) => changes(rows[i], row)),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function changes(from: BurnDownRow, to: BurnDownRow): string[] {
  const gone = from.callerFiles.filter((f) => !to.callerFiles.includes(f));
  const came = to.callerFiles.filter((f) => !from.callerFiles.includes(f));
  if (gone.length + came.length === 0) return [];
  const lines = [...gone.map((f) => `  - ${f}`), ...came.map((f) => `  + ${f}`)];
  return [`Callers, ${from.version} to ${to.version}\n${lines.join('\n')}`];
}
