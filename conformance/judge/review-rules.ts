/**
 * What reviewers of the crypto subsystem ask of every patch, as named rules over findings: each with what it
 * says, where it was said or what it cost, and which findings break it.
 *
 * A rule is told of the smallest case, in which nothing is left that the finding does without: a list that
 * is longer than its data there is what makes it fail. A rule may be broken beside it; it is never told alone.
 * @module
 */
import {
  bytesLength,
  type Case,
  isAead,
  isRefused,
  requestCase,
  requestCount,
} from '../case/case.ts';
import { isLongerThanData } from '../case/layout.ts';
import { isPartlyInPlace } from '../case/shared.ts';
import type { Check, Violation } from './judge.ts';

export interface ReviewRule {
  /** `longer-list`. */
  readonly id: string;
  readonly says: string;
  /** Mails and commits of the kernel. */
  readonly sources: readonly string[];
  /** What is looked at; for a rule that no case can break, who looks or why nobody does. */
  readonly seen: string;
  /** null: no case can break it. */
  readonly isBroken: ((c: Case, violation: Violation) => boolean) | null;
}

/** Files of a first page above 4 GiB. */
const FOUR_GIB = 2 ** 20;
const BLOCK = 16;

function mail(id: string): string {
  return `https://lore.kernel.org/linux-crypto/${id}/`;
}

function commit(id: string): string {
  return `commit ${id}`;
}

function isOf({ check }: Violation, ...checks: readonly Check[]): boolean {
  return checks.some((one) => one === check);
}

/** A trap, or a broken rule of DMA, that says this. */
function says({ check, detail }: Violation, words: RegExp): boolean {
  return (check === 'TRAP' || check === 'DMA') && words.test(detail.split('\n')[0] ?? '');
}

export const REVIEW_RULES: readonly ReviewRule[] = [
  {
    id: 'longer-list',
    says: 'A list that is longer than the data works, and its other bytes stay as they are.',
    sources: [
      mail('aaKqD5FP6w8dp48p@gondor.apana.org.au'),
      mail('aWR4R8easn23zuHO@gondor.apana.org.au'),
    ],
    seen: 'any finding that needs a list longer than its data; in a tree SG012, SG015, SG018',
    isBroken: (c, violation) =>
      isLongerThanData(c) && !isRefused(c) && !isOf(violation, 'SELF', 'WARN'),
  },
  {
    id: 'entries-are-the-callers',
    says: "A driver does not change the entries of the caller's list, not even for a time.",
    sources: [mail('aYWsJAmf05EdotTX@gondor.apana.org.au')],
    seen: 'FORM, when a request is over; a TRAP at the write in one case of eight; in a tree SG004',
    isBroken: (_c, violation) =>
      (violation.check === 'FORM' && violation.detail.includes("the caller's lists")) ||
      says(violation, /an entry of the caller's list/),
  },
  {
    id: 'no-stack-or-vmalloc-entry',
    says: 'No memory of a stack and no vmalloc memory stands in a list by its address.',
    sources: [
      mail('aR_YR_nF4sjUlgN6@gondor.apana.org.au'),
      mail('20260312053933.53012-1-ebiggers@kernel.org'),
    ],
    seen: 'TRAP where an entry is made of such an address, WARN where it is mapped for a device',
    isBroken: (_c, violation) =>
      says(violation, /virt_addr_valid/) ||
      (violation.check === 'WARN' && violation.detail.includes('vmalloc')),
  },
  {
    id: 'one-bidirectional-mapping',
    says: 'One list that is source and destination is one mapping, DMA_BIDIRECTIONAL.',
    sources: [
      mail('abDsufbNKkUa1msb@gondor.apana.org.au'),
      mail('aau4hTzIYEVKyAT3@gondor.apana.org.au'),
    ],
    seen: 'DMA: the memory of one list mapped once in each direction; two mappings that may be written',
    isBroken: (_c, violation) =>
      violation.check === 'DMA' && /in each direction|overlapping mappings/.test(violation.detail),
  },
  {
    id: 'dma-length-after-mapping',
    says: 'sg_dma_len() is read behind dma_map_sg(), and of the entries that it has filled.',
    sources: [commit('15b59e7c3733')],
    seen: 'DMA: a length that no mapping has filled; in a tree SG013',
    isBroken: (_c, violation) => says(violation, /no DMA mapping has filled/),
  },
  {
    id: 'unmapped-as-mapped',
    says: 'A mapping is undone with the entries and the direction that it was made with.',
    sources: [commit('15b59e7c3733')],
    seen: 'DMA: another number of entries, size, direction or function; a mapping that stays',
    isBroken: (_c, violation) =>
      says(violation, /frees DMA|to free DMA|sync|number of entries/) ||
      (violation.check === 'DMA' && /not returned|^dma of|^\d+ dma /.test(violation.detail)),
  },
  {
    id: 'one-notice',
    says: 'A backlogged request is told of -EINPROGRESS once, and then of its result.',
    sources: [
      commit('96feb73def02'),
      commit('5a1436beec57'),
      mail('aeXgNAUkzhe1iieX@gondor.apana.org.au'),
    ],
    seen: 'CB, ORDER: notices that are missing, come twice, or come to who waits for none',
    isBroken: ({ context, program }, violation) =>
      says(violation, /leaving the backlog|notice without backlog/) ||
      (violation.check === 'CB' &&
        (context.backlog || violation.detail.includes('EINPROGRESS,'))) ||
      (violation.check === 'ORDER' && program !== undefined && /backlog/.test(violation.detail)),
  },
  {
    id: 'notices-are-no-results',
    says: 'The second phase of a template swallows -EINPROGRESS and -EBUSY: they are no results.',
    sources: [commit('96feb73def02'), commit('180ce7e81030'), commit('d1775a177f7f')],
    seen: 'RET and CB where a template ends with either; LIVE where it then waits for ever',
    isBroken: ({ async, driver }, violation) =>
      async &&
      driver.includes('(') &&
      (violation.check === 'LIVE' ||
        (isOf(violation, 'RET', 'CB') &&
          /is E(?:INPROGRESS|BUSY)\b|EBUSY\]/.test(violation.detail))),
  },
  {
    id: 'tag-before-completion',
    says: 'An asynchronous decryption is not completed before its tag has been compared.',
    sources: [commit('d1775a177f7f')],
    seen: 'RET, CB, OUT of an asynchronous decryption with a wrong tag',
    isBroken: (c, violation) =>
      isAead(c) &&
      c.op === 'decrypt' &&
      c.async &&
      c.tamper !== null &&
      isOf(violation, 'RET', 'CB'),
  },
  {
    id: 'request-is-gone',
    says: 'Nobody uses a request or its IV behind its end; who needs the IV later takes a copy.',
    sources: [commit('856e3f4092cf'), commit('5aa58c3a572b'), commit('d887c52d6ae4')],
    seen: 'TRAP: an IV or a request that is gone; CALLER: an IV that is changed in flight',
    isBroken: ({ program }, violation) =>
      says(violation, /IV of a request that is over|of freed object|of free page/) ||
      (violation.check === 'CALLER' && program?.misuse?.what === 'iv'),
  },
  {
    id: 'chain-clears-end',
    says: 'sg_chain() takes the end mark away in front of the link: a walk goes on behind it.',
    sources: [commit('2d97591ef43d')],
    seen: 'any finding that needs chained tables; in a tree SG001',
    isBroken: ({ layout }, violation) => layout.chain > 0 && !isOf(violation, 'SELF', 'WARN'),
  },
  {
    id: 'bounded-page-reassignment',
    says: 'Pages that a socket hands on are counted, and no more are given than it has.',
    sources: [commit('e870456d8e7c')],
    seen: 'nobody: the sockets of AF_ALG are not modelled, only the lists that they hand out',
    isBroken: null,
  },
  {
    id: 'copy-within-one-memory',
    says: 'A copy between two lists over the same memory works, and cannot fail.',
    sources: [commit('131bdceca1f0'), commit('0f8d42bf128d')],
    seen: 'any finding that needs two lists over one memory, all of it or a part',
    isBroken: ({ layout, invalid }, violation) =>
      (layout.inplace === 'twin' || isPartlyInPlace(layout)) &&
      invalid === undefined &&
      !isOf(violation, 'SELF', 'WARN'),
  },
  {
    id: 'direction-is-readable',
    says: 'A copy says in its name which way it goes, not in a last argument of 0 or 1.',
    sources: [mail('CAHk-=wiEzzo=LQ4TasUqFDkSYYAXa3VT6PvLx+AS8asOEA6hng@mail.gmail.com')],
    seen: 'no case: the survey counts calls of scatterwalk_map_and_copy; the iov_iter API has none',
    isBroken: null,
  },
  {
    id: 'partial-block-counts',
    says: 'The output IV of CTR counts the last block, also where it is a part of one.',
    sources: [commit('3e806a12d10a')],
    seen: 'IV of a counter mode whose text is no whole number of blocks',
    isBroken: ({ alg, text }, violation) =>
      violation.check === 'IV' && /ctr\(/.test(alg) && bytesLength(text) % BLOCK !== 0,
  },
  {
    id: 'many-entries',
    says: 'Lists of several entries work: none is refused, or taken for its first entry.',
    sources: [commit('e2c3b6b21c77')],
    seen: 'RET, OUT, LIVE where a finding needs more than one segment; in a tree SG005',
    isBroken: ({ layout: { src, dst } }, violation) =>
      Math.max(src.length, dst.length) > 1 && isOf(violation, 'RET', 'OUT', 'LIVE'),
  },
  {
    id: 'wide-lengths',
    says: 'Lengths and offsets are not cut to 32 bits on their way.',
    sources: [
      commit('fcf463b92a08'),
      commit('2d4d1eea540b'),
      mail('20260312053933.53012-1-ebiggers@kernel.org'),
    ],
    seen: 'any finding about an iterator that needs a position above 4 GiB; the structural tier: the last address',
    isBroken: ({ iterator }) => (iterator?.first ?? 0) >= FOUR_GIB,
  },
];

/** The rules that a finding breaks: of its request, where it is about one. */
export function rulesBroken(c: Case, violation: Violation): ReviewRule[] {
  const { request = 0 } = violation;
  const { program } = c;
  const own = request < requestCount(c) ? requestCase(c, request) : c;
  const about: Case = program === undefined ? own : { ...own, program };
  return REVIEW_RULES.filter(({ isBroken }) => isBroken?.(about, violation) === true);
}

/** The rule of this name, where this version has it. */
export function ruleOf(id: string): ReviewRule | null {
  return REVIEW_RULES.find((rule) => rule.id === id) ?? null;
}
