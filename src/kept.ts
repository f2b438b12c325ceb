/**
 * The last answers of a function whose answers are dear, and which each layout and each API asks the same.
 * @module
 */

const MOST = 8;

/** Answers by the values that were asked with; numbers and strings are told by what they are. */
export class Kept<T> {
  private readonly all: { readonly asked: readonly unknown[]; readonly answer: T }[] = [];

  /** The answer to `asked`, made only where it is not among the last. */
  of(asked: readonly unknown[], make: () => T): T {
    const { all } = this;
    const known = all.find((one) => one.asked.every((value, i) => value === asked[i]));
    if (known !== undefined) return known.answer;
    const answer = make();
    if (all.length === MOST) all.shift();
    all.push({ asked, answer });
    return answer;
  }
}
