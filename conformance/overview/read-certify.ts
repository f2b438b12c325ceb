/**
 * The certificates of `certify --json`, each as a section.
 * @module
 */
import { z } from 'zod';
import {
  type Block,
  counted,
  fact,
  faults,
  firstBlocks,
  grouped,
  type Matrix,
  type Section,
} from './model.ts';
import { type Reader, reader } from './reader.ts';

const count = z.number().nonnegative();
const counts = z.record(z.string(), count);
/** How much of a case was compared: whole, in part, with a difference, or not. */
const shares = z.object({ whole: count, part: count, different: count, not: count });

const comparison = z.looseObject({
  what: z.string(),
  compared: count.optional(),
  differing: count.optional(),
  cases: shares.optional(),
  findings: z.array(z.looseObject({ id: z.string(), lines: z.array(z.string()).optional() })),
  groups: z.record(z.string(), shares).optional(),
  rules: counts.optional(),
  changes: counts.optional(),
  left: counts.optional(),
});

const certificatesSchema = z
  .array(
    z.object({
      mode: z.string(),
      kernel: z.string(),
      release: z.string(),
      origin: z.array(z.string()),
      seed: z.number(),
      cases: count,
      answered: count,
      boots: count,
      seconds: count,
      axes: counts,
      comparisons: z.array(comparison),
      crashes: z.array(z.object({ id: z.string(), reason: z.string() })),
      alarms: z.array(z.string()).optional(),
      expectedCrashes: count,
      unstable: z.array(z.string()),
      interrupted: z.boolean(),
    }),
  )
  .min(1);

type Certificate = z.infer<typeof certificatesSchema>[number];
type Comparison = z.infer<typeof comparison>;

function certificateSections(certificates: readonly Certificate[], source: string): Section[] {
  return certificates.map((certificate) => certificateSection(certificate, source));
}

function certificateSection(certificate: Certificate, source: string): Section {
  const { kernel, release, mode, comparisons, crashes, alarms = [], origin } = certificate;
  const different = comparisons.reduce((sum, each) => sum + differing(each), 0);
  const blocks: Block[] = firstBlocks(comparisons.flatMap(findingBlocks));
  for (const { id, reason } of crashes) {
    blocks.push({ kind: 'verbatim', title: `Crash ${id}`, tone: 'bad', lines: [reason] });
  }
  if (alarms.length > 0) {
    blocks.push({ kind: 'verbatim', title: 'Kernel log', tone: 'bad', lines: alarms });
  }
  blocks.push(comparisonMatrix(comparisons), ...comparisons.flatMap(groupMatrix));
  blocks.push(countMatrix('What the cases were', certificate.axes));
  return {
    title: `Certificate: Linux ${release}`,
    source,
    facts: [
      faults('cases that differ', different),
      faults('crashes that nothing foretold', crashes.length),
      faults('alarms in the kernel log', alarms.length),
      fact('cases', certificate.cases),
      fact('answered', certificate.answered),
      fact('boots', certificate.boots),
      fact('how', `${mode}, ${kernel}; ${origin.join('; ')}`),
      fact('seed', String(certificate.seed)),
      fact('seconds', certificate.seconds),
      ...(certificate.interrupted ? [fact('interrupted', 'figures up to then', 'bad')] : []),
    ],
    blocks,
    figures: { 'cases that differ': different, 'cases answered': certificate.answered },
  };
}

function differing({ cases, differing: old = 0 }: Comparison): number {
  return cases?.different ?? old;
}

function comparisonMatrix(comparisons: readonly Comparison[]): Matrix {
  return {
    kind: 'matrix',
    title: 'What was compared with it',
    note: 'Whole: everything that both tell; in part: something of it excused by a rule; not: with its reason.',
    columns: ['whole', 'in part', 'different', 'not compared', 'reasons'],
    rows: comparisons.map((each) => {
      const { cases, compared = 0, left = {} } = each;
      const not = cases?.not ?? Object.values(left).reduce((sum, n) => sum + n, 0);
      const different = differing(each);
      const why = { ...each.rules, ...each.changes, ...left };
      const reasons = Object.entries(why).map(([reason, n]) => `${reason} ${grouped(n)}`);
      return {
        label: each.what,
        cells: [
          counted(cases?.whole ?? compared - different),
          counted(cases?.part ?? 0),
          counted(different, different === 0 ? 'good' : 'bad'),
          counted(not),
          { text: reasons.join(', ') || '-', value: null, tone: 'plain' },
        ],
      };
    }),
  };
}

/** By algorithm, where the certificate has it. */
function groupMatrix({ what, groups }: Comparison): Matrix[] {
  if (groups === undefined) return [];
  return [
    {
      kind: 'matrix',
      title: `${what}, by algorithm`,
      note: 'Cases of each.',
      columns: ['whole', 'in part', 'different', 'not compared'],
      rows: Object.entries(groups).map(([label, row]) => ({
        label,
        cells: [
          counted(row.whole),
          counted(row.part),
          counted(row.different, row.different === 0 ? 'plain' : 'bad'),
          counted(row.not),
        ],
      })),
    },
  ];
}

function findingBlocks({ what, findings }: Comparison): Block[] {
  return findings.map(({ id, lines = [] }) => ({
    kind: 'verbatim',
    title: `${what}: case ${id}`,
    tone: 'bad',
    lines,
  }));
}

/** Names with a count each, as one row a name. */
function countMatrix(title: string, named: Readonly<Record<string, number>>): Matrix {
  return {
    kind: 'matrix',
    title,
    note: '',
    columns: ['cases'],
    rows: Object.entries(named).map(([label, n]) => ({ label, cells: [counted(n)] })),
  };
}

/** Reads results of `certify`: a list of certificates, and the only list that there is. */
export const certifyReader: Reader = reader(
  'certify',
  ['length'],
  certificatesSchema,
  certificateSections,
);
