/**
 * What a kernel said about a suite of KUnit: the lines of KTAP in its messages.
 * @module
 */

/** One suite in one kernel. */
export interface KunitReport {
  /** Cases that came out as they must. */
  readonly passed: readonly string[];
  /** Cases that did not, with what was said about each. */
  readonly failed: readonly KunitFailure[];
  /** Cases that were not run, with the reason. */
  readonly skipped: readonly string[];
  /** The lines as a test runner reads them. */
  readonly ktap: string;
  /** How the kernel went down before the suite was over, and the last of its words; null where it did not. */
  readonly death: KernelDeath | null;
}

export interface KernelDeath {
  readonly reason: string;
  /** The last lines of the console, behind what it said of cases. */
  readonly console: readonly string[];
}

export interface KunitFailure {
  readonly name: string;
  readonly reasons: readonly string[];
}

/** The log has a severity in front of each line, the console has none. */
const SEVERITY = /^(?:<\d+>)?(?:\[ *\d[^\]]*\] ?)?/;
const RESULT = /^ {8}(not ok|ok) \d+ (?:- )?(.*)$/;
const SKIP = / # SKIP ?(.*)$/;
/** Lines of KTAP itself. */
const STRUCTURE = /^ *(#|ok |not ok |K?TAP |1\.\.)/;
/** What the suite says before it skips a case, of which 6.1 says `ok` and no more. */
const SKIPPED = /^ *# [^:]+: skipped: (.*)$/;
/** What the suite says before a case. */
const RUNS = /^ *# [^:]+: runs (.*)$/;
/** What a level says before its results. */
const SUBTEST = /^ *# Subtest: /;
/** Lines of the console that are kept: a trace and its registers. */
const LAST_LINES = 24;
/** How what a kernel says of itself begins; the console has no mark where a sentence of the suite ends. */
const KERNEL = /^(Kernel panic|BUG: |WARNING: |Oops|Call Trace|-+\[ cut here|CPU: |Modules linked)/;
/** How a failed expectation begins. */
const FAILURE = /^ *# [^:]+: (?:EXPECTATION|ASSERTION) FAILED/;

/** What is known up to a line. */
interface Reading {
  readonly passed: string[];
  readonly failed: KunitFailure[];
  readonly skipped: string[];
  /** Of the case that runs. */
  said: string[];
  reason: string | null;
  running: string | null;
  /** Results at the innermost level so far. */
  results: number;
}

/** Reads the messages of a boot. Cases are the results of the innermost level. */
export function parseKtap(messages: string): KunitReport {
  const { lines, reading } = read(messages);
  return reportOf(reading, lines, null);
}

/**
 * Reads the console of a kernel that went down before the suite was over: the case that ran has failed.
 * @param reason how it went down
 */
export function parseDeath(console: string, reason: string): KunitReport {
  const { lines, reading } = read(console);
  const begun = lines.findLastIndex((line) => RUNS.test(line) || RESULT.test(line));
  const words = lines
    .slice(begun + 1)
    .filter((line) => line.trim() !== '' && !STRUCTURE.test(line));
  const death = { reason, console: words.slice(-LAST_LINES) };
  const { running, said, failed, results } = reading;
  if (running === null) return reportOf(reading, lines, death);
  failed.push({ name: running, reasons: [...said, `the kernel went down in it: ${reason}`] });
  const told = death.console.map((line) => `        # ${line.trim()}`);
  return reportOf(reading, [...lines, ...told, `        not ok ${results + 1} ${running}`], death);
}

function reportOf(
  { passed, failed, skipped }: Reading,
  lines: readonly string[],
  death: KernelDeath | null,
): KunitReport {
  const ktap = lines.filter((line) => STRUCTURE.test(line)).join('\n');
  return { passed, failed, skipped, ktap, death };
}

function read(messages: string): { readonly lines: string[]; readonly reading: Reading } {
  const lines = messages.split(/\r?\n/).map((line) => line.replace(SEVERITY, ''));
  const reading: Reading = {
    ...{ passed: [], failed: [], skipped: [] },
    ...{ said: [], reason: null, running: null, results: 0 },
  };
  for (const [i, line] of lines.entries()) {
    const result = RESULT.exec(line);
    if (result === null) remark(reading, lines, i);
    else conclude(reading, result[1], result[2]);
  }
  return { lines, reading };
}

function remark(reading: Reading, lines: readonly string[], at: number): void {
  const line = lines[at];
  if (SUBTEST.test(line)) reading.results = 0;
  reading.running = RUNS.exec(line)?.[1] ?? reading.running;
  reading.reason = SKIPPED.exec(line)?.[1] ?? reading.reason;
  if (FAILURE.test(line)) reading.said.push(reasonAfter(lines, at));
}

function conclude(reading: Reading, outcome: string, name: string): void {
  const { passed, failed, skipped, said, reason } = reading;
  const skip = SKIP.exec(name);
  if (outcome === 'not ok') failed.push({ name, reasons: said });
  else if (skip !== null || reason !== null) {
    skipped.push(`${name.replace(SKIP, '')}: ${skip?.[1] ?? reason}`);
  } else passed.push(name);
  reading.said = [];
  reading.reason = null;
  reading.running = null;
  reading.results++;
}

/** The last line of a failed expectation is the sentence of the suite; those before it show numbers. */
function reasonAfter(lines: readonly string[], at: number): string {
  let last = lines[at];
  for (let i = at + 1; i < lines.length && !isOther(lines[i]); i++) {
    if (lines[i].trim() !== '') last = lines[i];
  }
  return last.trim();
}

function isOther(line: string): boolean {
  return STRUCTURE.test(line) || KERNEL.test(line);
}
