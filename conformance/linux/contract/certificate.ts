/**
 * The certificate as text.
 * @module
 */
import { type Certificate, isClean } from '../run.ts';
import type { TextResult } from '../text/result.ts';
import type { Comparison, Finding } from './compare.ts';

const SHOWN = 5;
const WIDTH = 300;
const COLUMNS = 100;

function headline(c: Certificate): string[] {
  const lines = [
    c.mode === 'golden'
      ? `golden data of Linux ${c.release}; no kernel was run`
      : `certified on Linux ${c.release} (${c.kernel}${c.mode === 'afalg' ? ', AF_ALG' : ''})`,
  ];
  if (c.mode !== 'golden') for (const origin of c.origin) lines.push(`  from ${origin}`);
  const rate = `${c.seconds.toFixed(1)} s, ${Math.round(c.casesPerSecond)} cases/s`;
  const boots = c.boots === 0 ? '' : `, ${c.boots} boots`;
  lines.push(`  cases ${c.answered} of ${c.cases}, seed ${c.seed}, ${rate}${boots}`);
  if (c.interrupted) lines.push('  interrupted: the rest was not run');
  return lines;
}

function findingText({ id, lines, text }: Finding): string[] {
  const cut = lines.map((line) => (line.length > WIDTH ? `${line.slice(0, WIDTH)}...` : line));
  const block = text.trimEnd().split('\n');
  return [
    `    ${id}`,
    ...cut.map((line) => `      ${line}`),
    ...block.map((line) => `      | ${line}`),
  ];
}

function comparisonText(comparison: Comparison): string[] {
  const { what, compared, differing, byField, findings, left } = comparison;
  const lines = [`  ${what}: ${compared} compared, ${differing} different`];
  for (const [field, n] of Object.entries(byField)) lines.push(`    ${field}: ${n}`);
  const reasons = Object.entries(left).sort((a, b) => b[1] - a[1]);
  const total = reasons.reduce((sum, [, n]) => sum + n, 0);
  if (total > 0)
    lines.push(
      ...wrapped(
        `    not compared: ${total}: `,
        reasons.map(([r, n]) => `${r} ${n}`),
      ),
    );
  for (const finding of findings.slice(0, SHOWN)) lines.push(...findingText(finding));
  return lines;
}

/** What an answer says, a line each. */
function answerText(answer: TextResult): string[] {
  const { id, ending, reason, trace, completions, changed, log, ...rest } = answer;
  const fields = Object.entries(rest).filter(([, value]) => value !== null);
  return [
    `  ${id}: ${ending}${reason === '' ? '' : ` ${reason}`}`,
    ...fields.map(([key, value]) => `    ${key} ${value}`),
    ...completions.map((line) => `    ${line}`),
    ...changed.map((what) => `    changed ${what}`),
    ...trace.map((line) => `    ${line}`),
    ...log.map((line) => `    log ${line}`),
  ].map((line) => (line.length > WIDTH ? `${line.slice(0, WIDTH)}...` : line));
}

/** A list over lines of at most 100 columns. */
function wrapped(head: string, words: readonly string[]): string[] {
  const lines: string[] = [];
  let line = head;
  for (const [i, word] of words.entries()) {
    const text = i === words.length - 1 ? word : `${word}, `;
    if (line.length + text.length > COLUMNS && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = '    ';
    }
    line += text;
  }
  return [...lines, line];
}

/** The certificate for people, ending with its verdict. */
export function certificateText(c: Certificate): string {
  const axes = Object.entries(c.axes).map(([name, n]) => `${name} ${n}`);
  const lines = [...headline(c), ...wrapped('  axes: ', axes)];
  for (const answer of c.answers) lines.push(...answerText(answer));
  for (const comparison of c.comparisons) lines.push(...comparisonText(comparison));
  for (const { id, reason } of c.crashes) lines.push(`  CRASH ${id}: ${reason}`);
  for (const alarm of c.alarms) lines.push(`  ALARM ${alarm}`);
  if (c.expectedCrashes > 0)
    lines.push(`  list overruns that took the kernel down as they must: ${c.expectedCrashes}`);
  if (c.unstable.length > 0)
    lines.push(...wrapped('  answers made of uninitialised memory: ', c.unstable));
  const compared = c.comparisons.reduce((sum, { compared: n }) => sum + n, 0);
  const failed =
    c.comparisons.reduce((sum, { differing }) => sum + differing, 0) +
    c.crashes.length +
    c.alarms.length;
  const left = c.comparisons.flatMap(({ left: reasons }) => Object.values(reasons));
  const skipped = left.reduce((sum, n) => sum + n, 0);
  const verdict = `${compared - failed} passed, ${failed} failed, ${skipped} skipped`;
  return [...lines, isClean(c) ? verdict : `NOT CLEAN: ${verdict}`].join('\n');
}
