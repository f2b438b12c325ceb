/**
 * Semantic patches of our own for the mechanical part, as Coccinelle 1.1.1 reads them.
 *
 * `crypto_iter_copy_*` and `*_set_kvec` are the names of the converted API. SP2 runs before SP4:
 * both match `sg_set_page`. Each patch is measured on the untouched tree.
 */

/** One semantic patch. */
export interface SemanticPatch {
  readonly id: string;
  readonly title: string;
  readonly confidence: 'high' | 'medium';
  /** What a reviewer has to check, because the patch cannot. */
  readonly review: string;
  /** What a removed line contains, once per edit. */
  readonly edit: RegExp;
  /** Files that the patch must not touch, with the reason. */
  readonly refuse: readonly { readonly path: RegExp; readonly reason: string }[];
  readonly text: string;
}

const IMPLEMENTATION = {
  path: /^(?:crypto\/(?:scatterwalk|testmgr)\.c|include\/|lib\/scatterlist\.c)/,
  reason: 'implements or tests the list API itself',
} as const;

/** Patches in the order in which they are applied. */
export const PATCHES: readonly SemanticPatch[] = [
  {
    id: 'SP1',
    title: 'one linear buffer hashed through a one-entry list becomes a virtual-address request',
    confidence: 'high',
    review:
      'the buffer must stay valid until the request completes, as before; the list is left unused',
    edit: /\bsg_init_one\(/,
    refuse: [IMPLEMENTATION],
    text: `@sp1@
local idexpression struct scatterlist S;
expression R, B, O, L;
@@
- sg_init_one(&S, B, L);
  ... when != S
- ahash_request_set_crypt(R, &S, O, L);
+ ahash_request_set_virt(R, B, O, L);
`,
  },
  {
    id: 'SP2',
    title: 'a list of one page becomes one bio_vec',
    confidence: 'high',
    review: 'the declaration of the list has to become a bio_vec by hand',
    edit: /\bsg_init_table\(/,
    refuse: [IMPLEMENTATION],
    text: `@sp2@
expression S, P, L, O;
@@
- sg_init_table(S, 1);
- sg_set_page(S, P, L, O);
+ bvec_set_page(S, P, L, O);
`,
  },
  {
    id: 'SP3',
    title: 'scatterwalk_map_and_copy with a constant direction becomes a directed copy',
    confidence: 'high',
    review: 'a list shorter than offset + length was an oops and becomes a short copy',
    edit: /\bscatterwalk_map_and_copy\(/,
    refuse: [IMPLEMENTATION],
    text: `@sp3@
expression B, S, O, N;
@@
(
- scatterwalk_map_and_copy(B, S, O, N, 0)
+ crypto_iter_copy_from(B, S, O, N)
|
- scatterwalk_map_and_copy(B, S, O, N, 1)
+ crypto_iter_copy_to(S, O, B, N)
)
`,
  },
  {
    id: 'SP4',
    title: 'sg_set_buf and sg_set_page become bvec_set_virt and bvec_set_page',
    confidence: 'medium',
    review: 'table initialisation, chains and end marks around it remain and have to go by hand',
    edit: /\bsg_set_(?:buf|page)\(/,
    refuse: [IMPLEMENTATION],
    text: `@sp4@
expression S, B, L, P, O;
@@
(
- sg_set_buf(S, B, L)
+ bvec_set_virt(S, B, L)
|
- sg_set_page(S, P, L, O)
+ bvec_set_page(S, P, L, O)
)
`,
  },
  {
    id: 'SP6',
    title: 'one linear buffer, in place, cipher or AEAD becomes a kvec request',
    confidence: 'medium',
    review: 'the request may outlive the function: check the lifetime of the buffer',
    edit: /\bsg_init_one\(/,
    refuse: [
      IMPLEMENTATION,
      {
        path: /^drivers\/md\/dm-integrity\.c$/,
        reason: 'journal sections outlive the function that submits them',
      },
    ],
    text: `@sp6@
expression S, B, L, R, IV, N;
@@
- sg_init_one(S, B, L);
  ... when != S
      when any
(
- skcipher_request_set_crypt(R, S, S, N, IV);
+ skcipher_request_set_kvec(R, B, B, N, IV);
|
- aead_request_set_crypt(R, S, S, N, IV);
+ aead_request_set_kvec(R, B, B, N, IV);
)
`,
  },
];
