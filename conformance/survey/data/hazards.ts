/**
 * What a mechanical conversion gets wrong: one rule per flag. `SG001` to `SG005` are the five that
 * a static tool decides with certainty; the rest are read from patterns, with their confidence.
 */

/** A hazard rule. `level` is that of SARIF. */
export interface HazardRule {
  readonly id: string;
  readonly flag: string;
  readonly level: 'warning' | 'note';
  readonly text: string;
  /** What reviewers say of it: a rule of `conformance/judge/review-rules.ts`. Absent: nothing that we know. */
  readonly review?: string;
}

/** Rules in the order of their identifiers. */
export const HAZARDS: readonly HazardRule[] = [
  {
    id: 'SG001',
    flag: 'chain',
    level: 'warning',
    text: 'a chained list has no counterpart in an iterator',
    review: 'chain-clears-end',
  },
  {
    id: 'SG002',
    flag: 'in-place-by-identity',
    level: 'warning',
    text: 'in-place is decided by comparing list pointers',
  },
  {
    id: 'SG003',
    flag: 'map-count-ignored',
    level: 'warning',
    text: 'the result of the DMA mapping is ignored: wrong once an IOMMU merges entries',
  },
  {
    id: 'SG004',
    flag: 'caller-entry-edited',
    level: 'warning',
    text: "an entry of the caller's list is edited during the request",
    review: 'entries-are-the-callers',
  },
  {
    id: 'SG005',
    flag: 'sg-virt-on-request',
    level: 'warning',
    text: 'sg_virt on the list of a request: entry 0 only, and only for lowmem',
    review: 'many-entries',
  },
  {
    id: 'SG006',
    flag: 'in-place-by-identity-reversed',
    level: 'warning',
    text: 'in-place is decided by comparing list pointers, destination first',
  },
  {
    id: 'SG007',
    flag: 'in-place-by-first-address',
    level: 'warning',
    text: 'in-place is decided by the address of the first entry only',
  },
  {
    id: 'SG008',
    flag: 'map-count-tested',
    level: 'note',
    text: 'the result of the DMA mapping is only tested; the loop uses another count',
  },
  {
    id: 'SG009',
    flag: 'array-index',
    level: 'warning',
    text: 'a list indexed like an array breaks at a chain',
  },
  {
    id: 'SG010',
    flag: 'pages-released-by-walk',
    level: 'warning',
    text: 'pages are released by walking the list after completion; an advanced iterator lost them',
  },
  {
    id: 'SG011',
    flag: 'same-memory-other-list',
    level: 'note',
    text: 'source and destination lists are built from the same memory',
  },
  {
    id: 'SG012',
    flag: 'end-mark-bounds-walk',
    level: 'note',
    text: 'the end mark, not a length, bounds the walk',
    review: 'longer-list',
  },
  {
    id: 'SG013',
    flag: 'cpu-length-after-map',
    level: 'note',
    text: 'sg->length is read in a function that maps: sg_dma_len may be meant',
    review: 'dma-length-after-mapping',
  },
  {
    id: 'SG014',
    flag: 'stack-list',
    level: 'note',
    text: 'the list lives on the stack while the request may complete later',
  },
  {
    id: 'SG015',
    flag: 'scratch-beyond-output',
    level: 'note',
    text: 'bytes beyond the output are used as scratch',
    review: 'longer-list',
  },
  {
    id: 'SG016',
    flag: 'iv-out',
    level: 'note',
    text: 'the IV is written back by copying the last block of source or destination',
  },
  {
    id: 'SG017',
    flag: 'atomic-submit',
    level: 'note',
    text: 'submitted with flags 0: nothing on the path may sleep, extraction included',
  },
  {
    id: 'SG018',
    flag: 'whole-list-count',
    level: 'note',
    text: 'sg_nents counts the whole list, not the request',
    review: 'longer-list',
  },
  {
    id: 'SG019',
    flag: 'zero-length',
    level: 'note',
    text: 'a request without bytes, or without a source list',
  },
  {
    id: 'SG020',
    flag: 'split-per-page',
    level: 'note',
    text: 'vmalloc memory is split per page: one buffer becomes many segments',
  },
  {
    id: 'SG021',
    flag: 'own-entry-edited',
    level: 'note',
    text: 'an entry of a list of its own is edited: an iterator over it would not follow',
  },
];
