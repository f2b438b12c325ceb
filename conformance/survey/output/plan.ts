/** The plan as markdown: waves, what each file costs, waits for, and which patches apply. */
import { WAVES } from '../assess/wave.ts';
import type { Census, CensusFile } from '../census.ts';
import { MAPPING, type MappingRow, OTHER_MAPPING } from '../data/mapping.ts';
import { PATCHES } from '../data/patches.ts';
import { filesOfWave, hoursRange, waveNumbers } from '../groups.ts';
import { formatNumber as n } from './table.ts';

/** The markdown plan. */
export function renderPlan(census: Census): string {
  return `${[
    `# Conversion plan for Linux ${census.tree.version}`,
    `${n(census.totals.files)} files, ${n(census.totals.sites)} sites, about` +
      ` ${n(census.totals.hours)} h (${hoursRange(census.totals.hours)}). Hours are a model for` +
      ' ranking; see the terms of each file in the report.',
    'The conversion duplicates the API: new requests reach a driver that has only the old half' +
      ' through a converter in the core (iterator to scatterlist), so waves 4 to 7 do not block' +
      ' each other. Cleanup comes last: drop the fallback and the scatterlist fields.',
    mappingSection(census),
    patchSection(census),
    ...waveNumbers().map((wave) => waveSection(census, wave)),
    `## Limits\n\n${census.limits.map((l) => `- ${l}`).join('\n')}`,
  ].join('\n\n')}\n`;
}

const RECIPES =
  '\\* What to type instead: conformance/recipes of sg2iter has such a caller as it is, over an' +
  ' iterator, over bio_vecs, and as calls of the library, as programs that are compiled and tested.';

/** The key of a row, with a star where there is a recipe. */
function marked({ key, recipe }: Pick<MappingRow, 'key' | 'recipe'>): string {
  return recipe === true ? `\`${key}\` *` : `\`${key}\``;
}

/** Why the other rows have none. */
function withoutRecipe(): string {
  const rows = [...MAPPING, ...OTHER_MAPPING];
  return rows
    .flatMap(({ key, recipe }) => (recipe === true ? [] : [`\`${key}\` has none: ${recipe}.`]))
    .join(' ');
}

function mappingSection(census: Census): string {
  const rows = MAPPING.map((row) => {
    const sites = census.sites.filter((s) => s.mapping === row.key);
    return `| ${marked(row)} | ${n(sites.length)} | ${row.converted} | ${row.mechanical} |`;
  });
  const virtqueue = new Map(Object.entries(census.names)).get('virtqueue_add_sgs') ?? 0;
  const others: Readonly<Record<string, number>> = {
    'in-place': census.totals.identity + census.totals.reversed,
    virtqueue,
  };
  for (const row of OTHER_MAPPING)
    rows.push(
      `| ${marked(row)} | ${n(others[row.key] ?? 0)} | ${row.converted} | ${row.mechanical} |`,
    );
  return `## What sites become\n\n| key | sites | converted | mechanical |\n|---|--:|---|---|\n${rows.join('\n')}\n\n${RECIPES} ${withoutRecipe()}`;
}

function patchSection(census: Census): string {
  const rows = PATCHES.map((patch) => {
    const files = census.files.filter((f) => (f.patches[patch.id] ?? 0) > 0);
    const edits = files.reduce((sum, f) => sum + (f.patches[patch.id] ?? 0), 0);
    return `| ${patch.id} | ${patch.title} | ${edits} / ${files.length} | ${patch.confidence} |`;
  });
  return `## Semantic patches\n\nExpected edits, each on the untouched tree. Print or run them with \`sg2iter survey patch\`.\n\n| id | changes | edits / files | confidence |\n|---|---|--:|---|\n${rows.join('\n')}`;
}

function waveSection(census: Census, wave: number): string {
  const files = filesOfWave(census, wave);
  const hours = files.reduce((sum, f) => sum + f.hours, 0);
  const sites = files.reduce((sum, f) => sum + f.sites, 0);
  const waiting = census.files.filter((f) => f.blockedBy.includes(`wave ${wave}`)).length;
  const unblocks = waiting > 0 ? ` Unblocks ${waiting} files.` : '';
  const header = `## Wave ${wave}: ${WAVES[wave]}\n\n${files.length} files, ${n(sites)} sites, about ${n(hours)} h.${unblocks}`;
  const rows = files.map(rowOf);
  return `${header}\n\n| file | sites | hours | handling | mode | waits for | patches | who must ack |\n|---|--:|--:|---|---|---|---|---|\n${rows.join('\n')}`;
}

function rowOf(file: CensusFile): string {
  const patches = Object.entries(file.patches).map(([id, count]) => `${id} x${count}`);
  return `| ${[
    `\`${file.path}\``,
    n(file.sites),
    hoursRange(file.hours),
    file.handling,
    file.mode,
    file.blockedBy.join(', ') || '-',
    patches.join(', ') || '-',
    file.maintainers[0] ?? '-',
  ].join(' | ')} |`;
}
