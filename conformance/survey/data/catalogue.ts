/**
 * The catalogue: every name that makes a call a site, or decides scope, mode or algorithms.
 *
 * Source: declarations in include/linux/scatterlist.h, include/crypto/*.h and include/linux/skbuff.h
 * of Linux 6.1, extended by the headers of 6.12, 7.2 and 7.3. Groups that begin with `extra-` are
 * kept apart, so that totals stay comparable with the 252 names of the first 20 groups.
 */

/** One group of names. `weight` is hours per site (see `effort.ts`). */
export interface CatalogueGroup {
  readonly group: string;
  /** Whether a call of one of the names is a site. */
  readonly counted: boolean;
  readonly weight: number;
  /** Names, separated by white space. */
  readonly names: string;
}

/** The 252 names in 20 groups. */
export const GROUPS: readonly CatalogueGroup[] = [
  {
    group: 'sg-build',
    counted: true,
    weight: 0.15,
    names: `
      sg_set_buf sg_init_one sg_init_table sg_set_page sg_chain sg_mark_end sg_free_table
      sg_unmark_end sg_alloc_table sg_assign_page sg_split sg_alloc_table_from_pages
      sgl_alloc scatterwalk_crypto_chain sg_init_marker sgl_free __sg_chain
      __sg_alloc_table sg_alloc_table_chained sg_alloc_table_from_pages_segment
      sg_alloc_append_table_from_pages __sg_free_table sg_free_table_chained
      sg_free_append_table sgl_alloc_order sgl_free_order sgl_free_n_order sg_set_folio`,
  },
  {
    group: 'sg-from-skb',
    counted: true,
    weight: 0.75,
    names: `
      skb_to_sgvec skb_to_sgvec_nomark`,
  },
  {
    group: 'sg-from-bio',
    counted: true,
    weight: 0.75,
    names: `
      blk_rq_map_sg __blk_rq_map_sg`,
  },
  {
    group: 'sg-from-iter',
    counted: true,
    weight: 0.5,
    names: `
      af_alg_pull_tsgl af_alg_make_sg af_alg_get_rsgl extract_iter_to_sg
      netfs_extract_iter_to_sg`,
  },
  {
    group: 'sg-walk',
    counted: true,
    weight: 0.35,
    names: `
      sg_next sg_nents_for_len sg_nents sg_page sg_virt for_each_sg sg_is_last
      sg_miter_next sg_miter_start sg_miter_stop sg_miter_skip sg_phys sg_last
      for_each_sgtable_sg for_each_sgtable_dma_sg for_each_sg_page for_each_sg_dma_page
      for_each_sgtable_page sg_is_chain sg_chain_ptr __sg_page_iter_start
      __sg_page_iter_next sg_page_iter_page`,
  },
  {
    group: 'sg-copy',
    counted: true,
    weight: 0.2,
    names: `
      scatterwalk_map_and_copy sg_pcopy_to_buffer sg_copy_to_buffer scatterwalk_copychunks
      sg_copy_from_buffer sg_pcopy_from_buffer memcpy_sglist sg_copy_buffer sg_zero_buffer
      memcpy_from_sglist memcpy_to_sglist memcpy_from_scatterwalk memcpy_to_scatterwalk`,
  },
  {
    group: 'scatterwalk',
    counted: true,
    weight: 0.4,
    names: `
      scatterwalk_ffwd scatterwalk_start scatterwalk_advance scatterwalk_done
      scatterwalk_clamp scatterwalk_unmap scatterwalk_map scatterwalk_pagedone
      scatterwalk_page scatterwalk_pagelen scatterwalk_start_at_pos scatterwalk_done_src
      scatterwalk_done_dst scatterwalk_next scatterwalk_skip scatterwalk_get_sglist`,
  },
  {
    group: 'skcipher-walk',
    counted: true,
    weight: 0,
    names: `
      skcipher_walk_done skcipher_walk_virt skcipher_walk_aead_decrypt
      skcipher_walk_aead_encrypt skcipher_walk_abort skcipher_walk_async
      skcipher_walk_complete skcipher_walk_atomise skcipher_walk_aead`,
  },
  {
    group: 'hash-walk',
    counted: true,
    weight: 0,
    names: `
      crypto_hash_walk_done crypto_hash_walk_first shash_ahash_update shash_ahash_digest
      shash_ahash_finup crypto_hash_walk_last`,
  },
  {
    group: 'acomp-walk',
    counted: true,
    weight: 0,
    names: `
      acomp_walk_virt acomp_walk_next_src acomp_walk_next_dst acomp_walk_done_src
      acomp_walk_done_dst`,
  },
  {
    group: 'dma',
    counted: true,
    weight: 0.5,
    names: `
      dma_unmap_sg dma_map_sg sg_dma_address sg_dma_len dmaengine_prep_slave_sg
      dma_sync_sg_for_device dma_map_sgtable dma_unmap_sgtable dma_sync_sgtable_for_cpu
      dma_sync_sgtable_for_device dma_map_sg_attrs dma_unmap_sg_attrs dma_sync_sg_for_cpu
      pci_map_sg pci_unmap_sg`,
  },
  {
    group: 'req-set',
    counted: true,
    weight: 0.15,
    names: `
      skcipher_request_set_crypt ahash_request_set_crypt aead_request_set_crypt
      aead_request_set_ad akcipher_request_set_crypt kpp_request_set_input
      kpp_request_set_output acomp_request_set_params ahash_request_set_virt
      acomp_request_set_src_dma acomp_request_set_dst_dma acomp_request_set_src_nondma
      acomp_request_set_dst_nondma acomp_request_set_src_folio acomp_request_set_dst_folio`,
  },
  {
    group: 'req-cb',
    counted: false,
    weight: 0,
    names: `
      skcipher_request_set_callback aead_request_set_callback ahash_request_set_callback
      skcipher_request_set_sync_tfm kpp_request_set_callback akcipher_request_set_callback
      acomp_request_set_callback`,
  },
  {
    group: 'req-alloc',
    counted: false,
    weight: 0,
    names: `
      skcipher_request_alloc ahash_request_alloc SYNC_SKCIPHER_REQUEST_ON_STACK
      aead_request_alloc kpp_request_alloc akcipher_request_alloc acomp_request_alloc
      HASH_REQUEST_ON_STACK ACOMP_REQUEST_ON_STACK ACOMP_REQUEST_CLONE
      ACOMP_FBREQ_ON_STACK HASH_FBREQ_ON_STACK AHASH_REQUEST_ON_STACK AHASH_FBREQ_ON_STACK`,
  },
  {
    group: 'req-exec',
    counted: false,
    weight: 0,
    names: `
      crypto_skcipher_encrypt crypto_skcipher_decrypt crypto_aead_encrypt
      crypto_aead_decrypt crypto_ahash_update crypto_ahash_init crypto_ahash_digest
      crypto_ahash_final crypto_ahash_finup crypto_kpp_generate_public_key
      crypto_kpp_compute_shared_secret crypto_akcipher_encrypt crypto_akcipher_decrypt
      crypto_acomp_decompress crypto_acomp_compress crypto_akcipher_sign
      crypto_akcipher_verify`,
  },
  {
    group: 'wait',
    counted: false,
    weight: 0,
    names: `
      crypto_wait_req crypto_init_wait DECLARE_CRYPTO_WAIT crypto_req_done`,
  },
  {
    group: 'tfm-alloc',
    counted: false,
    weight: 0,
    names: `
      crypto_alloc_shash crypto_alloc_skcipher crypto_alloc_aead crypto_alloc_ahash
      crypto_alloc_sync_skcipher crypto_alloc_cipher crypto_alloc_kpp
      crypto_alloc_akcipher crypto_alloc_rng crypto_alloc_comp crypto_alloc_acomp
      crypto_alloc_acomp_node crypto_alloc_sync_aead crypto_alloc_sig
      crypto_alloc_lskcipher`,
  },
  {
    group: 'register',
    counted: false,
    weight: 0,
    names: `
      crypto_register_shash crypto_register_skcipher crypto_register_alg
      crypto_register_ahash crypto_register_skciphers crypto_register_shashes
      crypto_register_aead crypto_register_template skcipher_register_instance
      crypto_register_kpp aead_register_instance simd_register_skciphers_compat
      crypto_register_akcipher crypto_register_scomp crypto_register_aeads
      crypto_register_templates crypto_register_instance crypto_register_rng
      shash_register_instance crypto_register_algs simd_skcipher_create_compat
      crypto_register_acomp crypto_register_rngs simd_register_aeads_compat
      crypto_register_ahashes crypto_register_scomps ahash_register_instance
      akcipher_register_instance simd_aead_create_compat crypto_register_acomps
      crypto_engine_register_skcipher crypto_engine_register_skciphers
      crypto_engine_register_aead crypto_engine_register_aeads
      crypto_engine_register_ahash crypto_engine_register_akcipher
      crypto_engine_register_kpp crypto_engine_register_ahashes crypto_register_sig
      crypto_register_ahashs crypto_register_shashs crypto_register_akciphers
      crypto_register_kpps crypto_engine_register_ahashs crypto_engine_register_akciphers
      crypto_engine_register_kpps`,
  },
  {
    group: 'krb5-sg',
    counted: true,
    weight: 0.3,
    names: `
      crypto_krb5_encrypt crypto_krb5_decrypt crypto_krb5_get_mic crypto_krb5_verify_mic
      xdr_buf_to_sg xdr_buf_to_sg_alloc`,
  },
  {
    group: 'macro-walk',
    counted: true,
    weight: 0,
    names: `
      ECB_WALK_START ECB_WALK_END CBC_WALK_START CBC_WALK_END`,
  },
];

/** Names outside the 252: recorded, never counted as sites. */
export const EXTRA_GROUPS: readonly CatalogueGroup[] = [
  {
    group: 'extra-sg',
    counted: false,
    weight: 0,
    names: `
      for_each_sgtable_dma_page __sg_page_iter_dma_next sg_dma_mark_bus_address
      sg_dma_unmark_bus_address sg_is_dma_bus_address sg_dma_is_bus_address sg_dma_is_swiotlb
      sg_dma_mark_swiotlb sg_nents_for_dma dma_get_sgtable dma_get_sgtable_attrs`,
  },
  {
    group: 'extra-request',
    counted: false,
    weight: 0,
    names: `
      acomp_request_set_src_sg acomp_request_set_dst_sg acomp_walk_more_src
      aead_request_set_sync_tfm crypto_hash_digest`,
  },
  {
    group: 'extra-register',
    counted: false,
    weight: 0,
    names: `
      crypto_register_lskcipher crypto_register_lskciphers lskcipher_register_instance
      sig_register_instance`,
  },
  {
    group: 'extra-library',
    counted: false,
    weight: 0,
    names: `
      chacha20poly1305_encrypt_sg_inplace chacha20poly1305_decrypt_sg_inplace`,
  },
  {
    group: 'extra-external',
    counted: false,
    weight: 0,
    names: `
      virtqueue_add_sgs xdr_process_buf sk_msg_elem sk_msg_alloc sk_msg_clone sk_msg_trim
      sk_msg_free sk_msg_init sk_msg_page_add sk_msg_full sk_msg_sg_copy_set
      sk_msg_sg_copy_clear sk_msg_iter_next sk_msg_iter_dist sk_msg_memcopy_from_iter
      sk_msg_zerocopy_from_iter sk_msg_return_zero sk_msg_free_partial sk_msg_free_nocharge`,
  },
  {
    group: 'extra-queue',
    counted: false,
    weight: 0,
    names: `
      crypto_enqueue_request crypto_enqueue_request_head ahash_enqueue_request
      aead_enqueue_request skcipher_enqueue_request crypto_dequeue_request
      crypto_get_backlog crypto_transfer_skcipher_request_to_engine
      crypto_transfer_aead_request_to_engine crypto_transfer_hash_request_to_engine
      crypto_transfer_akcipher_request_to_engine crypto_transfer_kpp_request_to_engine`,
  },
  {
    group: 'extra-complete',
    counted: false,
    weight: 0,
    names: `
      skcipher_request_complete aead_request_complete ahash_request_complete
      akcipher_request_complete kpp_request_complete acomp_request_complete
      crypto_request_complete crypto_finalize_skcipher_request crypto_finalize_aead_request
      crypto_finalize_hash_request crypto_finalize_akcipher_request
      crypto_finalize_kpp_request`,
  },
  {
    group: 'extra-wait',
    counted: false,
    weight: 0,
    names: `
      wait_for_completion wait_for_completion_io wait_for_completion_interruptible
      wait_for_completion_killable wait_for_completion_timeout`,
  },
  {
    group: 'extra-hazard',
    counted: false,
    weight: 0,
    names: `
      put_page skb_page_unref __free_page __free_pages free_page unpin_user_page
      vmalloc_to_page is_vmalloc_addr`,
  },
  {
    group: 'extra-plain',
    counted: false,
    weight: 0,
    names: `
      bvec_set_virt bvec_set_page bvec_set_folio iov_iter_bvec iov_iter_kvec iov_iter_folio_queue
      iov_iter_advance iov_iter_revert iov_iter_truncate iov_iter_extract_pages
      iov_iter_extract_bvecs iterate_and_advance iterate_and_advance_kernel copy_to_iter
      copy_from_iter copy_from_iter_full crypto_shash_init crypto_shash_update crypto_shash_final
      crypto_shash_finup crypto_shash_digest crypto_shash_tfm_digest md5 md5_init md5_update
      md5_final hmac_md5 hmac_md5_usingrawkey hmac_md5_init hmac_md5_init_usingrawkey
      hmac_md5_update hmac_md5_final sha1 sha1_init sha1_update sha1_final hmac_sha1
      hmac_sha1_usingrawkey hmac_sha1_init hmac_sha1_init_usingrawkey hmac_sha1_update
      hmac_sha1_final sha224 sha224_init sha224_update sha224_final hmac_sha224
      hmac_sha224_usingrawkey hmac_sha224_init hmac_sha224_init_usingrawkey hmac_sha224_update
      hmac_sha224_final sha256 sha256_init sha256_update sha256_final hmac_sha256
      hmac_sha256_usingrawkey hmac_sha256_init hmac_sha256_init_usingrawkey hmac_sha256_update
      hmac_sha256_final sha384 sha384_init sha384_update sha384_final hmac_sha384
      hmac_sha384_usingrawkey hmac_sha384_init hmac_sha384_init_usingrawkey hmac_sha384_update
      hmac_sha384_final sha512 sha512_init sha512_update sha512_final hmac_sha512
      hmac_sha512_usingrawkey hmac_sha512_init hmac_sha512_init_usingrawkey hmac_sha512_update
      hmac_sha512_final sha3_224 sha3_256 sha3_384 sha3_512 sha3_update sha3_final blake2s
      blake2s_init blake2s_update blake2s_final blake2b blake2b_init blake2b_update blake2b_final
      sm3 sm3_init sm3_update sm3_final sha256_finup_2x aes_cmac aes_cmac_init aes_cmac_update
      aes_cmac_final aes_cbcmac_init aes_cbcmac_update aes_cbcmac_final ghash ghash_init
      ghash_update ghash_final polyval polyval_init polyval_update polyval_final poly1305_init
      poly1305_update poly1305_final aes_encrypt aes_decrypt aesgcm_encrypt aesgcm_decrypt
      aescfb_encrypt aescfb_decrypt des_encrypt des_decrypt des3_ede_encrypt des3_ede_decrypt
      arc4_crypt chacha20_crypt chacha20poly1305_encrypt chacha20poly1305_decrypt
      xchacha20poly1305_encrypt xchacha20poly1305_decrypt crc32c crc32_le skb_crc32c`,
  },
];

/** First release (6.1, 6.12, 7.2) whose headers have the name; absent means 6.1 or older. */
export const SINCE: Readonly<Record<string, string>> = {
  '6.12': `
    sg_set_folio extract_iter_to_sg crypto_alloc_sig crypto_alloc_lskcipher
    crypto_engine_register_skcipher crypto_engine_register_skciphers
    crypto_engine_register_aead crypto_engine_register_aeads
    crypto_engine_register_ahash crypto_engine_register_akcipher
    crypto_engine_register_kpp crypto_engine_register_ahashes xdr_buf_to_sg
    xdr_buf_to_sg_alloc`,
  '7.2': `
    memcpy_from_sglist memcpy_to_sglist memcpy_from_scatterwalk memcpy_to_scatterwalk
    scatterwalk_start_at_pos scatterwalk_done_src scatterwalk_done_dst scatterwalk_next
    scatterwalk_skip scatterwalk_get_sglist acomp_walk_virt acomp_walk_next_src
    acomp_walk_next_dst acomp_walk_done_src acomp_walk_done_dst ahash_request_set_virt
    acomp_request_set_src_dma acomp_request_set_dst_dma acomp_request_set_src_nondma
    acomp_request_set_dst_nondma acomp_request_set_src_folio acomp_request_set_dst_folio
    HASH_REQUEST_ON_STACK ACOMP_REQUEST_ON_STACK ACOMP_REQUEST_CLONE
    ACOMP_FBREQ_ON_STACK HASH_FBREQ_ON_STACK crypto_alloc_sync_aead crypto_register_sig
    crypto_krb5_encrypt crypto_krb5_decrypt crypto_krb5_get_mic crypto_krb5_verify_mic`,
};

/** Names that are gone in 7.2. They stay catalogued: older trees are surveyed too. */
export const GONE_BY_7_2: string = `
    af_alg_make_sg scatterwalk_copychunks scatterwalk_done scatterwalk_pagedone
    scatterwalk_page scatterwalk_pagelen skcipher_walk_async skcipher_walk_complete
    crypto_akcipher_sign crypto_akcipher_verify crypto_alloc_comp
    simd_register_skciphers_compat simd_skcipher_create_compat`;

/** `struct` names whose use shows that a file touches lists (first three) or walks them. */
export const LIST_TYPES: readonly string[] = [
  'scatterlist',
  'sg_table',
  'scatter_walk',
  'sg_mapping_iter',
  'sg_page_iter',
  'skcipher_walk',
  'crypto_hash_walk',
  'acomp_walk',
];

/** Attribute macros without arguments: blanked before parsing (see `blank.ts`). */
export const ATTRIBUTE_WORDS: string = `
    __init __exit __initdata __initconst __exitdata __net_init __net_exit __net_initdata
    __cpuinit __ref __refdata __always_inline noinline noinline_for_stack asmlinkage notrace
    __maybe_unused __must_check __used __weak __pure __cold __hot __visible __deprecated
    __attribute_const__ __packed __read_mostly __ro_after_init ____cacheline_aligned
    ____cacheline_aligned_in_smp __cacheline_aligned CRYPTO_MINALIGN_ATTR __randomize_layout
    __latent_entropy __user __iomem __percpu __rcu __force __bitwise __nocast __sched __kprobes
    __lockfunc`;

/** Attribute macros that are blanked together with their argument list. */
export const ATTRIBUTE_CALLS: string = `
    __aligned __section __acquires __releases __must_hold __counted_by __printf __scanf __alias`;
