/**
 * Whose list an entry belongs to: a request's, or one that this file made.
 *
 * Followed inside one file: assignments to variables and to members, and arguments of calls of the
 * file's own functions. Not followed: other files, function pointers, and which of two assignments
 * ran last; when one of them is a request's list, the answer is that it may be.
 */
import type { Node } from 'web-tree-sitter';
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
const SAME_LIST: ReadonlyMap<string, number> = new Map([
  ['sg_next', 0],
  ['sg_last', 0],
  ['scatterwalk_ffwd', 1],
]);

/** The longest right side that is looked at. */
const SIDE_MAX = 400;

/** What is assigned and handed over in one file. */
interface Flow {
  /** By member name, over the whole file. */
  readonly members: ReadonlyMap<string, readonly Use[]>;
  /** By function and variable; the lists of `for_each_sg` included. */
  readonly variables: ReadonlyMap<string, readonly Use[]>;
  /** Calls by the name of the function. */
  readonly calls: ReadonlyMap<string, readonly Node[]>;
}

/** Makes the tracer of one file. */
export function originTracer(view: SourceView, declared: Declarations): Tracer {
  let flow: Flow | null = null;
  const answers = new Map<string, Origin>();
  return (index, text) => {
    flow ??= flowOf(view);
    const use: Use = { fn: functionAt(view, index), text };
    const key = keyOf(use.fn, text);
    const answer = answers.get(key) ?? follow(view, declared, flow, use);
    answers.set(key, answer);
    return answer;
  };
}

function follow(view: SourceView, declared: Declarations, flow: Flow, start: Use): Origin {
  const seen = new Set<string>();
  const found = new Set<Origin>();
  const queue: Use[] = [start];
  for (let use = queue.pop(); use !== undefined; use = queue.pop()) {
    const key = keyOf(use.fn, use.text);
    if (seen.has(key)) continue;
    if (seen.size === STEPS_MAX) return strongest(found.add('unknown'));
    seen.add(key);
    const step = stepFrom(view, declared, flow, use);
    if (typeof step === 'string') found.add(step);
    else queue.push(...step.slice(0, STEPS_MAX));
  }
  return strongest(found);
}

function keyOf(fn: FunctionRange | null, name: string): string {
  return `${fn?.start ?? -1} ${name}`;
}

function flowOf(view: SourceView): Flow {
  const members = new Map<string, Use[]>();
  const variables = new Map<string, Use[]>();
  const calls = new Map<string, Node[]>();
  for (const m of view.text.matchAll(/(->|\.)?\b([A-Za-z_]\w*)\s*=(?!=)/g)) {
    const text = rightSide(view.text, m.index + m[0].length);
    const use = { fn: functionAt(view, m.index), text };
    if (m[1] === undefined) addTo(variables, keyOf(use.fn, m[2]), use);
    else addTo(members, m[2], use);
  }
  for (const node of nodes(view.captures, 'call')) {
    addTo(calls, node.text, node);
    if (node.text !== 'for_each_sg') continue;
    const [list, variable] = argumentsAt(view, node);
    const fn = functionAt(view, node.startIndex);
    if (list !== undefined) addTo(variables, keyOf(fn, variable ?? ''), { fn, text: list });
  }
  return { members, variables, calls };
}

function addTo<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

/** What is assigned: up to the semicolon, or to the next declarator. */
function rightSide(text: string, from: number): string {
  const side = text.slice(from, from + SIDE_MAX);
  const end = side.indexOf(';');
  return splitArguments(`(${end === -1 ? side : side.slice(0, end)})`, 0)[0] ?? '';
}

function argumentsAt(view: SourceView, node: Node): string[] {
  return splitArguments(view.text, view.text.indexOf('(', node.endIndex));
}

/** One request among the sources is enough; a list is the file's own only when all of them are. */
function strongest(found: ReadonlySet<Origin>): Origin {
  for (const origin of ['request', 'parameter', 'unknown', 'own'] as const)
    if (found.has(origin)) return origin;
  return 'unknown';
}

/** The answer, or the expressions that it depends on. */
function stepFrom(
  view: SourceView,
  declared: Declarations,
  flow: Flow,
  use: Use,
): Origin | readonly Use[] {
  const text = bareOperand(use.text);
  const branches = /\?([^:]*):(.*)$/.exec(text);
  if (branches !== null) return branches.slice(1).map((branch) => ({ ...use, text: branch }));
  const call = /^(\w+)\(/.exec(text);
  if (call !== null) {
    const at = SAME_LIST.get(call[1]);
    const list = at === undefined ? undefined : splitArguments(text, call[1].length)[at];
    return list === undefined ? 'unknown' : [{ ...use, text: list }];
  }
  const member = /^(.+)(?:->|\.)(\w+)$/.exec(text);
  if (member !== null) return memberStep(declared, flow, member[1], member[2]);
  return /^\w+$/.test(text) ? variableStep(view, declared, flow, { ...use, text }) : 'unknown';
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
  declared: Declarations,
  flow: Flow,
  base: string,
  name: string,
): Origin | readonly Use[] {
  if ((name === 'src' || name === 'dst') && isRequest(declared, base)) return 'request';
  if (declared.listStorage.has(name)) return 'own';
  return flow.members.get(name) ?? 'unknown';
}

function variableStep(
  view: SourceView,
  declared: Declarations,
  flow: Flow,
  { fn, text }: Use,
): Origin | readonly Use[] {
  const variable = lookUp(declared, fn?.name ?? '', text);
  if (variable === null || fn === null) return 'unknown';
  if (!variable.pointer && !variable.parameter) return 'own';
  const sources = flow.variables.get(keyOf(fn, text)) ?? [];
  if (!variable.parameter) return sources.length > 0 ? sources : 'unknown';
  const at = fn.parameters.indexOf(text);
  const handed = (flow.calls.get(fn.name) ?? []).flatMap((node): Use[] => {
    const argument = argumentsAt(view, node)[at];
    return argument === undefined
      ? []
      : [{ fn: functionAt(view, node.startIndex), text: argument }];
  });
  return handed.length > 0 ? [...sources, ...handed] : 'parameter';
}
