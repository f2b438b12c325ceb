/** One parsed file as the extractors see it: text, captures, and who encloses what. */
import type { Node } from 'web-tree-sitter';
import { FILE_SCOPE } from '../facts.ts';
import type { Captures } from '../grammar.ts';

/** Half-open range of UTF-16 offsets. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Ranges that may contain each other, for fast questions whether one of them holds an offset. */
export interface Cover {
  /** Sorted. */
  readonly starts: readonly number[];
  /** The largest end among the ranges up to the one with the same index. */
  readonly ends: readonly number[];
}

/** Extent of a function definition, parameters included. */
export interface FunctionRange extends Range {
  readonly name: string;
  /** Names of the parameters, `''` for one that has none. */
  readonly parameters: readonly string[];
}

/** Input of every extractor. */
export interface SourceView {
  readonly text: string;
  readonly captures: Captures;
  /** Sorted by start. */
  readonly functions: readonly FunctionRange[];
  readonly loops: Cover;
  readonly errors: Cover;
  /** Definitions of macros that have a body. */
  readonly macros: Cover;
  /** Offset of the first character of each line. */
  readonly lineStarts: readonly number[];
}

function rangeOf(node: Node): Range {
  return { start: node.startIndex, end: node.endIndex };
}

function coverOf(ranges: readonly Range[]): Cover {
  const sorted = ranges.toSorted((a, b) => a.start - b.start);
  let end = 0;
  return {
    starts: sorted.map((r) => r.start),
    ends: sorted.map((r) => {
      end = Math.max(end, r.end);
      return end;
    }),
  };
}

/** Name of what a declarator declares, or `''`. */
export function declaredName(declarator: Node | null): string {
  let node = declarator;
  while (node !== null) {
    if (/^(?:type_|field_)?identifier$/.test(node.type)) return node.text;
    node = node.childForFieldName('declarator') ?? firstDeclarator(node);
  }
  return '';
}

/** Parenthesised and attributed declarators have no field for what they wrap. */
function firstDeclarator(node: Node): Node | null {
  return node.namedChildren.find((c) => c !== null && /declarator|identifier/.test(c.type)) ?? null;
}

function parametersOf(declarator: Node | null): string[] {
  let node = declarator;
  while (node !== null && node.type !== 'function_declarator')
    node = node.childForFieldName('declarator');
  const list = node?.childForFieldName('parameters')?.namedChildren ?? [];
  return list.flatMap((p) =>
    p?.type === 'parameter_declaration' ? [declaredName(p.childForFieldName('declarator'))] : [],
  );
}

/** Prepares the shared view of one file. */
export function viewOf(text: string, captures: Captures): SourceView {
  const lineStarts = [0];
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) lineStarts.push(i + 1);
  const functions = nodes(captures, 'function')
    .map((n): FunctionRange => {
      const declarator = n.childForFieldName('declarator');
      return {
        ...rangeOf(n),
        name: declaredName(declarator),
        parameters: parametersOf(declarator),
      };
    })
    .sort((a, b) => a.start - b.start);
  return {
    text,
    captures,
    functions: outermost(functions),
    loops: coverOf(nodes(captures, 'loop').map(rangeOf)),
    errors: coverOf(nodes(captures, 'error').map(rangeOf)),
    macros: coverOf(nodes(captures, 'macro').map((n) => rangeOf(n.parent ?? n))),
    lineStarts,
  };
}

/** C has no nested functions: `for_each_possible_cpu(cpu) { }` only looks like one. */
function outermost(functions: readonly FunctionRange[]): FunctionRange[] {
  let end = 0;
  return functions.filter((f) => {
    if (f.end <= end) return false;
    end = f.end;
    return true;
  });
}

/** The nodes of one capture. */
export function nodes(captures: Captures, name: string): readonly Node[] {
  return captures.get(name) ?? [];
}

/** Index of the last element whose key is at most `value`, or -1. */
function lastAtMost(length: number, key: (i: number) => number, value: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The function around `index`, or null at file scope. Functions do not overlap. */
export function functionAt(view: SourceView, index: number): FunctionRange | null {
  const { functions } = view;
  const i = lastAtMost(functions.length, (k) => functions[k].start, index);
  return i >= 0 && index < functions[i].end ? functions[i] : null;
}

/** Name of the function around `index`, or {@link FILE_SCOPE}. */
export function fnAt(view: SourceView, index: number): string {
  const name = functionAt(view, index)?.name ?? '';
  return name === '' ? FILE_SCOPE : name;
}

/** Line of `index`, counted from 1. */
export function lineAt(view: SourceView, index: number): number {
  return lastAtMost(view.lineStarts.length, (k) => view.lineStarts[k], index) + 1;
}

/** Whether one of the ranges contains `index`. */
export function isInside({ starts, ends }: Cover, index: number): boolean {
  const i = lastAtMost(starts.length, (k) => starts[k], index);
  return i >= 0 && index < ends[i];
}

/** Last identifier of an expression such as `a->b[i].c`, or `''`. */
export function lastName(expression: string): string {
  const bare = expression.replace(/(?:\[[^\]]*\]|\([^()]*\)|\)|\s)+$/, '');
  return /[A-Za-z_]\w*$/.exec(bare)?.[0] ?? '';
}
