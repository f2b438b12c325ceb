/**
 * Review rules for people: those that a finding breaks, and all of them.
 * @module
 */
import { REVIEW_RULES, type ReviewRule, ruleOf } from '../judge/review-rules.ts';

/** Lines that name the rules and their sources; none for no rule. */
export function brokenRuleLines(ids: readonly string[]): string[] {
  return ids.flatMap((id) => {
    const rule = ruleOf(id);
    return rule === null ? [`review rule ${id}`] : linesOf(rule);
  });
}

function linesOf({ id, says, sources }: ReviewRule): string[] {
  return [`review rule ${id}: ${says}`, ...sources.map((source) => `  ${source}`)];
}

/** All rules as data. */
export function allRules(): object {
  const rules = REVIEW_RULES.map(({ isBroken, ...rule }) => ({
    ...rule,
    isChecked: isBroken !== null,
  }));
  return { schemaVersion: 1, rules };
}

/** All rules, with what is looked at. */
export function allRuleLines(): string[] {
  const checked = REVIEW_RULES.filter(({ isBroken }) => isBroken !== null).length;
  return [
    ...REVIEW_RULES.flatMap((rule) => [
      ...linesOf(rule),
      `  ${rule.isBroken === null ? 'not checked by a case' : 'looked at'}: ${rule.seen}`,
      '',
    ]),
    `${REVIEW_RULES.length} review rules, ${checked} checked on every finding`,
  ];
}
