/**
 * A scanner for C that knows comments, strings and identifiers, and nothing else.
 *
 * It serves twice: macro bodies are unparsed text to the grammar, and as a second, independent
 * instrument it has to find the same calls as the parser (`self-check.ts`).
 */

/** One identifier of the text. */
export interface Token {
  readonly text: string;
  /** Offset in UTF-16 units. */
  readonly index: number;
  /** Whether the next token is an opening parenthesis. */
  readonly called: boolean;
}

const TOKEN =
  /\/\*[\s\S]*?\*\/|\/\/(?:\\\n|[^\n])*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[A-Za-z_]\w*/g;

const FIRST_LETTER = /[A-Za-z_]/;

/** Whether only blanks, line splices and comments lie between `index` and a `(`. */
function isCalled(text: string, index: number): boolean {
  const m = /(?:\s|\\\n|\/\*[\s\S]*?\*\/)*/y;
  m.lastIndex = index;
  m.exec(text);
  return text.charAt(m.lastIndex) === '(';
}

/** The same text with comments and literals overwritten by blanks, line breaks kept. */
export function blankComments(text: string): string {
  return text.replace(TOKEN, (t) =>
    FIRST_LETTER.test(t.charAt(0)) ? t : t.replace(/[^\n]/g, ' '),
  );
}

/** Identifiers of `text` outside comments and literals, in order. */
export function scanIdentifiers(text: string): Token[] {
  const tokens: Token[] = [];
  for (const m of text.matchAll(TOKEN)) {
    const word = m[0];
    if (!FIRST_LETTER.test(word.charAt(0))) continue;
    tokens.push({ text: word, index: m.index, called: isCalled(text, m.index + word.length) });
  }
  return tokens;
}

/** The argument list that opens at `open`, split at the commas of the outermost level. */
export function splitArguments(text: string, open: number): string[] {
  const args: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let i = open; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '(' || c === '[' || c === '{') depth++;
    else if (c === ')' || c === ']' || c === '}') depth--;
    if (depth > 1 || (c !== ',' && depth !== 0)) continue;
    args.push(squeeze(text.slice(start, i)));
    start = i + 1;
    if (depth === 0) return args.length === 1 && args[0] === '' ? [] : args;
  }
  return args;
}

/** One line, single blanks, no line splices. */
export function squeeze(text: string): string {
  return text.replace(/\\\n/g, ' ').replace(/\s+/g, ' ').trim();
}

/** What is wrong with a file that stops in the middle, or null. */
export function truncation(text: string): string | null {
  if (text === '' || text.endsWith('\n')) return null;
  let depth = 0;
  for (const m of text.matchAll(
    /\/\*[\s\S]*?(?:\*\/|$(?![\s\S]))|"(?:\\[\s\S]|[^"\\\n])*"|[{}]/g,
  )) {
    const t = m[0];
    if (t.startsWith('/*') && !t.endsWith('*/')) return 'ends inside a comment';
    if (t === '{') depth++;
    else if (t === '}') depth--;
  }
  return depth > 0 ? 'ends inside a block' : null;
}
