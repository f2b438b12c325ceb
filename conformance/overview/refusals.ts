/**
 * What commands print as JSON that is no result to be reported, and what to give instead.
 * @module
 */

interface Refusal {
  readonly what: string;
  /** Fields that it has, of the object or of the first of a list. */
  readonly fields: readonly string[];
  readonly isList: boolean;
  readonly instead: string;
}

const REFUSALS: readonly Refusal[] = [
  refusal(
    'survey burn-down',
    ['callerFiles', 'walkOnlyFiles'],
    'give the surveys: they make a trend',
    true,
  ),
  refusal('doctor', ['name', 'ok', 'answer'], 'it is of the machine, no result', true),
  refusal('survey diff', ['from', 'to', 'files'], 'give the surveys: they make a trend'),
  refusal('survey --self-check', ['calls', 'mismatches', 'sample'], 'give the survey itself'),
  refusal(
    'explain',
    ['case', 'divergence', 'frames'],
    "one case: 'sg2iter explain --html' shows it",
  ),
  refusal('replay', ['case', 'violations'], "one case: 'sg2iter explain --html' shows it"),
  refusal('replay --case', ['layout', 'context'], "one case: 'sg2iter explain --html' shows it"),
  refusal(
    'fleet status',
    ['campaign', 'waiting', 'active'],
    "give what 'fleet collect --json' prints",
  ),
  refusal('mutants --list', ['mutants', 'impossible'], 'nothing ran: give a run of mutants --json'),
  refusal('conform --schema', ['$schema'], 'it is the schema, not a report'),
  refusal('export', ['cases', 'folder', 'files'], 'it names the files that were written'),
];

function refusal(
  what: string,
  fields: readonly string[],
  instead: string,
  isList = false,
): Refusal {
  return { what, fields, isList, instead };
}

/** Why a value is no result, in a few words; null for what may be one. */
export function refusalOf(value: unknown): string | null {
  const found = REFUSALS.find(({ fields, isList }) => {
    const one: unknown = isList && Array.isArray(value) ? value[0] : value;
    return (
      Array.isArray(value) === isList &&
      typeof one === 'object' &&
      one !== null &&
      fields.every((field) => field in one)
    );
  });
  return found === undefined ? null : `the --json of ${found.what}: ${found.instead}`;
}
