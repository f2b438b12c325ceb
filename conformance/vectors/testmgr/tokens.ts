/**
 * The tokens of a C file that is tables of data: enough of the language to read initialisers, and an
 * error that names the line for anything else.
 * C: crypto/testmgr.h, crypto/testmgr.c (6.1)
 * @module
 */

/** A token. Strings and characters have their bytes, without the zero byte that C adds. */
export type Token =
  | { readonly kind: 'word' | 'punctuation'; readonly text: string; readonly line: number }
  | { readonly kind: 'number'; readonly value: number; readonly line: number }
  | { readonly kind: 'string'; readonly bytes: Uint8Array; readonly line: number };

/** A file that cannot be read. The message is one line that names file and line. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}

const TOKEN =
  /\s+|\/\*[\s\S]*?\*\/|\/\/[^\n]*|([A-Za-z_]\w*)|(0x[\da-fA-F]+|\d+)[uUlL]*|"((?:[^"\\\n]|\\[\s\S])*)"|'((?:[^'\\\n]|\\[\s\S])+)'|(\.\.\.|->|<<|>>|[-+*/%&|^~!=<>(){}[\];,.?:#\\])/y;
const ESCAPE = /\\(?:x([\da-fA-F]+)|([0-7]{1,3})|([\s\S]))|[^\\]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', v: '\v', f: '\f', b: '\b', a: '\x07' },
};

/**
 * The tokens of a text whose conditionals were resolved, `file` for messages.
 * @throws SourceError at a character that begins no token.
 */
export function tokensOf(text: string, file: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null)
      throw new SourceError(`${file}:${line}: unexpected ${text.slice(at, at + 8)}`);
    const [all, word, number, string, character, punctuation] = found;
    if (word !== undefined) tokens.push({ kind: 'word', text: word, line });
    else if (number !== undefined) tokens.push({ kind: 'number', value: Number(number), line });
    else if (string !== undefined) tokens.push({ kind: 'string', bytes: bytesOf(string), line });
    else if (character !== undefined) {
      tokens.push({ kind: 'number', value: bytesOf(character)[0] ?? 0, line });
    } else if (punctuation !== undefined) {
      tokens.push({ kind: 'punctuation', text: punctuation, line });
    }
    line += all.split('\n').length - 1;
  }
  return tokens;
}

/**
 * The text with the branches of its conditionals that a little-endian kernel without FIPS takes, as
 * many lines as before. What depends on a driver's option is taken; its algorithms are then not offered.
 * @throws SourceError at a conditional that it does not know.
 */
export function resolveConditionals(text: string, file: string): string {
  const taken: boolean[] = [];
  const lines = text.split('\n');
  let directive = false;
  return lines
    .map((line, index) => {
      const continues = directive && lines[index - 1].endsWith('\\');
      directive = continues || line.startsWith('#');
      if (!directive) return taken.includes(false) ? '' : line;
      const [, name, rest] = /^#\s*(\w+)\s*(.*)$/.exec(line) ?? ['', '', ''];
      if (continues) return '';
      if (name === 'if' || name === 'ifdef' || name === 'ifndef') {
        taken.push(isTaken(name, rest, `${file}:${index + 1}`));
      } else if (name === 'else') taken.push(!taken.pop());
      else if (name === 'endif') taken.pop();
      return '';
    })
    .join('\n');
}

function isTaken(directive: string, condition: string, where: string): boolean {
  if (directive === 'ifndef') return true;
  if (/^__LITTLE_ENDIAN\b/.test(condition)) return true;
  if (/^CONFIG_\w*DISABLE/.test(condition)) return false;
  if (/^(IS_ENABLED\(CONFIG_|CONFIG_|defined\(CONFIG_)/.test(condition)) return true;
  if (/^0\b/.test(condition)) return false;
  throw new SourceError(`${where}: condition that is not known: ${condition}`);
}

function bytesOf(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [all, hex, octal, other] of text.matchAll(ESCAPE)) {
    // C takes all the digits that follow, and of the number what fits into a byte.
    if (hex !== undefined) bytes.push(Number.parseInt(hex.slice(-2), 16));
    else if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 255);
    // A line that goes on has a backslash at its end.
    else if (other === '\n') continue;
    else if (other !== undefined) bytes.push(...Buffer.from(ESCAPES[other] ?? other));
    else bytes.push(...Buffer.from(all));
  }
  return Uint8Array.from(bytes);
}
