/** Uses of request members, of members that hold lists, of entry fields, and comparisons. */
import type { Node } from 'web-tree-sitter';
import type { ComparisonFact, EntryFieldFact, MemberFact, OpenLoopFact } from '../facts.ts';
import { squeeze } from '../tokens.ts';
import { type Declarations, isRequest, lookUp } from './declarations.ts';
import { originTracer, type Tracer } from './origin.ts';
import {
  type FunctionRange,
  fnAt,
  functionAt,
  lastName,
  lineAt,
  nodes,
  type SourceView,
} from './view.ts';

const ENTRY_FIELDS = /^(?:length|offset|page_link|dma_address|dma_length)$/;
const SOURCE_NAMES = /^(?:src|in_sg|insg|sg_in|sgin|sgs|sg_src|src_sg|ssg)$/;
const DESTINATION_NAMES = /^(?:dst|dsg|dst_sg|sg_dst|out_sg|sg_out|sgout)$/;

/** What {@link extractMembers} finds. */
export interface Members {
  readonly requestMembers: MemberFact[];
  readonly typeMembers: MemberFact[];
  readonly entryFields: EntryFieldFact[];
}

/** What stands before the arrow. */
function baseOf(field: Node): Node | null {
  const access = field.parent;
  // After an iterator macro without braces, `for_each_sg(...) sg->length`, the grammar takes the
  // macro for the operand and the variable for an error between it and the arrow.
  const operand = access?.namedChildren.find((child) => child?.type === 'ERROR');
  return operand ?? access?.childForFieldName('argument') ?? null;
}

/** Collects all member evidence of one file. */
export function extractMembers(view: SourceView, declared: Declarations): Members {
  const trace = originTracer(view, declared);
  const found: Members = { requestMembers: [], typeMembers: [], entryFields: [] };
  for (const node of nodes(view.captures, 'field')) {
    const name = node.text;
    const request = name === 'src' || name === 'dst';
    if (!request && !ENTRY_FIELDS.test(name) && !declared.listMembers.has(name)) continue;
    const base = squeeze(baseOf(node)?.text ?? '');
    if (request && isRequest(declared, base)) found.requestMembers.push(member(view, node));
    else if (declared.listMembers.has(name)) found.typeMembers.push(member(view, node));
    if (ENTRY_FIELDS.test(name)) {
      const fact = entryField(view, declared, trace, node, base);
      if (fact !== null) found.entryFields.push(fact);
    }
  }
  return found;
}

function member(view: SourceView, node: Node): MemberFact {
  const expression = node.parent ?? node;
  const parent = expression.parent;
  const indexed =
    parent?.type === 'subscript_expression' &&
    parent.childForFieldName('argument')?.startIndex === expression.startIndex;
  return {
    text: squeeze(expression.text),
    line: lineAt(view, node.startIndex),
    fn: fnAt(view, node.startIndex),
    indexed,
  };
}

function isWritten(expression: Node): boolean {
  const parent = expression.parent;
  if (parent?.type === 'update_expression') return true;
  return (
    parent?.type === 'assignment_expression' &&
    parent.childForFieldName('left')?.startIndex === expression.startIndex
  );
}

/** The access, or null when the base is not known to be a list entry. */
function entryField(
  view: SourceView,
  declared: Declarations,
  trace: Tracer,
  node: Node,
  base: string,
): EntryFieldFact | null {
  const fn = fnAt(view, node.startIndex);
  const name = lastName(base);
  const direct = /^[(&*]*[A-Za-z_]\w*(?:\[[^\]]*\])*\)?$/.test(base);
  const variable = lookUp(declared, fn, name);
  const isEntry = direct ? variable?.type === 'scatterlist' : isListMember(declared, base, name);
  if (!isEntry) return null;
  return {
    base,
    field: node.text,
    line: lineAt(view, node.startIndex),
    fn,
    write: node.parent !== null && isWritten(node.parent),
    origin: trace(node.startIndex, base),
  };
}

function isListMember(declared: Declarations, base: string, name: string): boolean {
  if (declared.listMembers.has(name)) return true;
  const holder = base.replace(/(?:->|\.)\w+$/, '');
  return /(?:->|\.)(?:src|dst)$/.test(base) && isRequest(declared, holder);
}

/** Source with destination, either order, and two first addresses. */
export function extractComparisons(view: SourceView): ComparisonFact[] {
  const found: ComparisonFact[] = [];
  const isByte = bytePointers(view);
  for (const node of nodes(view.captures, 'compare')) {
    const left = squeeze(node.childForFieldName('left')?.text ?? '');
    const right = squeeze(node.childForFieldName('right')?.text ?? '');
    const kind = comparisonKind(node, left, right, isByte);
    if (kind === null) continue;
    const at = { line: lineAt(view, node.startIndex), fn: fnAt(view, node.startIndex) };
    found.push({ left, right, kind, ...at });
  }
  return found;
}

function comparisonKind(
  node: Node,
  left: string,
  right: string,
  isByte: (node: Node, operand: string) => boolean,
): ComparisonFact['kind'] | null {
  if (/\bsg_virt\(/.test(left) && /\bsg_virt\(/.test(right)) return 'first-address';
  if (!isOperand(left) || !isOperand(right)) return null;
  const a = lastName(left);
  const b = lastName(right);
  const isForward = SOURCE_NAMES.test(a) && DESTINATION_NAMES.test(b);
  if (!isForward && !(DESTINATION_NAMES.test(a) && SOURCE_NAMES.test(b))) return null;
  if (isByte(node, left) || isByte(node, right)) return null;
  return isForward ? 'identity' : 'reversed';
}

function isOperand(expression: string): boolean {
  return /^[&(]*[A-Za-z_][\w.>[\]()-]*$/.test(expression) && !/\w\(/.test(expression);
}

/** Asks whether a plain variable is declared as something other than a list in its function. */
function bytePointers(view: SourceView): (node: Node, operand: string) => boolean {
  const known = new Map<FunctionRange, Map<string, boolean>>();
  return (node, operand) => {
    const fn = functionAt(view, node.startIndex);
    if (fn === null || !/^\w+$/.test(operand)) return false;
    const names = known.get(fn) ?? new Map<string, boolean>();
    known.set(fn, names);
    const answer = names.get(operand) ?? declaresBytes(view.text.slice(fn.start, fn.end), operand);
    names.set(operand, answer);
    return answer;
  };
}

function declaresBytes(body: string, operand: string): boolean {
  return new RegExp(
    `\\b(?:u8|__u8|u32|u64|char|void|__be32|__le32|be128|le128)\\s+(?:const\\s+)?(?:\\*\\s*(?:const\\s+)?|\\w+\\s*,\\s*\\*?\\s*)+${operand}\\b`,
  ).test(body);
}

/** Loops whose whole condition is a list pointer: `while (sg)`, `for (; sg; sg = sg_next(sg))`. */
export function extractOpenLoops(view: SourceView, declared: Declarations): OpenLoopFact[] {
  const found: OpenLoopFact[] = [];
  for (const node of nodes(view.captures, 'loop')) {
    const condition = node.childForFieldName('condition')?.text ?? '';
    const variable = condition.replace(/^[\s(]+|[\s)]+$/g, '');
    if (!/^\w+$/.test(variable)) continue;
    const fn = fnAt(view, node.startIndex);
    if (lookUp(declared, fn, variable)?.type === 'scatterlist')
      found.push({ line: lineAt(view, node.startIndex), fn, variable });
  }
  return found;
}
