/**
 * Whose list an entry belongs to: a request's, or one that this file made.
 *
 * Followed inside one file: assignments to variables and to members, and arguments of calls of the
 * file's own functions. Not followed: other files, function pointers, and which of two assignments
 * ran last; when one of them is a request's list, the answer is that it may be.
 */
import type { EntryFieldFact } from '../facts.ts';
import { splitArguments, squeeze } from '../tokens.ts';
import { type Declarations, isRequest, lookUp } from './declarations.ts';
import { type FunctionRange, functionAt, nodes, type SourceView } from './view.ts';

type Origin = EntryFieldFact['origin'];

/** Says whose list `expression` is, seen from offset `index`. */
export type Tracer = (index: number, expression: string) => Origin;

/** An expression and the function that it stands in. */
interface Use {
  readonly fn: FunctionRange | null;
  readonly text: string;
}

/** Assignments and calls that one answer may pass through; the kernel needs four. */
const STEPS_MAX = 64;

/** Functions that give back an entry of the list in the argument at the index. */
const SAME_LIST: Readonly<Record<string, number>> = { sg_next: 0, sg_last: 0, scatterwalk_ffwd: 1 };

/** Makes the tracer of one file. */
export function originTracer(view: SourceView, declared: Declarations): Tracer {
  return (index, expression) => {
    const seen = new Set<string>();
    const found = new Set<Origin>();
    const queue: Use[] = [{ fn: functionAt(view, index), text: expression }];
    for (let use = queue.pop(); use !== undefined; use = queue.pop()) {
      const key = `${use.fn?.start ?? -1} ${use.text}`;
      if (seen.has(key) || seen.size >= STEPS_MAX) continue;
      seen.add(key);
      const step = stepFrom(view, declared, use);
      if (typeof step === 'string') found.add(step);
      else queue.push(...step);
    }
    return strongest(found);
  };
}

/** One request among the sources is enough; a list is the file's own only when all of them are. */
function strongest(found: ReadonlySet<Origin>): Origin {
  for (const origin of ['request', 'parameter', 'unknown', 'own'] as const)
    if (found.has(origin)) return origin;
  return 'unknown';
}

/** The answer, or the expressions that it depends on. */
function stepFrom(view: SourceView, declared: Declarations, use: Use): Origin | Use[] {
  const text = bareOperand(use.text);
  const branches = /\?([^:]*):(.*)$/.exec(text);
  if (branches !== null) return branches.slice(1).map((branch) => ({ ...use, text: branch }));
  const call = /^(\w+)\(/.exec(text);
  if (call !== null) {
    const at = SAME_LIST[call[1]];
    const list = at === undefined ? undefined : splitArguments(text, call[1].length)[at];
    return list === undefined ? 'unknown' : [{ ...use, text: list }];
  }
  const member = /^(.+)(?:->|\.)(\w+)$/.exec(text);
  if (member !== null) return memberStep(view, declared, member[1], member[2]);
  return /^\w+$/.test(text) ? variableStep(view, declared, { ...use, text }) : 'unknown';
}

/** The operand without address, indirection, index, step and parentheses around it. */
function bareOperand(expression: string): string {
  let text = squeeze(expression);
  for (let before = ''; before !== text; ) {
    before = text;
    text = text
      .replace(/^[&*\s]+/, '')
      .replace(/\s*\[[^[\]]*\]$/, '')
      .replace(/\s[+-]\s[\w.>-]+$/, '')
      .replace(/^\(([^()]*)\)$/, '$1');
  }
  return text;
}

function memberStep(
  view: SourceView,
  declared: Declarations,
  base: string,
  name: string,
): Origin | Use[] {
  if ((name === 'src' || name === 'dst') && isRequest(declared, base)) return 'request';
  if (declared.listStorage.has(name)) return 'own';
  const sources = assignments(view, `(?:->|\\.)${name}`, 0, view.text.length);
  return sources.length > 0 ? sources : 'unknown';
}

function variableStep(view: SourceView, declared: Declarations, use: Use): Origin | Use[] {
  const variable = lookUp(declared, use.fn?.name ?? '', use.text);
  if (variable === null || use.fn === null) return 'unknown';
  if (!variable.pointer && !variable.parameter) return 'own';
  const sources = [
    ...assignments(view, `\\b${use.text}`, use.fn.start, use.fn.end),
    ...iterated(view, use.fn, use.text),
  ];
  if (!variable.parameter) return sources.length > 0 ? sources : 'unknown';
  const handed = argumentsOf(view, use.fn, use.text);
  return handed.length > 0 ? [...sources, ...handed] : 'parameter';
}

/** What is assigned to `target` (a pattern) between two offsets. */
function assignments(view: SourceView, target: string, start: number, end: number): Use[] {
  const pattern = new RegExp(`${target}\\s*=(?!=)\\s*`, 'g');
  pattern.lastIndex = start;
  const found: Use[] = [];
  for (let m = pattern.exec(view.text); m !== null && m.index < end; m = pattern.exec(view.text)) {
    const open = m.index + m[0].length - 1;
    const text = splitArguments(`(${view.text.slice(open + 1, endOf(view.text, open + 1))})`, 0)[0];
    if (text !== undefined) found.push({ fn: functionAt(view, m.index), text });
  }
  return found;
}

/** The lists over which `for_each_sg(list, name, ...)` runs in `fn`. */
function iterated(view: SourceView, fn: FunctionRange, name: string): Use[] {
  return nodes(view.captures, 'call').flatMap((node): Use[] => {
    if (node.text !== 'for_each_sg' || functionAt(view, node.startIndex) !== fn) return [];
    const [list, variable] = splitArguments(view.text, view.text.indexOf('(', node.endIndex));
    return variable === name && list !== undefined ? [{ fn, text: list }] : [];
  });
}

function endOf(text: string, from: number): number {
  const end = text.indexOf(';', from);
  return end === -1 ? text.length : end;
}

/** What the file's own calls of `fn` pass as the parameter `name`. */
function argumentsOf(view: SourceView, fn: FunctionRange, name: string): Use[] {
  const at = fn.parameters.indexOf(name);
  if (at === -1) return [];
  return nodes(view.captures, 'call').flatMap((node): Use[] => {
    if (node.text !== fn.name) return [];
    const open = view.text.indexOf('(', node.endIndex);
    const text = splitArguments(view.text, open)[at];
    return text === undefined ? [] : [{ fn: functionAt(view, node.startIndex), text }];
  });
}
