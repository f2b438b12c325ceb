/**
 * Rooms: the folders of design, each entered by its front files only, and the picture of who stands on
 * whom.
 * @module
 */
import { type Import, importsOf, isTest, type Source } from './sources.ts';

/**
 * Rooms that may only be entered by the files named here. A room that is not listed is a shelf: each of
 * its files is a front.
 */
export const FRONTS: Readonly<Record<string, readonly string[]>> = {
  'conformance/campaign': [
    ...['answer.ts', 'axes.ts', 'canaries.ts', 'conform.ts', 'harness.ts', 'jobs.ts', 'pool.ts'],
    ...[
      'corpus.ts',
      'journal.ts',
      'read-case.ts',
      'replay.ts',
      'replay-case.ts',
      'schedules.ts',
      'failures.ts',
      'drivers.ts',
    ],
  ],
  'conformance/commands': ['main.ts'],
  'conformance/fleet': ['build.ts', 'campaign.ts', 'campaigns.ts', 'engine.ts', 'work.ts'],
  'conformance/lifetimes': ['lifetimes.ts', 'representation.ts', 'rig.ts'],
  'conformance/linux': ['certify.ts'],
  'conformance/mutants': ['mutants.ts', 'report.ts'],
  'conformance/survey': ['survey.ts', 'census.ts', 'census-schema.ts', 'figures.ts', 'groups.ts'],
  'converted/front': ['index.ts', 'user-memory.ts'],
  'src/provider/noble': ['noble.ts'],
  'src/provider/openssl': ['openssl.ts'],
};

/**
 * The room of a file: its folder, two levels deep. What lies directly in a side is its core, but for the
 * roots that compose it; what lies directly in conformance is a room by itself.
 */
export function roomOf(path: string): string {
  const parts = path.split('/');
  if (parts.length > 2) return parts.slice(0, 2).join('/');
  const [folder, file] = parts;
  if (folder === 'src' || folder === 'bench') return folder;
  const own = folder === 'conformance' || /^(init|index)\.ts$/.test(file);
  return `${folder}/${own ? file.replace(/\.ts$/, '') : 'core'}`;
}

/** An import that enters a room by another file than its front; null when all is well. */
export function frontError({ from, to }: Import): string | null {
  const room = Object.keys(FRONTS).find((name) => to.startsWith(`${name}/`));
  if (room === undefined || from.startsWith(`${room}/`)) return null;
  return FRONTS[room].includes(to.slice(room.length + 1))
    ? null
    : `${from}: enters ${room} by ${to.slice(room.length + 1)}`;
}

/** Rooms that each room imports, tests left out. */
export function roomGraph(sources: readonly Source[]): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  const edges = (room: string): Set<string> => {
    const known = graph.get(room) ?? new Set<string>();
    graph.set(room, known);
    return known;
  };
  for (const source of sources.filter(({ path }) => !isTest(path))) {
    const from = roomOf(source.path);
    edges(from);
    for (const { to } of importsOf(source)) if (roomOf(to) !== from) edges(from).add(roomOf(to));
  }
  return graph;
}

/**
 * The picture: a Mermaid flow chart. Rooms that stand on each other are one box, and an arrow that others
 * imply (a -> b -> c implies a -> c) is left out, or nobody could read it.
 */
export function architecture(sources: readonly Source[]): string {
  const graph = roomGraph(sources);
  const rooms = [...graph.keys()].sort();
  const boxOf = new Map(rooms.map((room) => [room, rooms.filter((r) => mutual(graph, room, r))]));
  const first = (room: string): string => boxOf.get(room)?.[0] ?? room;
  const heads = rooms.filter((room) => first(room) === room);
  const lines = ['flowchart TD'];
  for (const folder of new Set(rooms.map((room) => room.split('/')[0]))) {
    lines.push(`  subgraph ${folder}`);
    for (const head of heads.filter((room) => room.split('/')[0] === folder)) {
      lines.push(`    ${id(head)}["${(boxOf.get(head) ?? []).map(label).join('<br>')}"]`);
    }
    lines.push('  end');
  }
  for (const a of heads) {
    for (const b of heads) {
      if (a !== b && reaches(graph, a, b) && !implied(graph, heads, a, b)) {
        lines.push(`  ${id(a)} --> ${id(b)}`);
      }
    }
  }
  return lines.join('\n');
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** True for rooms that stand on each other, directly or through others; a room does on itself. */
function mutual(graph: Graph, a: string, b: string): boolean {
  return reaches(graph, a, b) && reaches(graph, b, a);
}

function implied(graph: Graph, heads: readonly string[], a: string, b: string): boolean {
  return heads.some((c) => c !== a && c !== b && reaches(graph, a, c) && reaches(graph, c, b));
}

function reaches(graph: Graph, a: string, b: string): boolean {
  const seen = new Set([a]);
  const open = [a];
  for (let room = open.pop(); room !== undefined; room = open.pop()) {
    if (room === b) return true;
    for (const next of graph.get(room) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return false;
}

function id(room: string): string {
  return room.replaceAll(/[^a-z0-9]/g, '_');
}

function label(room: string): string {
  return room.includes('/') ? room.slice(room.indexOf('/') + 1) : room;
}
