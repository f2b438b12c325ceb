/** Live calls of catalogued names, in code and in macro bodies, and names used as values. */
import type { Node } from 'web-tree-sitter';
import { CATALOGUE } from '../catalogue.ts';
import {
  type CallbackFact,
  type CallFact,
  MACRO_SCOPE,
  type Place,
  type RefFact,
  type ResultUse,
} from '../facts.ts';
import { scanIdentifiers, splitArguments, squeeze } from '../tokens.ts';
import { fnAt, functionAt, isInside, lineAt, nodes, type SourceView } from './view.ts';

/** Calls in document order. */
export function extractCalls(view: SourceView): CallFact[] {
  const calls: CallFact[] = [];
  for (const node of nodes(view.captures, 'call')) {
    if (CATALOGUE.has(node.text)) calls.push(codeCall(view, node));
  }
  for (const node of nodes(view.captures, 'macro')) calls.push(...macroCalls(view, node));
  return calls.sort((a, b) => a.line - b.line);
}

function codeCall(view: SourceView, node: Node): CallFact {
  const call = node.parent ?? node;
  const args = call.childForFieldName('arguments')?.namedChildren ?? [];
  const place: Place = isInside(view.errors, node.startIndex) ? 'error' : 'code';
  return {
    name: node.text,
    line: lineAt(view, node.startIndex),
    fn: fnAt(view, node.startIndex),
    args: args.flatMap((a) => (a === null || a.type === 'comment' ? [] : [squeeze(a.text)])),
    place,
    use: resultUse(call),
    looped: isInside(view.loops, node.startIndex),
  };
}

/** What the code does with the result of `call`. */
function resultUse(call: Node): ResultUse {
  let node = call;
  let parent = call.parent;
  while (parent !== null && /^(?:parenthesized|cast)_expression$/.test(parent.type)) {
    node = parent;
    parent = parent.parent;
  }
  if (parent === null || parent.type === 'expression_statement') return 'ignored';
  if (/^(?:if|while)_statement$/.test(parent.type)) return 'tested';
  if (parent.type === 'unary_expression' && parent.text.startsWith('!')) return 'tested';
  if (parent.type !== 'binary_expression') return likely(parent, node) ? 'tested' : 'kept';
  const operator = parent.childForFieldName('operator')?.text ?? '';
  if (/^(?:&&|\|\|)$/.test(operator)) return 'tested';
  return /^(?:[=!]=|[<>]=?)$/.test(operator) ? 'compared' : 'kept';
}

/** `unlikely(f(x))`: the result is the argument of a hint. */
function likely(parent: Node, node: Node): boolean {
  if (parent.type !== 'argument_list') return false;
  const hint = parent.parent?.childForFieldName('function')?.text ?? '';
  return /^(?:un)?likely$/.test(hint) && node.parent?.namedChildCount === 1;
}

function macroCalls(view: SourceView, node: Node): CallFact[] {
  const body = node.text;
  const calls: CallFact[] = [];
  for (const token of scanIdentifiers(body)) {
    if (!token.called || !CATALOGUE.has(token.text)) continue;
    calls.push({
      name: token.text,
      line: lineAt(view, node.startIndex + token.index),
      fn: MACRO_SCOPE,
      args: splitArguments(body, body.indexOf('(', token.index)),
      place: 'macro',
      use: 'kept',
      looped: false,
    });
  }
  return calls;
}

/** Catalogued names that are passed, stored or assigned instead of being called. */
export function extractRefs(view: SourceView): RefFact[] {
  return nodes(view.captures, 'ref')
    .filter((n) => CATALOGUE.has(n.text))
    .map((n) => ({
      name: n.text,
      line: lineAt(view, n.startIndex),
      fn: fnAt(view, n.startIndex),
    }));
}

/** What the completion callbacks of this file do. */
export function extractCallbacks(view: SourceView, calls: readonly CallFact[]): CallbackFact[] {
  const names = new Set(
    calls.filter((c) => c.name.endsWith('_request_set_callback')).map((c) => c.args[2] ?? ''),
  );
  const callees = new Map(
    view.functions.filter((f) => names.has(f.name)).map((f) => [f, [] as string[]]),
  );
  for (const node of callees.size === 0 ? [] : nodes(view.captures, 'call')) {
    const fn = functionAt(view, node.startIndex);
    if (fn !== null) callees.get(fn)?.push(node.text);
  }
  return [...callees].map(([f, called]) => ({
    name: f.name,
    line: lineAt(view, f.start),
    calls: called,
  }));
}
