/**
 * The formats of a report: for people, for programs, and for what runs tests.
 * @module
 */
import { findingDetails, resultsOf, type SuiteResult, type TestResult } from './results.ts';
import type { ConformReport } from './schema.ts';
import { textOf, totalsOf } from './text.ts';

/** Writes a report, without the newline at its end. */
export type Reporter = (report: ConformReport) => string;

/** By the name that `--reporter` takes. */
export const REPORTERS: ReadonlyMap<string, Reporter> = new Map<string, Reporter>([
  ['text', (report) => textOf(report).join('\n')],
  ['json', (report) => JSON.stringify(report, null, 2)],
  ['tap', tap],
  ['ktap', ktap],
  ['junit', junit],
  ['github', github],
]);

/** TAP 14: a subtest for each suite, the details of what failed in YAML. testanything.org */
function tap(report: ConformReport): string {
  const suites = resultsOf(report);
  const lines = ['TAP version 14', `1..${suites.length}`];
  suites.forEach((suite, i) => {
    const { name, tests } = suite;
    lines.push(`# Subtest: ${tapName(name)}`, `    1..${tests.length}`);
    tests.forEach((one, k) => {
      lines.push(`    ${tapPoint(one, k + 1)}`);
      if (one.skipped !== null || (one.ok && one.details.length === 0)) return;
      lines.push('      ---', '      details:');
      lines.push(...one.details.map((line) => `        - ${JSON.stringify(line)}`), '      ...');
    });
    lines.push(`${isOk(suite) ? 'ok' : 'not ok'} ${i + 1} - ${tapName(name)}`);
  });
  return lines.join('\n');
}

function tapPoint({ name, ok, skipped }: TestResult, number: number): string {
  const skip = skipped === null ? '' : ` # SKIP ${oneLine(skipped)}`;
  return `${ok ? 'ok' : 'not ok'} ${number} - ${tapName(name)}${skip}`;
}

/** `#` begins a directive, and a backslash escapes. */
function tapName(name: string): string {
  return oneLine(name).replace(/[\\#]/g, '\\$&');
}

/** What control characters and ends of lines make several lines of. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** KTAP 1, as `tools/testing/kunit/kunit.py parse` reads it. C: Documentation/dev-tools/ktap.rst (6.1) */
function ktap(report: ConformReport): string {
  const suites = resultsOf(report);
  const lines = ['KTAP version 1', `1..${suites.length}`];
  suites.forEach((suite, i) => {
    const { name, tests } = suite;
    lines.push('  KTAP version 1', `  # Subtest: ${ktapName(name)}`, `  1..${tests.length}`);
    tests.forEach(({ name: testName, ok, skipped, details }, k) => {
      if (!ok) lines.push(...details.map((line) => `  # ${ktapName(testName)}: ${oneLine(line)}`));
      const skip = skipped === null ? '' : ` # SKIP ${oneLine(skipped)}`;
      lines.push(`  ${ok ? 'ok' : 'not ok'} ${k + 1} ${ktapName(testName)}${skip}`);
    });
    lines.push(`${isOk(suite) ? 'ok' : 'not ok'} ${i + 1} ${ktapName(name)}`);
  });
  return lines.join('\n');
}

/** KTAP has no escape: its names have neither `#` nor a space. */
function ktapName(name: string): string {
  return oneLine(name).replace(/[#\s]+/g, '_');
}

function isOk({ tests }: SuiteResult): boolean {
  return tests.every(({ ok }) => ok);
}

/** JUnit's XML, as CI servers read it. */
function junit(report: ConformReport): string {
  const suites = resultsOf(report);
  const seconds = (report.durationMs / 1000).toFixed(3);
  const all = suites.flatMap(({ tests }) => tests);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sg2iter conform" ${xmlCounts(all)} time="${seconds}">`,
  ];
  for (const { name, tests } of suites) {
    const skipped = tests.filter((test) => test.skipped !== null).length;
    lines.push(`  <testsuite name=${xmlText(name)} ${xmlCounts(tests)} skipped="${skipped}">`);
    lines.push(...tests.flatMap((test) => xmlCase(name, test)), '  </testsuite>');
  }
  return [...lines, '</testsuites>'].join('\n');
}

function xmlCase(suite: string, { name, ok, skipped, details }: TestResult): string[] {
  const head = `    <testcase classname=${xmlText(`sg2iter.${suite}`)} name=${xmlText(name)}`;
  if (skipped !== null) return [`${head}><skipped message=${xmlText(skipped)}/></testcase>`];
  if (ok) return [`${head}/>`];
  const [first = ''] = details;
  const body = details.map(xmlEscaped).join('\n');
  return [
    `${head}>`,
    `      <failure message=${xmlText(first)}>${body}</failure>`,
    '    </testcase>',
  ];
}

/** What a suite has, and all of them together: only a suite has an attribute for what was skipped. */
function xmlCounts(tests: readonly TestResult[]): string {
  const failures = tests.filter(({ ok }) => !ok).length;
  return `tests="${tests.length}" failures="${failures}" errors="0"`;
}

/** An attribute's value, quoted. */
function xmlText(text: string): string {
  return `"${xmlEscaped(text)}"`;
}

const XML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** XML 1.0 has no control characters but tab and the ends of lines, not even escaped. */
function xmlEscaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (char) => XML[char] ?? char)
    .replace(/[^\t\n\r -\uffff]|[\ud800-\udfff\ufffe\uffff]/g, '\ufffd');
}

/** Annotations of GitHub's runner, an error for each finding, and the totals as a notice. */
function github(report: ConformReport): string {
  const failed = resultsOf(report).flatMap(({ tests }) => tests.filter(({ ok }) => !ok));
  const errors = failed
    .filter(({ name }) => !report.findings.some(({ alg }) => alg === name))
    .map(({ name, details }) => annotation('error', name, [name, ...details]));
  const found = report.findings.map((finding) =>
    annotation('error', `${finding.check} ${finding.alg}`, findingDetails(finding, report)),
  );
  const totals = [`seed ${report.seed}: ${totalsOf(report)}`];
  return [...found, ...errors, annotation('notice', 'sg2iter conform', totals)].join('\n');
}

function annotation(kind: 'error' | 'notice', title: string, lines: readonly string[]): string {
  const property = runnerEscaped(title).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${kind} title=${property}::${runnerEscaped(lines.join('\n'))}`;
}

function runnerEscaped(text: string): string {
  const escaped = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  return oneLine(escaped);
}
