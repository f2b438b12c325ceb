/**
 * `sg2iter compare`: scatterlists, iterators and the library, side by side.
 * @module
 */
import type { Command } from 'commander';
import { type Comparison, compareWays } from '../compare/compare.ts';
import { countPasses, passLines } from '../compare/counting-passes.ts';
import { caughtLifetimes, lifetimeLines } from '../compare/lifetimes.ts';
import { LIMITS } from '../compare/limits.ts';
import { comparePage } from '../compare/page.ts';
import { WAYS } from '../compare/ways.ts';
import { UsageError } from '../terminal/exit.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { table } from '../terminal/table.ts';

const NS_PER_US = 1000;

export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description('users of a kernel by three ways: scatterlists, iov_iter, library calls')
    .option('--json', 'one JSON object on stdout')
    .option('--markdown', 'a page, as conformance/compare/README.md')
    .action(run);
}

function run({ json, markdown }: { readonly json?: boolean; readonly markdown?: boolean }): void {
  if (json === true && markdown === true) {
    throw new UsageError('--json and --markdown: one form or the other');
  }
  const progress = new ProgressLine();
  const scenarios = compareWays((done, all) => progress.show('scenarios', done, all));
  progress.clear();
  if (markdown === true) {
    process.stdout.write(comparePage(scenarios, countPasses()));
    return;
  }
  if (json === true) {
    const about = {
      scenarios,
      passes: countPasses(),
      lifetimes: caughtLifetimes(),
      cannot: LIMITS,
    };
    console.log(JSON.stringify({ schemaVersion: 1, ...about }, null, 2));
    return;
  }
  console.log(scenarioTable(scenarios).join('\n'));
  const passes = countPasses();
  console.log(`\n${passes.id}: entries that each step comes to, and walks of the whole list`);
  console.log(table(['step', 'scatterlist', 'iov_iter'], passLines(passes)).join('\n'));
  console.log('\nmisuses of memory that are noticed (sg2iter lifetimes):');
  for (const line of lifetimeLines()) console.log(`  ${line}`);
  for (const way of WAYS) {
    console.log(`\n${way} cannot express, or only so:`);
    for (const limit of LIMITS[way]) console.log(`  - ${limit}`);
  }
  console.log(
    '\nByte kernels are the portable ones in all ways; ns are least times in this simulator, for ratios.',
  );
}

function scenarioTable(scenarios: readonly Comparison[]): string[] {
  const costs = ['lines', 'allocations', 'entries', 'passes', 'bounces', 'copied', 'us'];
  const head = ['scenario', 'way', ...costs];
  const rows = scenarios.flatMap(({ id, alg, bytes, pieces, ways }) => [
    [`${id}: ${alg}, ${bytes} bytes in ${pieces} pieces`],
    ...WAYS.map((way) => {
      const { lines, allocations, entries, passes, bounces, bytesCopied, ns } = ways[way];
      const figures = [
        lines,
        allocations,
        entries,
        passes,
        bounces,
        bytesCopied,
        (ns / NS_PER_US).toFixed(1),
      ];
      return ['', way, ...figures.map(String)];
    }),
  ]);
  return table(head, rows);
}
