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
}

export interface KunitFailure {
  readonly name: string;
  readonly reasons: readonly string[];
}

const SEVERITY = /^<\d+>(?:\[[^\]]*\] ?)?/;
const RESULT = /^ {8}(not ok|ok) \d+ (?:- )?(.*)$/;
const SKIP = / # SKIP ?(.*)$/;
/** Lines of KTAP itself. */
const STRUCTURE = /^ *(#|ok |not ok |K?TAP |1\.\.)/;
/** What the suite says before it skips a case, of which 6.1 says `ok` and no more. */
const SKIPPED = /^ *# [^:]+: skipped: (.*)$/;
/** How a failed expectation begins. */
const FAILURE = /^ *# [^:]+: (?:EXPECTATION|ASSERTION) FAILED/;

/** Reads the messages of a boot. Cases are the results of the innermost level. */
export function parseKtap(messages: string): KunitReport {
  const lines = messages.split('\n').map((line) => line.replace(SEVERITY, ''));
  const passed: string[] = [];
  const failed: KunitFailure[] = [];
  const skipped: string[] = [];
  let said: string[] = [];
  let reason: string | null = null;
  for (const [i, line] of lines.entries()) {
    const result = RESULT.exec(line);
    if (result === null) {
      reason = SKIPPED.exec(line)?.[1] ?? reason;
      if (FAILURE.test(line)) said.push(reasonAfter(lines, i));
      continue;
    }
    const [, outcome, name] = result;
    const skip = SKIP.exec(name);
    if (outcome === 'not ok') failed.push({ name, reasons: said });
    else if (skip !== null || reason !== null) {
      skipped.push(`${name.replace(SKIP, '')}: ${skip?.[1] ?? reason}`);
    } else passed.push(name);
    said = [];
    reason = null;
  }
  const ktap = lines.filter((line) => STRUCTURE.test(line)).join('\n');
  return { passed, failed, skipped, ktap };
}

/** The last line of a failed expectation is the sentence of the suite; those before it show numbers. */
function reasonAfter(lines: readonly string[], at: number): string {
  let last = lines[at];
  for (let i = at + 1; i < lines.length && !STRUCTURE.test(lines[i]); i++) {
    if (lines[i].trim() !== '') last = lines[i];
  }
  return last.trim();
}
