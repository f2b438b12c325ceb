/**
 * The C grammar as WebAssembly: `web-tree-sitter` with the file that `tree-sitter-c` ships.
 *
 * Both packages are optional dependencies that are loaded here and nowhere else. Their wasm is
 * found through the module system, never relative to the current folder.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Node, Parser, Query } from 'web-tree-sitter';
import { EXIT_ENVIRONMENT, UsageError } from '../terminal/exit.ts';

/** The captures of one query run, by name, each in document order. */
export type Captures = ReadonlyMap<string, readonly Node[]>;

/** A loaded grammar. One per thread. */
export interface CGrammar {
  readonly parser: Parser;
  readonly query: Query;
}

/** One query for everything: nested queries per node cost more than the parse. */
const QUERY = `
(call_expression function: (identifier) @call)
(call_expression function: (field_expression field: (field_identifier) @method))
(argument_list (identifier) @ref)
(argument_list (pointer_expression argument: (identifier) @ref))
(initializer_pair value: (identifier) @ref)
(initializer_list (identifier) @ref)
(assignment_expression right: (identifier) @ref)
(struct_specifier name: (type_identifier) @struct)
(field_expression field: (field_identifier) @field)
(binary_expression operator: ["==" "!="]) @compare
(function_definition) @function
(preproc_def value: (preproc_arg) @macro)
(preproc_function_def value: (preproc_arg) @macro)
(field_designator (field_identifier) @designator)
(assignment_expression left: (field_expression field: (field_identifier) @assigned-member))
(assignment_expression left: (identifier) @assigned-code right: (unary_expression))
(return_statement) @return
[(for_statement) (while_statement) (do_statement)] @loop
(ERROR) @error
(MISSING) @missing
`;

/** Loads parser, grammar and query. Fails with exit code 3 when the packages are missing. */
export async function loadGrammar(): Promise<CGrammar> {
  const require = createRequire(import.meta.url);
  let treeSitter: typeof import('web-tree-sitter');
  let wasm: string;
  try {
    treeSitter = await import('web-tree-sitter');
    wasm = require.resolve('tree-sitter-c/tree-sitter-c.wasm');
  } catch {
    throw new UsageError(
      'survey: the optional packages web-tree-sitter and tree-sitter-c are not installed' +
        ' (npm install --include=optional)',
      EXIT_ENVIRONMENT,
    );
  }
  await treeSitter.Parser.init();
  const language = await treeSitter.Language.load(readFileSync(wasm));
  const parser = new treeSitter.Parser();
  parser.setLanguage(language);
  return { parser, query: new treeSitter.Query(language, QUERY) };
}

/** Parses `source`, runs `use` on the captures, and frees the tree (wasm is not collected). */
export function withCaptures<T>(
  grammar: CGrammar,
  source: string,
  use: (captures: Captures, root: Node) => T,
): T {
  const tree = grammar.parser.parse(source);
  if (tree === null) throw new Error('the parser has no language');
  try {
    const byName = new Map<string, Node[]>();
    for (const { name, node } of grammar.query.captures(tree.rootNode)) {
      const nodes = byName.get(name);
      if (nodes === undefined) byName.set(name, [node]);
      else nodes.push(node);
    }
    return use(byName, tree.rootNode);
  } finally {
    tree.delete();
  }
}
