/**
 * Broken contracts as exceptions. Expected failures are negative errnos and never pass through here.
 * Messages are constant (a template literal in a loop costs 12 ns); values travel in `details`.
 * @module
 */

/** Numbers and names that belong to a broken contract, printed behind the message. */
export type Details = Readonly<Record<string, number | string | boolean>>;

/** What a kernel answers with BUG, WARN, a sanitizer report, or silent corruption. */
export class KernelBug extends Error {
  override readonly name: string = 'KernelBug';
  readonly condition: string;
  readonly details: Details;

  constructor(condition: string, details: Details = {}) {
    super(describe(condition, details));
    this.condition = condition;
    this.details = details;
  }
}

/** What a kernel answers with an oops: a NULL or wild pointer was followed. */
export class KernelOops extends KernelBug {
  override readonly name: string = 'KernelOops';
}

/** @throws KernelBug when `condition` is false. Names what was expected to hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new KernelBug(message);
}

function describe(condition: string, details: Details): string {
  const values = Object.entries(details).map(([key, value]) => `${key}=${value}`);
  return values.length === 0 ? condition : `${condition} (${values.join(', ')})`;
}
