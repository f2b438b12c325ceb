/** Lookup over the catalogue data: the only place that knows how the tables are stored. */
import { createHash } from 'node:crypto';
import {
  type CatalogueGroup,
  EXTRA_GROUPS,
  GONE_BY_7_2,
  GROUPS,
  LIST_TYPES,
  SINCE,
} from './data/catalogue.ts';

/** One catalogued name. */
export interface CatalogueName {
  readonly name: string;
  readonly group: string;
  /** Whether a call of it is a site. */
  readonly counted: boolean;
  /** Hours per site. */
  readonly weight: number;
  /** First release whose headers have it; `6.1` also stands for anything older. */
  readonly since: string;
  /** First release whose headers lack it, or null. */
  readonly until: string | null;
}

/** Groups whose live use puts a file outside the provider folders into scope (a caller). */
export const CALLER_GROUPS: ReadonlySet<string> = new Set([
  'tfm-alloc',
  'req-set',
  'req-alloc',
  'req-exec',
  'req-cb',
  'krb5-sg',
  'extra-library',
]);

/** Splits a white-space separated table cell. */
export function words(text: string): string[] {
  return text.split(/\s+/).filter((w) => w !== '');
}

const sinceOf = new Map<string, string>(
  Object.entries(SINCE).flatMap(([release, names]) =>
    words(names).map((n): [string, string] => [n, release]),
  ),
);
const gone = new Set(words(GONE_BY_7_2));

function expand(g: CatalogueGroup): CatalogueName[] {
  return words(g.names).map((name) => ({
    name,
    group: g.group,
    counted: g.counted,
    weight: g.weight,
    since: sinceOf.get(name) ?? '6.1',
    until: gone.has(name) ? '7.2' : null,
  }));
}

/** Every catalogued name, the `extra-*` groups included. */
export const CATALOGUE: ReadonlyMap<string, CatalogueName> = new Map(
  [...GROUPS, ...EXTRA_GROUPS].flatMap(expand).map((n) => [n.name, n]),
);

/** Names of the `struct` types that count as evidence. */
export const LIST_TYPE_SET: ReadonlySet<string> = new Set(LIST_TYPES);

/** Digest of the catalogue: two reports with different digests are not comparable. */
export function catalogueHash(): string {
  const text = [...CATALOGUE.values()].map((n) => `${n.group} ${n.counted} ${n.weight} ${n.name}`);
  return createHash('sha256').update(text.sort().join('\n')).digest('hex').slice(0, 16);
}
