/**
 * The effort model: hours of one kernel developer with review and tests.
 *
 * The weights are judgement, tuned by eye on 14 files of Linux 6.1, so agreement there validates
 * nothing; the range of an estimate is half to double. Weights per site stand in the catalogue.
 */

/** Hours per occurrence, and factors. */
export const WEIGHTS = {
  entryAccess: 0.15,
  requestMember: 0.05,
  /** Request members beyond this many in one file cost nothing more. */
  requestMembersMax: 40,
  identity: 0.4,
  chain: 1,
  ffwd: 0.5,
  type: 0.05,
  asyncFactor: 1.3,
  /** The range of an estimate: `hours x rangeLow` to `hours x rangeHigh`. */
  rangeLow: 0.5,
  rangeHigh: 2,
} as const;

/** `hours x factor + fixed`, by role; `fixedDma` instead of `fixed` when the file maps for DMA. */
export const ROLE_FACTORS: Readonly<
  Record<string, { readonly factor: number; readonly fixed: number; readonly fixedDma?: number }>
> = {
  'hw-driver': { factor: 1.4, fixed: 1, fixedDma: 4 },
  core: { factor: 2, fixed: 8 },
  uapi: { factor: 1.5, fixed: 4 },
  template: { factor: 1.2, fixed: 1 },
};

/** Upper bound of each class in hours; anything above is `XL`. */
export const CLASSES: readonly (readonly [number, 'XS' | 'S' | 'M' | 'L'])[] = [
  [1, 'XS'],
  [4, 'S'],
  [12, 'M'],
  [32, 'L'],
];
