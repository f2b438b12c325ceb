/**
 * Colour on a terminal, and nowhere else.
 * @module
 */

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof CODES;

/** Puts a style round a text. */
export type Paint = (style: Style, text: string) => string;

/**
 * Paints for a stream: only a terminal, and never where NO_COLOR is set to anything (no-color.org).
 * @param env the environment that is asked.
 */
export function painter(
  { isTTY }: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Paint {
  const { NO_COLOR: refused = '', TERM: term } = env;
  const on = isTTY === true && refused === '' && term !== 'dumb';
  return (style, text) => {
    const [open, close] = CODES[style];
    return on ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  };
}

/** Paints for stdout. */
export function paintOutput(style: Style, text: string): string {
  return painter(process.stdout, process.env)(style, text);
}

/** The line that a command ends with: green, or red when something is wrong. */
export function verdictLine(text: string, isGood: boolean): string {
  return paintOutput(isGood ? 'green' : 'red', text);
}
