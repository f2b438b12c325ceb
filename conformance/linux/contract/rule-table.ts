/**
 * The rules as a table: what each excuses, on which kernels, and the deliberate difference beside it,
 * compared here and now. A rule beside which something does not ring is a fault of the comparison.
 * @module
 */
import { table } from '../../terminal/table.ts';
import { ConvertedModel } from '../models/converted.ts';
import { IterModel } from '../models/iter.ts';
import { LibModel } from '../models/lib.ts';
import type { ModelSubject, Series } from '../models/model.ts';
import { parseCases } from '../text/parse.ts';
import { compareViews } from './compare.ts';
import { ASPECTS, type Aspect, aspectsOf, type View, viewOf } from './contract.ts';
import { RULES } from './excuses.ts';
import { RULE_EXAMPLES } from './rule-examples.ts';
import type { Rule } from './rules.ts';

/** One rule and its proof. */
export interface RuleRow {
  readonly id: string;
  readonly kernels: string;
  /** Names of the comparisons that it is for. */
  readonly models: readonly string[];
  readonly aspects: readonly Aspect[];
  readonly reason: string;
  /** Is the difference that it is about excused, by this rule? */
  readonly excused: boolean;
  /** The deliberate difference in words, and the aspects in which it rings. */
  readonly difference: string;
  readonly rings: readonly Aspect[];
  /** Other aspects, each of which was made to differ alone, and those of them that did not ring. */
  readonly beside: number;
  readonly silent: readonly Aspect[];
}

/** A model that answers in place of its API, because there is nothing that the API could be asked. */
interface StandIn extends Pick<Rule, 'id' | 'models' | 'first' | 'last' | 'aspects' | 'reason'> {
  readonly makes: readonly (() => ModelSubject)[];
  readonly series: Series;
  readonly example: string;
}

/** Where a model stands in. Its answer is compared like any other, and the case counts as in part. */
export const STAND_INS: readonly StandIn[] = [
  {
    id: 'message-without-tag',
    models: ['converted', 'lib'],
    first: null,
    last: null,
    aspects: ['errno'],
    reason: 'who cuts a message that is shorter than its tag into parts refuses it with -EINVAL',
    makes: [() => new ConvertedModel(), () => new LibModel()],
    series: [6, 1],
    example: `op aead\nalg gcm(aes)\nkey ${'00'.repeat(16)}\niv ${'00'.repeat(12)}\ndir d\nlen 4\nauth 16\nsrc 0+0:4\ndst =`,
  },
  {
    id: 'extract-stops-at-empty',
    models: ['converted iov_iter'],
    first: [7, 2],
    last: null,
    aspects: ['trace'],
    reason:
      'two empty bvecs end the extraction of pages, which goes on here (FINDINGS.md, section 3)',
    makes: [() => new IterModel()],
    series: [7, 2],
    example: 'op iter\nlen 50\nsrc 0+0:0 0+16:0 0+32:50\ndo extract 100 8',
  },
];

/** Every rule, proved. */
export function ruleRows(): readonly RuleRow[] {
  return [...RULES.map(ruleRow), ...STAND_INS.map(standInRow)];
}

/** Is the rule needed for its difference, and does everything beside it ring? */
export function isRinging({ excused, rings, silent }: RuleRow): boolean {
  return excused && rings.length > 0 && silent.length === 0;
}

/** The table for people, and its verdict. */
export function ruleTable(rows: readonly RuleRow[]): string {
  const head = ['rule', 'kernels', 'excuses', 'a difference beside it', 'rings in'];
  const cells = rows.map((row) => [
    row.id,
    row.kernels,
    row.aspects.join(' '),
    row.difference,
    isRinging(row) ? `${row.rings.join(' ')}, and ${row.beside} others` : 'SILENT',
  ]);
  const reasons = rows.flatMap(({ id, models, reason }) => [
    `  ${id} (${models.join(', ')}):`,
    `    ${reason}`,
  ]);
  const silent = rows.filter((row) => !isRinging(row)).map(({ id }) => id);
  const verdict = silent.length === 0 ? 'each rings' : `SILENT: ${silent.join(', ')}`;
  return [...table(head, cells), '', ...reasons, '', `${rows.length} rules, ${verdict}`].join('\n');
}

function kernelsOf({ first, last }: Pick<Rule, 'first' | 'last'>): string {
  if (first === null && last === null) return 'all';
  return [
    first === null ? '' : `from ${first.join('.')}`,
    last === null ? '' : `to ${last.join('.')}`,
  ]
    .filter((text) => text !== '')
    .join(' ');
}

function ruleRow(rule: Rule): RuleRow {
  const { id, models, aspects, reason, applies } = rule;
  const { model, series = [6, 1], c, kernel, other, wrong, difference } = RULE_EXAMPLES[id];
  const ended = kernel.ending !== undefined;
  const looked: readonly Aspect[] = ended ? ['ending'] : ASPECTS;
  const compare = (view: View) => compareViews(c, kernel, view, looked, { name: model, series });
  const [right, ringing] = [compare(other), compare(wrong)];
  const mine = RULES.filter((r) => r.models.includes(model) && r.applies(c, series));
  const excusable = new Set(mine.flatMap((r) => r.aspects));
  // Where the kernel died there is nothing beside it.
  const beside = ended ? [] : ASPECTS.filter((a) => !excusable.has(a) && kernel[a] === undefined);
  const isMine = models.includes(model) && applies(c, series);
  return {
    ...{ id, kernels: kernelsOf(rule), models, aspects, reason, difference },
    excused: isMine && right.different.length === 0 && right.excused.some(([, by]) => by === id),
    rings: ringing.different,
    beside: beside.length,
    silent: beside.filter((a) => !isOnly(compare({ ...other, [a]: 'x' }).different, a)),
  };
}

function isOnly(different: readonly Aspect[], aspect: Aspect): boolean {
  return different.length === 1 && different[0] === aspect;
}

function standInRow(standIn: StandIn): RuleRow {
  const { id, models, aspects, reason, makes, series, example } = standIn;
  const [c] = parseCases(`case ${id}\n${example}\nend\n`, id);
  const answers = makes.map((make) => make().run(c, series));
  const proofs = answers.map((answer, i) => {
    const view = viewOf(c, answer);
    const looked = aspectsOf(c, view, view);
    const rings = looked.filter((aspect) => {
      const kernel = { ...view, [aspect]: 'x' };
      return isOnly(
        compareViews(c, kernel, view, looked, { name: models[i], series }).different,
        aspect,
      );
    });
    return { looked, rings };
  });
  return {
    ...{ id, kernels: kernelsOf(standIn), models, aspects, reason },
    excused: answers.every(({ replaced }) => replaced.includes(id)),
    difference: 'any other answer of the kernel',
    rings: aspects.filter((a) => proofs.every(({ rings }) => rings.includes(a))),
    beside: Math.min(...proofs.map(({ looked }) => looked.length)) - aspects.length,
    silent: proofs.flatMap(({ looked, rings }) => looked.filter((a) => !rings.includes(a))),
  };
}
