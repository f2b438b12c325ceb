/**
 * From a site to what it becomes: one row per key.
 *
 * `mechanical` says how far a tool gets: `yes`, `half` (a reviewer has to look at each one), `no`,
 * `nothing` (its users do not change), `delete`, `decision` (a rule has to be agreed first),
 * `blocked` (an interface outside crypto is missing).
 */

/** How far a tool gets with a site. */
export type Mechanical = 'yes' | 'half' | 'no' | 'nothing' | 'delete' | 'decision' | 'blocked';

/** One way a site is converted. */
export interface MappingRow {
  readonly key: string;
  readonly mechanical: Mechanical;
  readonly converted: string;
  /** Catalogued names, separated by white space. */
  readonly names: string;
  /** conformance/recipes has such a caller, as it is and as what to type instead; or why it has none. */
  readonly recipe: true | string;
}

/** Rows in the order of the plan. */
export const MAPPING: readonly MappingRow[] = [
  {
    key: 'one-buffer',
    recipe: true,
    mechanical: 'yes',
    converted: 'one bio_vec by bvec_set_virt, or a request on a virtual address',
    names: 'sg_init_one',
  },
  {
    key: 'table',
    recipe: true,
    mechanical: 'yes',
    converted: 'bvec_set_virt or bvec_set_page on bv[i]; count and length go into iov_iter_bvec',
    names: `
      sg_init_table sg_init_marker sg_set_buf sg_set_page sg_set_folio sg_assign_page
      sg_alloc_table sg_free_table __sg_alloc_table __sg_free_table sg_alloc_table_chained
      sg_free_table_chained sg_alloc_table_from_pages sg_alloc_table_from_pages_segment
      sg_alloc_append_table_from_pages sg_free_append_table sgl_alloc sgl_alloc_order sgl_free
      sgl_free_order sgl_free_n_order`,
  },
  {
    key: 'end-mark',
    recipe: true,
    mechanical: 'yes',
    converted: 'nothing: the length bounds the walk',
    names: 'sg_mark_end sg_unmark_end sg_is_last sg_last',
  },
  {
    key: 'chain',
    recipe: true,
    mechanical: 'no',
    converted: 'no counterpart: copy n + m bio_vecs, or a request with separate iterators',
    names: 'sg_chain __sg_chain scatterwalk_crypto_chain sg_is_chain sg_chain_ptr',
  },
  {
    key: 'split',
    recipe: true,
    mechanical: 'blocked',
    converted: 'two extractions of the same iterator; sg_split itself has no counterpart',
    names: 'sg_split',
  },
  {
    key: 'skip',
    recipe: true,
    mechanical: 'yes',
    converted: 'copy the iterator, iov_iter_advance',
    names: 'scatterwalk_ffwd scatterwalk_skip scatterwalk_start_at_pos scatterwalk_get_sglist',
  },
  {
    key: 'copy-at',
    recipe: true,
    mechanical: 'yes',
    converted: 'copy the iterator, advance, copy_from_iter or copy_to_iter',
    names: 'scatterwalk_map_and_copy',
  },
  {
    key: 'copy',
    recipe: true,
    mechanical: 'yes',
    converted: 'copy_from_iter or copy_to_iter on a copy of the iterator',
    names: `
      sg_copy_to_buffer sg_copy_from_buffer sg_pcopy_to_buffer sg_pcopy_from_buffer
      sg_copy_buffer sg_zero_buffer memcpy_from_sglist memcpy_to_sglist
      memcpy_from_scatterwalk memcpy_to_scatterwalk`,
  },
  {
    key: 'copy-list',
    recipe: true,
    mechanical: 'half',
    converted: 'a walk over both iterators: no function copies from one to the other',
    names: 'memcpy_sglist',
  },
  {
    key: 'walk-entries',
    recipe: true,
    mechanical: 'half',
    converted: 'for_each_bvec over an extracted array, or a crypto walker',
    names: `
      sg_next sg_page sg_virt sg_phys for_each_sg for_each_sgtable_sg for_each_sgtable_dma_sg
      for_each_sg_page for_each_sg_dma_page for_each_sgtable_page __sg_page_iter_start
      __sg_page_iter_next sg_page_iter_page`,
  },
  {
    key: 'walk-bytes',
    recipe: true,
    mechanical: 'half',
    converted: 'one crypto walker over an iterator (map, length, advance)',
    names: `
      scatterwalk_start scatterwalk_advance scatterwalk_done scatterwalk_clamp
      scatterwalk_unmap scatterwalk_map scatterwalk_pagedone scatterwalk_page
      scatterwalk_pagelen scatterwalk_copychunks scatterwalk_done_src scatterwalk_done_dst
      scatterwalk_next sg_miter_start sg_miter_next sg_miter_skip sg_miter_stop`,
  },
  {
    key: 'walker-api',
    recipe: 'a driver that walks types the same as before',
    mechanical: 'nothing',
    converted: 'unchanged for its users, reimplemented inside the core',
    names: `
      skcipher_walk_virt skcipher_walk_done skcipher_walk_abort skcipher_walk_async
      skcipher_walk_complete skcipher_walk_atomise skcipher_walk_aead
      skcipher_walk_aead_encrypt skcipher_walk_aead_decrypt crypto_hash_walk_first
      crypto_hash_walk_done crypto_hash_walk_last shash_ahash_update shash_ahash_finup
      shash_ahash_digest acomp_walk_virt acomp_walk_next_src acomp_walk_next_dst
      acomp_walk_done_src acomp_walk_done_dst ECB_WALK_START ECB_WALK_END CBC_WALK_START
      CBC_WALK_END`,
  },
  {
    key: 'count',
    recipe: true,
    mechanical: 'half',
    converted: 'iov_iter_npages or the count of the extraction; keep the "too short" check',
    names: 'sg_nents sg_nents_for_len',
  },
  {
    key: 'dma',
    recipe: true,
    mechanical: 'no',
    converted: 'dma_map_phys per segment or dma_iova_*; both counts are kept apart',
    names: `
      dma_map_sg dma_unmap_sg dma_map_sg_attrs dma_unmap_sg_attrs dma_map_sgtable
      dma_unmap_sgtable dma_sync_sg_for_cpu dma_sync_sg_for_device dma_sync_sgtable_for_cpu
      dma_sync_sgtable_for_device sg_dma_address sg_dma_len pci_map_sg pci_unmap_sg`,
  },
  {
    key: 'dmaengine',
    recipe: true,
    mechanical: 'half',
    converted: 'dmaengine_prep_peripheral_dma_vec (6.12 and later)',
    names: 'dmaengine_prep_slave_sg',
  },
  {
    key: 'from-skb',
    recipe: true,
    mechanical: 'blocked',
    converted: 'skb_to_bvec, which has to be written once',
    names: 'skb_to_sgvec skb_to_sgvec_nomark',
  },
  {
    key: 'from-bio',
    recipe: true,
    mechanical: 'delete',
    converted: 'the bio already is an array of bio_vecs',
    names: 'blk_rq_map_sg __blk_rq_map_sg',
  },
  {
    key: 'from-iter',
    recipe: true,
    mechanical: 'delete',
    converted: 'disappears: the iterator is passed on',
    names: `
      extract_iter_to_sg netfs_extract_iter_to_sg af_alg_make_sg af_alg_pull_tsgl
      af_alg_get_rsgl`,
  },
  {
    key: 'setter',
    recipe: true,
    mechanical: 'half',
    converted: 'the setter of the duplicated API, which takes iterators and a length',
    names: `
      skcipher_request_set_crypt aead_request_set_crypt aead_request_set_ad
      ahash_request_set_crypt akcipher_request_set_crypt kpp_request_set_input
      kpp_request_set_output acomp_request_set_params acomp_request_set_src_dma
      acomp_request_set_dst_dma`,
  },
  {
    key: 'setter-converted',
    recipe: 'it already says where its memory is without a list',
    mechanical: 'nothing',
    converted: 'already without a list',
    names: `
      ahash_request_set_virt acomp_request_set_src_nondma acomp_request_set_dst_nondma
      acomp_request_set_src_folio acomp_request_set_dst_folio`,
  },
  {
    key: 'krb5',
    recipe: true,
    mechanical: 'half',
    converted: 'crypto_krb5 calls on iterators; xdr_buf_to_bvec exists',
    names: `
      crypto_krb5_encrypt crypto_krb5_decrypt crypto_krb5_get_mic crypto_krb5_verify_mic
      xdr_buf_to_sg xdr_buf_to_sg_alloc`,
  },
];

/** Rows of the plan that are no calls: comparisons, and an interface outside crypto. */
export const OTHER_MAPPING: readonly Omit<MappingRow, 'names'>[] = [
  {
    key: 'in-place',
    recipe: true,
    mechanical: 'decision',
    converted: 'in-place said explicitly (no destination, or a flag) instead of src == dst',
  },
  {
    key: 'virtqueue',
    recipe: true,
    mechanical: 'blocked',
    converted: 'a variant of virtqueue_add_sgs that takes bio_vecs: missing',
  },
];

/** External interfaces that are scatterlists themselves, and what is missing for each. */
export const EXTERNAL: readonly { readonly name: RegExp; readonly blocker: string }[] = [
  { name: /^dmaengine_prep_slave_sg$/, blocker: 'dmaengine_prep_slave_sg (dmaengine)' },
  { name: /^virtqueue_add_sgs$/, blocker: 'virtqueue_add_sgs (virtio)' },
  { name: /^sg_split$/, blocker: 'sg_split (lib)' },
  { name: /^sk_msg_/, blocker: 'sk_msg (net)' },
  { name: /^xdr_process_buf$/, blocker: 'xdr_process_buf (sunrpc)' },
  { name: /^skb_to_sgvec/, blocker: 'skb_to_bvec (missing)' },
];
