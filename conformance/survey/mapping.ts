/** Which row of the mapping a site belongs to. */
import { words } from './catalogue.ts';
import { MAPPING, type MappingRow } from './data/mapping.ts';
import type { CallFact } from './facts.ts';

const ROW_OF = new Map<string, MappingRow>(
  MAPPING.flatMap((row) => words(row.names).map((name): [string, MappingRow] => [name, row])),
);

/** The row of a counted name. Throws when the data forget one. */
export function mappingRow(name: string): MappingRow {
  const row = ROW_OF.get(name);
  if (row === undefined) throw new Error(`${name}: catalogued as a site without a mapping`);
  return row;
}

/** How far a tool gets with this call: the row's answer, unless the arguments say otherwise. */
export function mechanicalOf(call: CallFact): MappingRow['mechanical'] {
  const row = mappingRow(call.name);
  // The direction decides between two functions, so it has to be a constant.
  if (row.key === 'copy-at' && !/^[01]$/.test(call.args[4] ?? '')) return 'half';
  return row.mechanical;
}
