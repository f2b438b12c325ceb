/**
 * The results of `conform` where it does something else than random cases: `--faults`, `--schedules`,
 * `--drivers`, `--tier`.
 * @module
 */
import { z } from 'zod';
import { pageCommand, pictureLines, replayCommand } from '../report/again.ts';
import {
  type Block,
  counted,
  fact,
  faults,
  firstBlocks,
  type Matrix,
  type Section,
} from './model.ts';
import { type Reader, reader } from './reader.ts';

const count = z.number().nonnegative();
const counts = z.record(z.string(), count);
const finding = z.object({
  check: z.string(),
  summary: z.string(),
  token: z.string(),
  order: z.array(z.number()).optional(),
});
type Finding = z.infer<typeof finding>;

const faultsSchema = z.object({
  seed: count,
  runs: count,
  byKind: z.record(z.string(), z.record(z.string(), counts)),
  drivers: z.array(
    z.object({
      driver: z.string(),
      kind: z.string(),
      cases: count,
      points: z.record(z.string(), counts),
    }),
  ),
  findings: z.array(finding),
});

const schedulesSchema = z.object({
  seed: count,
  schedules: z.object({ explored: counts, drivers: count, cut: z.array(z.string()) }),
  findings: z.array(finding),
});

const driversSchema = z.object({
  seed: count,
  cases: count,
  compared: z.array(
    z.object({
      group: z.string(),
      algorithms: count,
      drivers: count,
      cases: count,
      compared: count,
      failed: count,
    }),
  ),
  findings: z.array(finding),
});

const structuralSchema = z.object({
  seed: count,
  cases: count,
  failed: count,
  deaf: z.array(z.string()),
  undrawn: z.array(z.string()),
  drawn: counts,
  cpuMs: count,
  findings: z.array(
    z.object({
      check: z.string(),
      subject: z.string(),
      detail: z.string(),
      number: count,
      cases: count,
    }),
  ),
});

type Faults = z.infer<typeof faultsSchema>;
type Schedules = z.infer<typeof schedulesSchema>;
type Drivers = z.infer<typeof driversSchema>;
type Structural = z.infer<typeof structuralSchema>;

function findingBlock({ check, summary, token, order }: Finding): Block {
  const page = pageCommand(token);
  return {
    kind: 'verbatim',
    title: `Finding ${check}`,
    tone: 'bad',
    lines: [
      summary,
      ...(order === undefined ? [] : [`choices ${order.join(' ')}`]),
      ...pictureLines(token),
      replayCommand(token),
      ...(page === null ? [] : [page]),
    ],
  };
}

/** Rows of counts by name, with a column for each name that any of them has. */
function countMatrix(
  title: string,
  note: string,
  rows: readonly (readonly [label: string, counts: Readonly<Record<string, number>>])[],
): Matrix {
  const columns = [...new Set(rows.flatMap(([, named]) => Object.keys(named)))];
  return {
    kind: 'matrix',
    title,
    note,
    columns,
    rows: rows.map(([label, named]) => ({
      label,
      cells: columns.map((name) => counted(named[name] ?? 0)),
    })),
  };
}

function faultsSection({ seed, runs, byKind, drivers, findings }: Faults, source: string): Section {
  const rows = Object.entries(byKind).flatMap(([kind, subjects]) =>
    Object.entries(subjects).map(([subject, points]) => [`${kind}, ${subject}`, points] as const),
  );
  const idle = drivers.filter(({ cases }) => cases === 0).map(({ driver }) => driver);
  const blocks: Block[] = [
    ...firstBlocks(findings.map(findingBlock)),
    countMatrix('Calls that were made to fail', 'By kind and side, and by what failed.', rows),
    countMatrix(
      'By driver',
      'Calls that failed, on all sides together.',
      drivers.map(({ driver, points }) => [driver, sumOf(Object.values(points))] as const),
    ),
  ];
  if (idle.length > 0) {
    const title = 'Drivers without a case that succeeds';
    blocks.push({ kind: 'verbatim', title, tone: 'plain', lines: idle });
  }
  return {
    title: `Every call that can fail, seed ${seed}`,
    source,
    facts: [
      faults('findings', findings.length),
      fact('drivers', drivers.length),
      fact(
        'cases',
        drivers.reduce((sum, { cases }) => sum + cases, 0),
      ),
      fact('runs', runs),
    ],
    blocks,
    figures: { findings: findings.length, runs },
  };
}

function sumOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [name, n] of all.flatMap((one) => Object.entries(one))) {
    sum[name] = (sum[name] ?? 0) + n;
  }
  return sum;
}

function schedulesSection({ seed, schedules, findings }: Schedules, source: string): Section {
  const { explored, drivers, cut } = schedules;
  const orders = Object.values(explored).reduce((sum, n) => sum + n, 0);
  return {
    title: `Every order, seed ${seed}`,
    source,
    facts: [
      faults('findings', findings.length),
      fact('orders', orders),
      fact('asynchronous drivers', drivers),
      fact('programs with more orders', cut.length),
    ],
    blocks: [
      ...firstBlocks(findings.map(findingBlock)),
      countMatrix(
        'Orders',
        'By requests in flight.',
        Object.entries(explored).map(([depth, n]) => [depth, { orders: n }] as const),
      ),
      ...(cut.length === 0
        ? []
        : [
            {
              kind: 'verbatim' as const,
              title: 'Programs with more orders',
              tone: 'plain' as const,
              lines: cut,
            },
          ]),
    ],
    figures: { findings: findings.length, orders },
  };
}

function driversSection({ seed, cases, compared, findings }: Drivers, source: string): Section {
  const answers = compared.reduce((sum, row) => sum + row.compared, 0);
  return {
    title: `Every driver beside the generic one, seed ${seed}`,
    source,
    facts: [
      faults('findings', findings.length),
      fact('cases of each driver', cases),
      fact('answers compared', answers),
    ],
    blocks: [
      ...findings.map(findingBlock),
      countMatrix(
        'Drivers',
        'Compared: answers of one API with those of the first driver there.',
        compared.map(({ group, ...counts }) => [group, counts] as const),
      ),
    ],
    figures: { findings: findings.length, 'answers compared': answers },
  };
}

function structuralSection(result: Structural, source: string): Section {
  const { seed, cases, failed, deaf, undrawn, drawn, cpuMs, findings } = result;
  const rate = cpuMs === 0 ? 0 : Math.round(cases / (cpuMs / 1000));
  return {
    title: `Lists without bytes, seed ${seed}`,
    source,
    facts: [
      faults('findings', findings.length),
      faults('cases failed', failed),
      faults('checks that did not hear their canary', deaf.length),
      faults('never drawn', undrawn.length),
      fact('cases', cases),
      fact('cases a second of processor time', rate),
    ],
    blocks: [
      ...findings.map(
        (one): Block => ({
          kind: 'verbatim',
          title: `Finding ${one.check} ${one.subject}`,
          tone: 'bad',
          lines: [
            one.detail,
            `in ${one.cases} cases`,
            `sg2iter conform --tier structural --seed ${seed} --cases ${one.number + 1} --bail`,
          ],
        }),
      ),
      ...[...deaf, ...undrawn].map(
        (title): Block => ({ kind: 'verbatim', title, tone: 'bad', lines: ['nothing is shown'] }),
      ),
      countMatrix(
        'What was drawn',
        'In one case of eight.',
        Object.entries(drawn).map(([name, n]) => [name, { cases: n }] as const),
      ),
    ],
    figures: { findings: findings.length, 'cases a second': rate },
  };
}

/** Reads results of `conform` with `--faults`, `--schedules`, `--drivers` and `--tier`. */
export const tierReaders: readonly Reader[] = [
  reader('conform --faults', ['byKind', 'drivers', 'runs'], faultsSchema, faultsSection),
  reader('conform --schedules', ['schedules', 'findings'], schedulesSchema, schedulesSection),
  reader('conform --drivers', ['compared', 'drivers'], driversSchema, driversSection),
  reader('conform --tier', ['deaf', 'drawn'], structuralSchema, structuralSection),
];
